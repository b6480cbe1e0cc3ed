//! `/v1/scopes`: the catalogue of the project in which the caller's key acts.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::call::Call;
use super::json;
use super::query::Query;
use crate::app::App;
use crate::model::scope::{Preset, Resource};
use crate::web::context::Context;
use crate::web::problem::Problem;

#[derive(Serialize)]
struct ScopesAnswer {
    data: Vec<Resource>,
    presets: Vec<Preset>,
}

/// `GET /v1/scopes`, for any valid key. A catalogue is bounded, so that this is one page.
///
/// # Errors
/// The verdict that refuses.
pub async fn list(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by_any(&request, &context)?;
    Query::parse(request.query_string()).finish()?;
    let catalogue = call.run(App::get_catalogue).await?;
    json(&ScopesAnswer { data: catalogue.resources, presets: catalogue.presets })
}
