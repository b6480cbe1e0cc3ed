//! What may change about a key that exists.
//!
//! A field that is `None` stays as it is; one that may be empty has a second `Option` inside,
//! where `None` empties it. The name is not here: it never changes.

use ipnet::IpNet;
use jiff::Timestamp;

use super::{Invalid, LimitsChange, Metadata, Note, ScopeSet};

/// A change of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyChange {
    /// Its switch.
    pub enabled: Option<bool>,
    /// Why it is switched off, for the audit log.
    pub reason: Option<Note>,
    /// What it may do.
    pub scopes: Option<ScopesChange>,
    /// A note for managers.
    pub note: Option<Option<Note>>,
    /// From when on it is refused.
    pub expires_at: Option<Option<Timestamp>>,
    /// Who it is issued to: an account's id or external id.
    pub account: Option<Option<String>>,
    /// Whatever the operator keeps with it.
    pub metadata: Option<Metadata>,
    /// Where it may be used from; empty for anywhere.
    pub allowed_ips: Option<Vec<IpNet>>,
    /// How often it may be used.
    pub limits: LimitsChange,
}

/// How the scopes of a key change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopesChange {
    /// Exactly these.
    Replace(ScopeSet),
    /// Those that it has, with some and without others.
    Edit {
        /// It gets these.
        add: ScopeSet,
        /// It loses these.
        remove: ScopeSet,
    },
}

impl ScopesChange {
    /// The scopes after the change of a key that holds `held`.
    ///
    /// # Errors
    /// When they are more than [`ScopeSet::MAX`].
    pub fn apply(&self, held: &ScopeSet) -> Result<ScopeSet, Invalid> {
        match self {
            Self::Replace(scopes) => Ok(scopes.clone()),
            Self::Edit { add, remove } => {
                let kept = held.iter().chain(add).filter(|scope| !remove.contains(scope));
                ScopeSet::new(kept.cloned())
            }
        }
    }
}
