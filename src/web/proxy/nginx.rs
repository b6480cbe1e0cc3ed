//! nginx: the original request in `X-Original-Method` and `X-Original-URI`, 204 for who is let
//! through, and refusals as 401 or 403.
//!
//! `auth_request` makes a 500 of every other status
//! (<https://nginx.org/en/docs/http/ngx_http_auth_request_module.html>), so that the true one stands
//! in `X-Keysrv-Status`. What is keysrv's own fault stays what it is: a 500 lets nobody through.

use actix_web::http::StatusCode;

use super::{Allowed, Question, answer, trust};
use crate::model::code::Code;
use crate::web::hot::{Answered, Asked};
use crate::web::problem::Problem;
use crate::web::wanted;

const METHOD: &str = "x-original-method";
const TARGET: &str = "x-original-uri";

/// `/auth/nginx?project=…&scope=…`, by any method.
///
/// # Errors
/// As [`super::forward::ask`].
pub fn ask(asked: &mut Asked<'_>) -> Result<Answered, Problem> {
    decide(asked).map_err(in_two_statuses)
}

fn decide(asked: &mut Asked<'_>) -> Result<Answered, Problem> {
    trust::require_proxy(asked)?;
    let wanted = wanted::read(asked.head.query)?;
    let question = Question::new(&wanted, asked.head.lines, METHOD, TARGET);
    answer(asked, &question, Allowed::NoContent)
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
