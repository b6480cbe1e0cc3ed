//! Sums of counts at the boundary: accepted and refused, by hour or day.

use super::Result;
use super::projects::ProjectSeq;
use super::usage::UsageOwner;
use crate::model::outcome::Outcome;
use crate::model::usage::UsageRange;

/// Reading sums of counts.
pub trait OutcomeReads {
    /// One owner's, oldest first, without steps in which nothing was counted.
    ///
    /// # Errors
    /// When they cannot be read.
    fn sum_outcomes(&self, owner: UsageOwner, range: &UsageRange) -> Result<Vec<Outcome>>;

    /// All keys' of a project together, also of those that are gone.
    ///
    /// # Errors
    /// When they cannot be read.
    fn sum_project(&self, project: ProjectSeq, range: &UsageRange) -> Result<Vec<Outcome>>;
}
