//! A change as one line: of a thing's own history, or among the newest of a project.

use jiff::Timestamp;

use super::{href, words};
use crate::model::audit::AuditEvent;
use crate::web::admin::when::When;

/// A line of a history.
pub(crate) struct Change {
    /// "Disabled", or "Disabled key" before the thing's name.
    pub(crate) done: String,
    /// The thing's name; empty in its own history.
    pub(crate) target: String,
    /// Where the thing can be looked at; empty where it has no page or is gone.
    pub(crate) target_href: String,
    /// Who did it.
    pub(crate) by: String,
    /// When.
    pub(crate) when: When,
}

impl Change {
    /// A line on the page of the thing itself.
    pub(crate) fn of_it(event: &AuditEvent, now: Timestamp) -> Self {
        Self {
            done: words::done_to_it(event),
            target: String::new(),
            target_href: String::new(),
            by: words::by(&event.actor),
            when: When::new(event.at, now),
        }
    }

    /// A line among others.
    pub(crate) fn new(event: &AuditEvent, now: Timestamp) -> Self {
        Self {
            done: words::done(event),
            target: event.target.name.clone(),
            target_href: href(event).unwrap_or_default(),
            ..Self::of_it(event, now)
        }
    }
}
