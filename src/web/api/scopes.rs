//! `/v1/scopes`: the catalogue of the project in which the caller's key acts.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::json;
use super::query::Query;
use crate::model::scope::{Preset, Resource};
use crate::web::auth::ApiKey;
use crate::web::blocking;
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
    let (who, project) = ApiKey::require_any(&request, &context)?.into_parts();
    Query::parse(request.query_string()).finish()?;
    let catalogue = blocking::run(&context, move |app| app.get_catalogue(&who, &project)).await?;
    json(&ScopesAnswer { data: catalogue.resources, presets: catalogue.presets })
}
