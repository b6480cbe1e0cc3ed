//! Counts of use at the boundary; writing them is [`super::Store::write_usage`].

use super::Result;
use super::keys::KeySeq;
use crate::model::usage::{Hour, UsageCount};

/// Reading counts.
pub trait UsageReads {
    /// A key's counts by hour and verdict from `from` (included) to `to` (excluded), in order.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_usage(&self, key: KeySeq, from: Hour, to: Hour) -> Result<Vec<UsageCount>>;
}

/// Forgetting counts.
pub trait UsageWrites {
    /// Forgets the counts of hours before `before`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn delete_usage(&mut self, before: Hour) -> Result<()>;
}
