//! The revision of a key and of an account: a hash of what can be changed about it.
//!
//! Nothing is kept for it. Whatever the edges show is part of it, except what changes by use or
//! by the clock alone.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::view::ManagerView;
use super::{Error, Result};
use crate::crypto::hash::sha256;
use crate::model::account::Account;
use crate::model::key::Key;
use crate::model::revision::{Expected, Revision};
use crate::model::text::hex;

/// Bytes of the hash that a tag shows: enough that no two states of one thing share a tag.
const TAG_BYTES: usize = 16;

/// Fields of a key that are no part of its revision.
const BY_USE: [&str; 8] = [
    "unused_off_at",
    "status",
    "last_used_at",
    "last_used_ip",
    "last_refused_at",
    "last_refused_code",
    "quota_usage",
    "secrets",
];

/// The revision of a key.
pub fn of_key(key: &Key) -> Revision {
    let mut state = serde_json::to_value(ManagerView::new(key, Timestamp::MIN)).unwrap_or_default();
    if let Value::Object(fields) = &mut state {
        fields.retain(|name, _| !BY_USE.contains(&name.as_str()));
    }
    let secrets: Vec<_> = key.secrets.iter().map(|secret| (secret.created_at, secret.ends_at)).collect();
    of(&json!([state, secrets]))
}

/// The revision of an account.
pub fn of_account(account: &Account) -> Revision {
    let account = Account { quota_state: None, n_keys: 0, ..account.clone() };
    of(&serde_json::to_value(account).unwrap_or_default())
}

/// Requires the state that was expected, if one was.
///
/// # Errors
/// [`Error::Changed`] when it is another.
pub(super) fn require(expected: Option<&Expected>, found: &Revision) -> Result<()> {
    if expected.is_none_or(|expected| expected.fits(found)) { Ok(()) } else { Err(Error::Changed) }
}

fn of(state: &Value) -> Revision {
    let hash = sha256(state.to_string().as_bytes());
    Revision::new(hex(hash.get(..TAG_BYTES).unwrap_or(&hash)))
}
