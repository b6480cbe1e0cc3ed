//! Traefik, Caddy, `HAProxy`, APISIX: the original request in `X-Forwarded-Method` and
//! `X-Forwarded-Uri`, 200 for who is let through, and refusals as they are.

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;

use super::{Question, answer, trust};
use crate::web::hot::Asked;
use crate::web::problem::Problem;
use crate::web::wanted;

const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const TARGET: HeaderName = HeaderName::from_static("x-forwarded-uri");

/// `/auth/forward?project=…&scope=…`, by any method.
///
/// # Errors
/// The verdict that refuses; when it is no trusted proxy that asks, a parameter cannot be read, or
/// nothing can be decided.
pub fn ask(asked: &mut Asked<'_>) -> Result<Response<BoxBody>, Problem> {
    trust::require_proxy(asked)?;
    let wanted = wanted::read(asked.query())?;
    let question = Question::new(&wanted, &asked.head.headers, &METHOD, &TARGET);
    answer(asked, &question, StatusCode::OK)
}
