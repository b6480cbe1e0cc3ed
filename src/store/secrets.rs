//! The secrets of keys at the boundary: replacing one, and ending the one that was replaced.

use jiff::Timestamp;

use super::Result;
use super::keys::KeySeq;
use crate::model::expiry::Span;
use crate::model::key::KeyId;
use crate::model::project::{Prefix, ProjectName};

/// A new secret of a key that exists.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// What its token starts with.
    pub prefix: Prefix,
    /// The hash of its token, and that hash's algorithm.
    pub secret: ([u8; 32], &'static str),
    /// When it was made.
    pub at: Timestamp,
    /// When the secret before it ends.
    pub ends_at: Timestamp,
    /// The secret before it ends sooner once it was not seen for so long.
    pub quiet: Option<Span>,
    /// Secrets that ended before this are forgotten.
    pub forget_before: Timestamp,
}

/// Reading secrets.
pub trait SecretReads {
    /// The keys of every project whose old secret was not seen for as long as its rotation said, at
    /// most `n`. What is in memory does not count.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_quiet(&self, now: Timestamp, n: usize) -> Result<Vec<(ProjectName, KeyId)>>;
}

/// Changing secrets.
pub trait SecretWrites {
    /// Gives a key a new secret: those that are live end at `ends_at` if they do not end sooner,
    /// but of several live ones only the newest goes on until then, the others end at `at`.
    /// Secrets that ended before `forget_before` are forgotten.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace_secret(&mut self, key: KeySeq, new: &NewSecret) -> Result<()>;

    /// Ends every live secret but the newest at `at`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn end_old_secrets(&mut self, key: KeySeq, at: Timestamp) -> Result<()>;
}
