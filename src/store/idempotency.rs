//! Requests that were done once, at the boundary.
//!
//! Kept are hashes and the id of what came of a request, never a token or what was sent.

use jiff::Timestamp;

use super::Result;

/// A request that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneOnce {
    /// The hash of the whole request.
    pub request: [u8; 32],
    /// The id of what came of it.
    pub target_id: String,
    /// When it was done.
    pub at: Timestamp,
}

/// Reading them.
pub trait IdempotencyReads {
    /// What `caller` did under the name with this hash.
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_done(&self, caller: &str, name: &[u8; 32]) -> Result<Option<DoneOnce>>;
}

/// Keeping and forgetting them.
pub trait IdempotencyWrites {
    /// Keeps that `caller` did this under the name with this hash; the same name from before goes.
    ///
    /// # Errors
    /// When it cannot be written.
    fn insert_done(&mut self, caller: &str, name: &[u8; 32], done: &DoneOnce) -> Result<()>;

    /// Forgets some of what was done before `before`, at most `n`, and of this caller all but the
    /// newest `keep`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn forget_done(&mut self, before: Timestamp, n: u32, caller: &str, keep: u32) -> Result<()>;
}
