//! Traefik, Caddy, `HAProxy`, APISIX: the original request in `X-Forwarded-Method` and
//! `X-Forwarded-Uri`, 200 for who is let through, and refusals as they are.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::{Question, answer, trust};
use crate::web::context::Context;
use crate::web::problem::Problem;

const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const TARGET: HeaderName = HeaderName::from_static("x-forwarded-uri");

/// `/auth/forward?project=…&scope=…`, by any method.
///
/// # Errors
/// The verdict that refuses; when it is no trusted proxy that asks, a parameter cannot be read, or
/// nothing can be decided.
pub async fn ask(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    trust::require_proxy(&request, &context)?;
    answer(&request, &context, &Question::read(&request, &METHOD, &TARGET)?, StatusCode::OK)
}
