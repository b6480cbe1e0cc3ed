//! Envoy's `ext_authz` over HTTP: the request itself, under the prefix of its project; 200 for who
//! is let through, and refusals as they are.
//!
//! Envoy appends the client's path and query to the prefix, so that nothing else may be read from
//! either. The path is taken as it arrived, before any router has decoded it. What the parser alone cuts
//! off is a fragment, and with one Envoy refuses a request itself.

use super::{Allowed, Question, answer, trust};
use crate::model::route::OriginalRequest;
use crate::web::hot::{Answered, Asked};
use crate::web::problem::Problem;
use crate::web::routes;

/// `/auth/envoy/{project}/{path}`, by any method.
///
/// # Errors
/// As [`super::forward::ask`].
pub fn ask(asked: &mut Asked<'_>) -> Result<Answered, Problem> {
    trust::require_proxy(asked)?;
    let (project, path) = routes::split_envoy(asked.head.path).ok_or_else(Problem::no_such_path)?;
    let original = OriginalRequest { method: asked.head.method, target: path.as_bytes() };
    let question = Question { project, scopes: &[], original: Some(original) };
    answer(asked, &question, Allowed::Ok)
}
