//! Use cases for keys that exist: see, switch, delete.
//!
//! Whoever asks through an API key manages only keys that it could be: it must hold every scope
//! of the key, and a key that is bound to an account sees only that account's.
//!
//! Not here: how a key is made (`keys_create`), changed (`keys_set`) or rotated (`rotation`), and how a token is verified (`verify`).

use jiff::Timestamp;
use serde_json::json;

use super::audit::Entry;
use super::limits_set::key_quota;
use super::permission::{require, require_covers};
use super::verify::VerifiedKey;
use super::{App, Error, Permission, Result, revision};
use crate::model::Invalid;
use crate::model::audit::Target;
use crate::model::key::{Key, KeyChange, KeyCounts, KeyFilter, KeyRef, Note};
use crate::model::limit::WatchedCount;
use crate::model::page::{Page, PageAfter, PageRequest};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::usage::Hour;
use crate::store::keys::{KeySeq, StoredSecret};
use crate::store::projects::ProjectSeq;
use crate::store::{ReadTx, WriteTx};

impl App {
    /// The project's keys that the filter lets through.
    ///
    /// # Errors
    /// When `who` may not see them, or the cursor is not one of this list.
    pub fn list_keys(
        &self,
        who: &Principal,
        project: &ProjectName,
        filter: &KeyFilter,
        page: &PageRequest,
    ) -> Result<Page<Key>> {
        require(who, Permission::ReadKeys, project)?;
        refuse_token_in_search(filter.q.as_deref())?;
        let page = PageAfter::new(page, filter.order.letter())?;
        self.flush_usage()?;
        let tx = self.read()?;
        let seq = find_project(&*tx, project)?;
        let mut filter = filter.clone();
        if let Some(account) = bound_account(who) {
            filter.account = Some(account.to_owned());
        }
        let (mut keys, now) = (tx.list_keys(seq, &filter, &page, self.now())?, self.now());
        for key in &mut keys.items {
            key.quota_state = key_quota(&*tx, key, now)?;
        }
        Ok(keys)
    }

    /// How many keys the project has.
    ///
    /// # Errors
    /// When `who` may not see them.
    pub fn count_keys(&self, who: &Principal, project: &ProjectName) -> Result<KeyCounts> {
        require(who, Permission::ReadKeys, project)?;
        self.flush_usage()?;
        let tx = self.read()?;
        Ok(tx.count_keys(find_project(&*tx, project)?)?)
    }

    /// One key.
    ///
    /// # Errors
    /// When there is none, or `who` may not see it.
    pub fn get_key(&self, who: &Principal, project: &ProjectName, key: &KeyRef) -> Result<Key> {
        require(who, Permission::ReadKeys, project)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let seq = find_project(&*tx, project)?;
        let mut key = live(require_key(&*tx, who, seq, key)?, self.now());
        key.quota_state = key_quota(&*tx, &key, self.now())?;
        Ok(key)
    }

    /// What a key's watched limits would have refused, by hour, from `from` (included) to `to`
    /// (excluded).
    ///
    /// # Errors
    /// As [`App::get_key`].
    pub fn list_watched(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<WatchedCount>> {
        let key = self.get_key(who, project, key)?;
        Ok(self.read()?.list_watched(KeySeq(key.seq), Hour::of(from), Hour::of(to))?)
    }

    /// Switches a key on. One that is on stays so, without an event.
    ///
    /// # Errors
    /// When there is none, or `who` may not change it.
    pub fn enable_key(&self, who: &Principal, project: &ProjectName, key: &KeyRef) -> Result<Key> {
        self.set_key(who, project, key, &KeyChange { enabled: Some(true), ..KeyChange::default() })
    }

    /// Switches a key off: no request with it succeeds once this has answered.
    ///
    /// # Errors
    /// When there is none, or `who` may not change it.
    pub fn disable_key(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        reason: Option<&Note>,
    ) -> Result<Key> {
        let reason = reason.cloned();
        self.set_key(who, project, key, &KeyChange { enabled: Some(false), reason, ..KeyChange::default() })
    }

    /// Deletes a key for good; answers with what it was.
    ///
    /// # Errors
    /// When there is none, or `who` may not change it.
    pub fn delete_key(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        reason: Option<&Note>,
    ) -> Result<Key> {
        let change = self.change_key(who, project, key)?;
        let (mut tx, key) = (change.tx, change.key);
        tx.delete_key(KeySeq(key.seq))?;
        let entry = Entry { who, at: change.at, project: Some(project) };
        entry.append(&mut *tx, "key.deleted", target(&key), reason_detail(reason))?;
        tx.commit()?;
        Ok(key)
    }

    /// Deletes a key on the word of who presents one of its live secrets: no scope is needed, since
    /// whoever finds a leaked key should be able to stop it.
    ///
    /// # Errors
    /// When the key is gone already, or that secret ended in the meantime.
    pub fn delete_presented(&self, presented: &VerifiedKey) -> Result<()> {
        let id = presented.record.facts.id;
        let gone = || Error::no_such("key", id.as_str());
        let mut tx = self.write()?;
        let at = self.now();
        let record = tx.find_verify_record(&id)?.ok_or_else(gone)?;
        let is_live = |secret: &&StoredSecret| secret.ends_at.is_none_or(|ends_at| ends_at > at);
        let hash = presented.secret().map(|secret| secret.hash);
        record.secrets.iter().filter(is_live).find(|secret| Some(secret.hash) == hash).ok_or_else(gone)?;
        let who = Principal::Key(presented.principal());
        let project_seq = find_project(&*tx, &record.facts.project)?;
        let key = tx.find_key(project_seq, &id)?.ok_or_else(gone)?;
        tx.delete_key(KeySeq(key.seq))?;
        let entry = Entry { who: &who, at, project: Some(&record.facts.project) };
        entry.append(&mut *tx, "key.deleted", target(&key), json!({ "by": "holder" }))?;
        tx.commit()?;
        Ok(())
    }

    /// Starts to change one key: everything that such a use case checks.
    pub(super) fn change_key(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &KeyRef,
    ) -> Result<Change> {
        let change = self.begin_change(who, project, reference)?;
        revision::require(reference.expected(), &revision::of_key(&change.key))?;
        Ok(change)
    }

    /// The same in whatever state the key is.
    pub(super) fn begin_change(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &KeyRef,
    ) -> Result<Change> {
        require(who, Permission::WriteKeys, project)?;
        let tx = self.write()?;
        let project_seq = find_project(&*tx, project)?;
        let key = require_key(&*tx, who, project_seq, reference)?;
        require_covers(who, &key.facts.scopes)?;
        let at = self.now();
        Ok(Change { tx, project_seq, key: live(key, at), at })
    }
}

/// A change of one key that has begun.
pub(super) struct Change {
    pub(super) tx: Box<dyn WriteTx>,
    pub(super) project_seq: ProjectSeq,
    pub(super) key: Key,
    pub(super) at: Timestamp,
}

/// The engine's number of a project, or that there is no such project.
pub(super) fn find_project(tx: &dyn ReadTx, project: &ProjectName) -> Result<ProjectSeq> {
    tx.find_project_seq(project)?.ok_or_else(|| Error::no_such("project", project.as_str()))
}

/// The key that an argument names: its id if a key has it, else its name.
pub(super) fn require_key(
    tx: &dyn ReadTx,
    who: &Principal,
    project: ProjectSeq,
    reference: &KeyRef,
) -> Result<Key> {
    let by_id = match reference.id() {
        Some(id) => tx.find_key(project, &id)?,
        None => None,
    };
    let found = match by_id {
        Some(key) => Some(key),
        None => tx.find_key_by_name(project, reference.as_str())?,
    };
    let account = bound_account(who);
    let is_visible = |key: &Key| {
        account.is_none_or(|bound| {
            key.facts.account.as_ref().is_some_and(|account| account.id.as_str() == bound)
        })
    };
    found.filter(is_visible).ok_or_else(|| Error::no_such("key", reference.as_str()))
}

/// The account that a key which asks is bound to.
pub(super) fn bound_account(who: &Principal) -> Option<&str> {
    match who {
        Principal::Key(key) => key.account.as_ref().map(super::super::model::account::AccountId::as_str),
        Principal::User(_) | Principal::Operator(_) | Principal::Stranger(_) => None,
    }
}

/// A search for a whole token would put it into an address and its history.
pub(super) fn refuse_token_in_search(q: Option<&str>) -> Result<()> {
    refuse_token("q", q)
}

/// Refuses what is looked for when a token stands in it.
pub(super) fn refuse_token(field: &'static str, text: Option<&str>) -> Result<()> {
    if text.is_some_and(crate::model::text::contains_token) {
        return Err(Invalid::token(field).into());
    }
    Ok(())
}

/// Leaves out the secrets that have ended, which are kept only to say so.
pub(super) fn live(mut key: Key, now: Timestamp) -> Key {
    key.secrets.retain(|secret| secret.ends_at.is_none_or(|ends_at| ends_at > now));
    key
}

/// The target of an event about a key.
pub(super) fn target(key: &Key) -> Target {
    let facts = &key.facts;
    let target = Target::new("key", facts.id.as_str(), facts.name.as_str());
    target.of_account(facts.account.as_ref().map(|account| &account.id))
}

/// What an event says about why.
pub(super) fn reason_detail(reason: Option<&Note>) -> serde_json::Value {
    reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }))
}
