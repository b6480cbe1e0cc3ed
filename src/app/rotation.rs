//! Rotation: a new secret for a key, and the end of the one before it.
//!
//! While both are live it is noted who presents which (`usage`), so that whoever rotates sees when
//! the old one can end. It ends at its time, at somebody's word, or by itself once it was quiet.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::audit::Entry;
use super::keys::{Change, live, require_key, target};
use super::keys_create::CreatedKey;
use super::once::{Made, Once};
use super::{App, Error, Result, revision};
use crate::crypto::hash::ALGORITHM;
use crate::crypto::token::Token;
use crate::model::key::{Key, KeyRef, Rotation};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::store::keys::KeySeq;
use crate::store::secrets::NewSecret;

/// How long the hash of an ended secret is kept, to tell its holder that it was rotated.
const ENDED_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// The most keys whose quiet secrets end in one go.
const QUIET_STEP: usize = 100;

impl App {
    /// Gives a key a new secret. The one before ends now, or as `rotation` says; of two live ones the
    /// older ends now in any case. A disabled key stays disabled.
    ///
    /// # Errors
    /// When there is none, it has expired, or the rotation breaks a rule.
    pub fn rotate_key(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        rotation: impl Into<Rotation>,
    ) -> Result<CreatedKey> {
        let rotation = rotation.into().checked()?;
        // What is known of the old secret's use is what was written.
        self.flush_usage()?;
        let change = self.change_key(who, project, key)?;
        rotate(who, project, change, rotation, self.forget_before())
    }

    /// Rotates a key, or finds the one that the same request rotated before.
    ///
    /// # Errors
    /// As [`App::rotate_key`], and when the name of the request stands for another one.
    pub fn rotate_key_once(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        rotation: impl Into<Rotation>,
        once: &Once,
    ) -> Result<Made<CreatedKey, Key>> {
        let rotation = rotation.into().checked()?;
        self.flush_usage()?;
        let mut change = self.begin_change(who, project, key)?;
        // Before the state that is expected: the first request changed it.
        if once.find(&*change.tx, who, change.at)?.is_some() {
            change.tx.commit()?;
            return Ok(Made::Before(change.key));
        }
        revision::require(key.expected(), &revision::of_key(&change.key))?;
        once.keep(&mut *change.tx, who, change.key.facts.id.as_str(), change.at)?;
        Ok(Made::Now(rotate(who, project, change, rotation, self.forget_before())?))
    }

    /// Since when hashes of ended secrets are kept.
    fn forget_before(&self) -> Timestamp {
        self.time.for_deletions().checked_sub(ENDED_KEPT).unwrap_or(Timestamp::MIN)
    }

    /// Ends the old secret of a key of which two are live.
    ///
    /// # Errors
    /// When there is no such key, or it has one live secret only.
    pub fn end_old_secret(&self, who: &Principal, project: &ProjectName, key: &KeyRef) -> Result<Key> {
        self.flush_usage()?;
        let change = self.change_key(who, project, key)?;
        let detail = was_to_end(&change.key);
        end_old(who, project, change, detail)
    }

    /// Ends the old secret of a key, or finds that the same request ended it before.
    ///
    /// # Errors
    /// As [`App::end_old_secret`], and when the name of the request stands for another one.
    pub fn end_old_secret_once(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        once: &Once,
    ) -> Result<Made<Key, Key>> {
        self.flush_usage()?;
        let mut change = self.begin_change(who, project, key)?;
        // Before the state that is expected, as for a rotation.
        if once.find(&*change.tx, who, change.at)?.is_some() {
            change.tx.commit()?;
            return Ok(Made::Before(live(change.key, change.at)));
        }
        revision::require(key.expected(), &revision::of_key(&change.key))?;
        once.keep(&mut *change.tx, who, change.key.facts.id.as_str(), change.at)?;
        let detail = was_to_end(&change.key);
        Ok(Made::Now(end_old(who, project, change, detail)?))
    }

    /// Ends the old secrets that were not seen for as long as their rotations said; answers with how
    /// many. A server does this all the time.
    ///
    /// # Errors
    /// When the database does not answer; what is not done then is done the next time.
    pub fn end_quiet_secrets(&self) -> Result<usize> {
        self.flush_usage()?;
        let who = Principal::server();
        let due = self.read()?.list_quiet(self.now(), QUIET_STEP)?;
        let mut n_ended = 0;
        for (project, id) in &due {
            let Some(change) = self.find_change(&who, project, &KeyRef::from(*id))? else { continue };
            // Asked again in the transaction: it may have been used, rotated or ended meanwhile.
            let Some(overlap) = change.key.overlap() else { continue };
            if overlap.old.quiet.is_none() || !overlap.is_safe_to_end(change.at) {
                continue;
            }
            let quiet_since = overlap.quiet_since();
            end_old(&who, project, change, json!({ "quiet_since": quiet_since }))?;
            n_ended += 1;
        }
        Ok(n_ended)
    }

    /// Begins to change a key that may be gone.
    pub(super) fn find_change(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
    ) -> Result<Option<Change>> {
        match self.change_key(who, project, key) {
            Ok(change) => Ok(Some(change)),
            Err(Error::NoSuch { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn rotate(
    who: &Principal,
    project: &ProjectName,
    change: Change,
    rotation: Rotation,
    forget_before: Timestamp,
) -> Result<CreatedKey> {
    let Change { mut tx, project_seq, key, at } = change;
    if key.facts.has_expired(at) {
        let name = key.facts.name.as_str();
        return Err(Error::InUse(format!("key `{name}` has expired; create a new one instead")));
    }
    let prefix = tx.get_prefix(project_seq)?;
    let token = Token::for_key(&prefix, key.facts.id)?;
    let ends_at = rotation.overlap.after(at);
    let (secret, quiet) = ((token.hash(), ALGORITHM), rotation.quiet);
    tx.replace_secret(KeySeq(key.seq), &NewSecret { prefix, secret, at, ends_at, quiet, forget_before })?;
    let entry = Entry { who, at, project: Some(project) };
    let mut detail = json!({ "old_secret_ends_at": ends_at });
    if let (Some(quiet), Some(detail)) = (quiet, detail.as_object_mut()) {
        detail.insert("or_when_quiet_for_seconds".to_owned(), quiet.duration().as_secs().into());
    }
    entry.append(&mut *tx, "key.rotated", target(&key), detail)?;
    let key = require_key(&*tx, who, project_seq, &KeyRef::from(key.facts.id))?;
    tx.commit()?;
    Ok(CreatedKey { key: live(key, at), token })
}

fn was_to_end(key: &Key) -> serde_json::Value {
    json!({ "was_to_end_at": key.overlap().and_then(|overlap| overlap.old.ends_at) })
}

fn end_old(who: &Principal, project: &ProjectName, change: Change, detail: serde_json::Value) -> Result<Key> {
    let Change { mut tx, project_seq, key, at } = change;
    if key.overlap().is_none() {
        let name = key.facts.name.as_str();
        return Err(Error::InUse(format!("key `{name}` has one live secret; no old one is there to end")));
    }
    tx.end_old_secrets(KeySeq(key.seq), at)?;
    let entry = Entry { who, at, project: Some(project) };
    entry.append(&mut *tx, "key.old_secret_ended", target(&key), detail)?;
    let key = require_key(&*tx, who, project_seq, &KeyRef::from(key.facts.id))?;
    tx.commit()?;
    Ok(live(key, at))
}
