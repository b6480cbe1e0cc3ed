//! Sessions at the boundary; whether one still counts is the model's to say.

use jiff::Timestamp;

use super::Result;
use crate::model::session::Session;
use crate::model::user::UserId;

/// Reading sessions.
pub trait SessionReads {
    /// The session with this hash, and whose it is.
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_session(&self, hash: &[u8; 32]) -> Result<Option<Session>>;

    /// A user's sessions, newest first, also those that ended by their age.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_user_sessions(&self, user: UserId) -> Result<Vec<Session>>;
}

/// Changing sessions.
pub trait SessionWrites {
    /// Adds a session.
    ///
    /// # Errors
    /// When it cannot be written.
    fn insert_session(&mut self, hash: &[u8; 32], user: UserId, at: Timestamp) -> Result<()>;

    /// Notes that a session was used.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_session_seen(&mut self, hash: &[u8; 32], at: Timestamp) -> Result<()>;

    /// Ends one session; it need not exist.
    ///
    /// # Errors
    /// When it cannot be written.
    fn delete_session(&mut self, hash: &[u8; 32]) -> Result<()>;

    /// Ends all sessions of a user, but the newest `keep_newest`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn delete_user_sessions(&mut self, user: UserId, keep_newest: usize) -> Result<()>;

    /// Ends the sessions that were last seen before `seen_before`, or all with `None`.
    ///
    /// # Errors
    /// When it cannot be written.
    fn delete_sessions(&mut self, seen_before: Option<Timestamp>) -> Result<()>;
}
