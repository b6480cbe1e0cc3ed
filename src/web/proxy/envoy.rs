//! Envoy's `ext_authz` over HTTP: the request itself, under the prefix of its project; 200 for who
//! is let through, and refusals as they are.
//!
//! Envoy appends the client's path and query to the prefix, so that nothing else may be read from
//! either. The path is taken as it arrived, before any router has decoded it. What the parser alone cuts
//! off is a fragment, and with one Envoy refuses a request itself.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::{Question, answer, trust};
use crate::model::route::OriginalRequest;
use crate::web::context::Context;
use crate::web::problem::Problem;
use crate::web::routes;

/// `/auth/envoy/{project}/{path}`, by any method.
///
/// # Errors
/// As [`super::forward::ask`].
pub async fn ask(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    trust::require_proxy(&request, &context)?;
    let (project, path) = routes::split_envoy(request.uri().path()).ok_or_else(Problem::no_such_path)?;
    let original = OriginalRequest { method: request.method().as_str(), target: path.as_bytes() };
    let question = Question { project: Cow::Borrowed(project), scopes: Vec::new(), original: Some(original) };
    answer(&request, &context, &question, StatusCode::OK)
}
