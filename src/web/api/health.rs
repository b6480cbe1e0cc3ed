//! `/healthz` and `/readyz`: whether the process answers, and whether it can serve.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;

use super::json;
use crate::app::App;
use crate::web::blocking;
use crate::web::context::Context;
use crate::web::problem::Problem;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process answers, whatever the database does.
///
/// # Errors
/// Never.
pub async fn alive() -> Result<HttpResponse, Problem> {
    json(&Health { status: "ok" })
}

/// `GET /readyz`: the database answers and takes changes.
///
/// # Errors
/// [`Code::Unavailable`](crate::model::code::Code::Unavailable) when it does not.
pub async fn ready(context: Data<Context>) -> Result<HttpResponse, Problem> {
    blocking::run(&context, App::require_ready).await?;
    json(&Health { status: "ready" })
}
