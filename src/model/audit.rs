//! Audit events: who changed what, kept in the transaction of the change.
//!
//! Events are numbered without a gap and chained: each carries the hash of itself and the one
//! before (`crypto::chain`), so that a row changed or taken out afterwards shows in `check`.

use jiff::Timestamp;

pub use self::filter::AuditFilter;
use super::account::AccountId;
use super::principal::Actor;
use super::project::ProjectName;

mod filter;

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `key`, `account`, `project`, `scope`, `route`, `user`, `session` or `server`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// The account that it is or belongs to.
    pub account: Option<AccountId>,
}

impl Target {
    /// A target that belongs to no account.
    pub fn new(kind: &'static str, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, id: id.into(), name: name.into(), account: None }
    }

    /// The same, belonging to an account.
    #[must_use]
    pub fn of_account(self, account: Option<&AccountId>) -> Self {
        Self { account: account.cloned(), ..self }
    }
}

/// An event before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuditEvent {
    /// When.
    pub at: Timestamp,
    /// In which project; `None` for the server.
    pub project: Option<ProjectName>,
    /// Who.
    pub actor: Actor,
    /// What was done, `thing.verb`, such as `key.disabled`.
    pub action: &'static str,
    /// To what.
    pub target: Target,
    /// What changed, as a JSON object; never a secret.
    pub detail: serde_json::Value,
}

/// An event as it is kept and shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AuditEvent {
    /// Its number.
    pub n: i64,
    /// When.
    pub at: Timestamp,
    /// In which project; `None` for the server.
    pub project: Option<String>,
    /// Who.
    pub actor: Actor,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: AuditTarget,
    /// What changed, as a JSON object.
    pub detail: serde_json::Value,
    /// The account that the target is or belonged to; says who may read the event, and is no part
    /// of the chain, which is older.
    #[serde(skip)]
    pub account: Option<AccountId>,
    /// The chain's hash up to this event.
    #[serde(skip)]
    pub hash: [u8; 32],
}

/// What a kept event is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AuditTarget {
    /// As in [`Target`].
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name at that time.
    pub name: String,
}

impl AuditEvent {
    /// The bytes that the chain's hash covers besides the number and the hash before: every
    /// field with its length, so that no two different events have the same bytes.
    pub fn canonical(&self) -> Vec<u8> {
        let at = self.at.as_millisecond().to_string();
        let detail = self.detail.to_string();
        let fields = [
            at.as_str(),
            self.project.as_deref().unwrap_or_default(),
            self.actor.kind.as_str(),
            &self.actor.id,
            &self.actor.name,
            &self.action,
            &self.target.kind,
            &self.target.id,
            &self.target.name,
            &detail,
        ];
        let mut bytes = Vec::with_capacity(fields.iter().map(|field| field.len() + 8).sum());
        for field in fields {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field.as_bytes());
        }
        bytes
    }
}
