//! Since when a key is unused, as the questions before a change say it.

use jiff::{SignedDuration, Timestamp};

use crate::model::key::Key;
use crate::web::admin::when::When;

/// A key that was used within this time is in use: switching it off asks first.
const IN_USE: SignedDuration = SignedDuration::from_hours(24);

/// "It was last used 2 minutes ago, from 203.0.113.7."
pub(crate) fn used(key: &Key, now: Timestamp) -> String {
    let Some(at) = key.last_used_at else {
        return "It has never been used.".to_owned();
    };
    let relative = When::new(at, now).relative;
    match &key.last_used_ip {
        Some(ip) => format!("It was last used {relative}, from {ip}."),
        None => format!("It was last used {relative}."),
    }
}

/// Whether somebody would notice at once that the key stopped.
pub(crate) fn is_in_use(key: &Key, now: Timestamp) -> bool {
    key.last_used_at.is_some_and(|at| now.duration_since(at) < IN_USE)
}
