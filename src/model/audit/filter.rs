//! Which events of the audit log a list shows.

use jiff::Timestamp;

use crate::model::account::AccountId;
use crate::model::principal::ActorKind;
use crate::model::project::ProjectName;

/// Which events a list shows; `None` does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this project's.
    pub project: Option<ProjectName>,
    /// Only what this kind of principal did.
    pub actor_kind: Option<ActorKind>,
    /// Only what whoever has this id did, or had this name at that time.
    pub actor: Option<String>,
    /// Only this action, or with a trailing `.` every action of a thing.
    pub action: Option<String>,
    /// Only what was done to this account and its keys.
    pub account: Option<AccountId>,
    /// Only what was done to the thing with this id.
    pub target_id: Option<String>,
    /// Only what was done to whatever has this id, or had this name at that time; for a key also its
    /// visible start.
    pub target: Option<String>,
    /// Only events from then on.
    pub from: Option<Timestamp>,
    /// Only events before then.
    pub to: Option<Timestamp>,
}
