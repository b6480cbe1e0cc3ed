//! A verdict that refuses, as a problem; the words are `app::refusal`'s.

use super::problem::Problem;
use crate::app::refusal;
use crate::app::verify::Verdict;
use crate::model::code::Code;

/// The problem of a request whose credentials cannot even be read.
pub fn of_code(code: Code) -> Problem {
    Problem::new(code, refusal::detail_for_a_stranger(code))
}

/// The problem of a verdict that refuses.
pub fn of(verdict: Verdict) -> Problem {
    let mut problem = Problem::new(verdict.code, refusal::detail(&verdict));
    problem.retry_after_seconds = verdict.limits.retry_after_seconds();
    problem.fix = refusal::whom_to_ask(&verdict).map(Into::into);
    problem.missing_scopes = verdict.missing_scopes;
    problem
}
