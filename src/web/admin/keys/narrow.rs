//! Taking away scopes that nobody asked for in 90 days, and giving them back.

use jiff::Timestamp;

use super::back::{Back, Done};
use crate::app::Permission;
use crate::app::narrow::Asked;
use crate::model::key::KeyRef;
use crate::model::scope::{Scope, ScopeSet};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::When;

/// What a key was asked for, against what it may do.
pub(crate) struct NarrowWords {
    /// Scopes that were asked for.
    pub(crate) asked: Vec<String>,
    /// Scopes that were not.
    pub(crate) unasked: Vec<String>,
    /// Since when it is noted, where that is less than 90 days.
    pub(crate) since: Option<When>,
}

impl NarrowWords {
    /// What is known of a key at `now`.
    pub(crate) fn new(asked: &Asked, now: Timestamp) -> Self {
        let text = |scopes: &ScopeSet| scopes.iter().map(Scope::to_string).collect();
        Self {
            asked: text(&asked.asked),
            unasked: text(&asked.unasked),
            since: asked.since.map(|at| When::new(at, now)),
        }
    }
}

/// Narrows a key, or undoes that, and comes back to its page.
pub(crate) fn narrow(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project_for(Permission::WriteKeys)?, visit.key_id()?);
    let key = KeyRef::from(id);
    let done = if visit.query().get("undo") == "yes" {
        visit.app.widen_key(&visit.who(), &project, &key)?;
        Done::Widened
    } else {
        visit.app.narrow_key(&visit.who(), &project, &key)?;
        Done::Narrowed
    };
    Ok(Answer::SeeOther(Back::Key.after(&project, &id, done)))
}
