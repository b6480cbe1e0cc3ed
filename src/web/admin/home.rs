//! The start: leads to the keys of the project that was looked at last.

use super::answer::{Answer, PageResult};
use super::visit::Visit;
use crate::web::routes;

/// Leads to a project's keys.
pub(crate) fn home(visit: &Visit) -> PageResult {
    Ok(Answer::SeeOther(routes::keys(&visit.some_project()?)))
}
