//! What the pages watch, at the boundary; writing it is [`super::Store::write_noted`].

use jiff::Timestamp;

use super::Result;
use super::keys::KeySeq;
use super::projects::ProjectSeq;
use crate::model::key::Key;
use crate::model::noted::{AskedScope, Looked, Refusal, StateCounts, StrangerCount};
use crate::model::outcome::Outcome;
use crate::model::scope::Scope;
use crate::model::usage::UsageRange;

/// Reading what is watched.
pub trait NotedReads {
    /// A key's newest refusals, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_refusals(&self, key: KeySeq) -> Result<Vec<Refusal>>;

    /// Which of a key's scopes were ever asked for.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_asked(&self, key: KeySeq) -> Result<Vec<AskedScope>>;

    /// Requests of strangers by hour or day, as refused ones.
    ///
    /// # Errors
    /// When they cannot be read.
    fn sum_strangers(&self, range: &UsageRange) -> Result<Vec<Outcome>>;

    /// Strangers by network and code, those of the busiest networks first, of `n` networks at most.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_strangers(&self, range: &UsageRange, n: usize) -> Result<Vec<StrangerCount>>;

    /// Keys whose old secret is live and was presented since an instant, ten at most.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_old_secrets(&self, project: ProjectSeq, since: Timestamp, now: Timestamp) -> Result<Vec<Key>>;

    /// How many keys are what; of those that have ended or whose account is off, ten thousand are counted.
    ///
    /// # Errors
    /// When they cannot be counted.
    fn count_states(&self, project: ProjectSeq, now: Timestamp) -> Result<StateCounts>;

    /// How many keys that work fit this.
    ///
    /// # Errors
    /// When they cannot be counted.
    fn count_look(&self, project: ProjectSeq, look: &Look, now: Timestamp) -> Result<Looked>;
}

/// A reason to look at keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// They were not accepted since an instant before which they were made.
    Unused(Timestamp),
    /// They end before an instant.
    Ending(Timestamp),
    /// They never end, and hold this scope.
    Endless(Scope),
}
