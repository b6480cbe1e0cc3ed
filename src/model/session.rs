//! A session: one person's signed-in browser.
//!
//! The cookie's value is random and only its hash is kept (`crypto::hash`). A session ends after
//! 30 minutes without a request, after 12 hours in any case, at sign-out, and when the user's
//! password changes or the user goes.

use jiff::{SignedDuration, Timestamp};

use super::user::{Role, UserId, UserName};

/// Ends a session that saw no request for this long.
pub const IDLE_MAX: SignedDuration = SignedDuration::from_mins(30);
/// Ends every session.
pub const AGE_MAX: SignedDuration = SignedDuration::from_hours(12);

/// A session and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The hash of the cookie's value.
    pub hash: [u8; 32],
    /// The user's number.
    pub user_id: UserId,
    /// The user's name.
    pub user_name: UserName,
    /// The user's role at the moment.
    pub role: Role,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When a request with it was last noted.
    pub last_seen_at: Timestamp,
}

impl Session {
    /// Whether the session still counts at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now.duration_since(self.last_seen_at) < IDLE_MAX && now.duration_since(self.created_at) < AGE_MAX
    }
}
