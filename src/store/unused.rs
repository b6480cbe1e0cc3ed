//! Keys that nobody uses, at the boundary: announcing that they will be disabled.
//!
//! An accepted request takes the announcement back, and so does switching the key.

use jiff::Timestamp;

use super::Result;
use super::keys::KeySeq;
use super::projects::ProjectSeq;
use crate::model::expiry::Span;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;

/// Which keys are announced, and for when.
#[derive(Debug, Clone, Copy)]
pub struct Announcement {
    /// Active keys that were not used, made or switched on for so long are to be disabled.
    pub after: Span,
    /// Those for which that is so at this instant are announced now.
    pub by: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// Reading what is announced.
pub trait UnusedReads {
    /// The projects that disable unused keys, and after how long.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_unused_rules(&self) -> Result<Vec<(ProjectSeq, ProjectName, Span)>>;

    /// The keys of a project whose announced time has come, at most `n`.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_unused_due(&self, project: ProjectSeq, now: Timestamp, n: usize) -> Result<Vec<KeyId>>;
}

/// Changing what is announced.
pub trait UnusedWrites {
    /// Announces at most `n` keys of a project, for `by`; answers with how many.
    ///
    /// # Errors
    /// When it cannot be written.
    fn announce_unused(
        &mut self,
        project: ProjectSeq,
        announcement: &Announcement,
        n: usize,
    ) -> Result<usize>;

    /// Takes the announcement of a key back.
    ///
    /// # Errors
    /// When it cannot be written.
    fn withdraw_unused(&mut self, key: KeySeq) -> Result<()>;

    /// Takes every announcement in a project back.
    ///
    /// # Errors
    /// When it cannot be written.
    fn withdraw_all_unused(&mut self, project: ProjectSeq) -> Result<()>;
}
