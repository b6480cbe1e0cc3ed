//! The revision of a key and of an account: a hash of what can be changed about it.
//!
//! Nothing is kept for it. Whatever the edges show is part of it, except what changes by use or
//! by the clock alone.

use serde::Serialize;

use super::view::ManagerView;
use super::{Error, Result};
use crate::crypto::hash::sha256;
use crate::model::account::Account;
use crate::model::key::Key;
use crate::model::revision::{Expected, Revision};
use crate::model::text::hex;

/// Bytes of the hash that a tag shows: enough that no two states of one thing share a tag.
const TAG_BYTES: usize = 16;

/// The revision of a key.
pub fn of_key(key: &Key) -> Revision {
    let secrets: Vec<_> = key.secrets.iter().map(|secret| (secret.created_at, secret.ends_at)).collect();
    of(&(ManagerView::changeable(key), secrets))
}

/// The revision of an account.
pub fn of_account(account: &Account) -> Revision {
    of(&Account { quota_state: None, n_keys: 0, ..account.clone() })
}

/// Requires the state that was expected, if one was.
///
/// # Errors
/// [`Error::Changed`] when it is another.
pub(super) fn require(expected: Option<&Expected>, found: &Revision) -> Result<()> {
    if expected.is_none_or(|expected| expected.fits(found)) { Ok(()) } else { Err(Error::Changed) }
}

fn of(state: &impl Serialize) -> Revision {
    let hash = sha256(&serde_json::to_vec(state).unwrap_or_default());
    Revision::new(hex(hash.get(..TAG_BYTES).unwrap_or(&hash)))
}
