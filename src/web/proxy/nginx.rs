//! nginx: the original request in `X-Original-Method` and `X-Original-URI`, 204 for who is let
//! through, and refusals as 401 or 403.
//!
//! `auth_request` makes a 500 of every other status
//! (<https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>), so that the true one stands
//! in `X-Keysrv-Status`. What is keysrv's own fault stays what it is: a 500 lets nobody through.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::{Question, answer, trust};
use crate::model::code::Code;
use crate::web::context::Context;
use crate::web::problem::Problem;

const METHOD: HeaderName = HeaderName::from_static("x-original-method");
const TARGET: HeaderName = HeaderName::from_static("x-original-uri");

/// `/auth/nginx?project=…&scope=…`, by any method.
///
/// # Errors
/// As [`super::forward::ask`].
pub async fn ask(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let decide = || {
        trust::require_proxy(&request, &context)?;
        answer(&request, &context, &Question::read(&request, &METHOD, &TARGET)?, StatusCode::NO_CONTENT)
    };
    decide().map_err(in_two_statuses)
}

fn in_two_statuses(mut problem: Problem) -> Problem {
    problem.sent_as = match problem.code.status() {
        401 | 403 | 500.. => None,
        // Asks for other credentials, which is what helps.
        _ if problem.code == Code::AmbiguousCredentials => Some(StatusCode::UNAUTHORIZED),
        _ => Some(StatusCode::FORBIDDEN),
    };
    problem
}
