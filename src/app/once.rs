//! Doing a request once, however often it arrives.
//!
//! What was done is kept in the transaction that does it: after a crash either both are there or
//! neither, and of two requests at the same time the second finds what the first did. A token is
//! never kept, so that a repeated answer cannot show it again.

use jiff::{SignedDuration, Timestamp};

use super::{Error, Result};
use crate::crypto::hash::{Hash, sha256};
use crate::model::once::OnceName;
use crate::model::principal::Principal;
use crate::store::idempotency::DoneOnce;
use crate::store::{ReadTx, WriteTx};

/// How long a name stands for its request.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Of one caller the newest names are kept, this many.
const NAMES_MAX: u32 = 10_000;
/// Old names of everybody that go with each new one: more than come, so that they cannot pile up.
const FORGOTTEN_AT_ONCE: u32 = 100;

/// A request that is to be done once.
#[derive(Debug, Clone)]
pub struct Once {
    name: Hash,
    request: Hash,
}

/// What came of a request.
#[derive(Debug)]
pub enum Made<T, R> {
    /// It was done now.
    Now(T),
    /// It was done before; this is what came of it, as it is today.
    Before(R),
}

impl Once {
    /// The request whose bytes are these, under the name that its caller gave it.
    pub fn new(name: &OnceName, request: &[u8]) -> Self {
        Self { name: sha256(name.as_str().as_bytes()), request: sha256(request) }
    }

    /// The id of what came of it, if it was done before.
    ///
    /// # Errors
    /// [`Error::OtherRequest`] when its name stands for another request.
    pub(super) fn find(&self, tx: &dyn ReadTx, who: &Principal, now: Timestamp) -> Result<Option<String>> {
        let done = tx.find_done(&caller(who), &self.name)?;
        match done.filter(|done| kept_since(now) <= done.at) {
            Some(done) if done.request == self.request => Ok(Some(done.target_id)),
            Some(_) => Err(Error::OtherRequest),
            None => Ok(None),
        }
    }

    /// Keeps what came of it.
    pub(super) fn keep(
        &self,
        tx: &mut dyn WriteTx,
        who: &Principal,
        target_id: &str,
        now: Timestamp,
    ) -> Result<()> {
        let caller = caller(who);
        tx.forget_done(kept_since(now), FORGOTTEN_AT_ONCE, &caller, NAMES_MAX - 1)?;
        let done = DoneOnce { request: self.request, target_id: target_id.to_owned(), at: now };
        Ok(tx.insert_done(&caller, &self.name, &done)?)
    }
}

fn kept_since(now: Timestamp) -> Timestamp {
    now.checked_sub(KEPT).unwrap_or(Timestamp::MIN)
}

/// Names of two callers have nothing to do with each other.
fn caller(who: &Principal) -> String {
    let actor = who.actor();
    format!("{}:{}", actor.kind.as_str(), actor.id)
}
