//! Traefik, Caddy, `HAProxy`, APISIX: the original request in `X-Forwarded-Method` and
//! `X-Forwarded-Uri`, 200 for who is let through, and refusals as they are.

use super::{Allowed, Question, answer, trust};
use crate::web::hot::{Answered, Asked};
use crate::web::problem::Problem;
use crate::web::wanted;

const METHOD: &str = "x-forwarded-method";
const TARGET: &str = "x-forwarded-uri";

/// `/auth/forward?project=…&scope=…`, by any method.
///
/// # Errors
/// The verdict that refuses; when it is no trusted proxy that asks, a parameter cannot be read, or
/// nothing can be decided.
pub fn ask(asked: &mut Asked<'_>) -> Result<Answered, Problem> {
    trust::require_proxy(asked)?;
    let wanted = wanted::read(asked.head.query)?;
    let question = Question::new(&wanted, asked.head.lines, METHOD, TARGET);
    answer(asked, &question, Allowed::Ok)
}
