//! nginx: the original request in `X-Original-Method` and `X-Original-URI`, 204 for who is let
//! through, and refusals as 401 or 403.
//!
//! `auth_request` makes a 500 of every other status
//! (<https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>), so that the true one stands
//! in `X-Keysrv-Status`. What is keysrv's own fault stays what it is: a 500 lets nobody through.

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;

use super::{Question, answer, trust};
use crate::model::code::Code;
use crate::web::hot::Asked;
use crate::web::problem::Problem;
use crate::web::wanted;

const METHOD: HeaderName = HeaderName::from_static("x-original-method");
const TARGET: HeaderName = HeaderName::from_static("x-original-uri");

/// `/auth/nginx?project=…&scope=…`, by any method.
///
/// # Errors
/// As [`super::forward::ask`].
pub fn ask(asked: &mut Asked<'_>) -> Result<Response<BoxBody>, Problem> {
    decide(asked).map_err(in_two_statuses)
}

fn decide(asked: &mut Asked<'_>) -> Result<Response<BoxBody>, Problem> {
    trust::require_proxy(asked)?;
    let wanted = wanted::read(asked.query())?;
    let question = Question::new(&wanted, &asked.head.headers, &METHOD, &TARGET);
    answer(asked, &question, StatusCode::NO_CONTENT)
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
