//! Changing what may change about a key, in one step.
//!
//! All of a change is kept or none of it. What was asked for and is so already leaves no event; a
//! switch is an event of its own beside the rest, so that whoever looks for `key.disabled` finds it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::accounts::require_account;
use super::audit::Entry;
use super::keys::{Change, bound_account, reason_detail, require_key, target};
use super::keys_create::granted;
use super::limits_set::{key_quota, limit_differences, reset_detail};
use super::permission::require_covers;
use super::{App, Error, Result};
use crate::model::account::{Account, AccountId, Metadata};
use crate::model::expiry::{WithoutDate, allowed_end};
use crate::model::key::{Key, KeyChange, KeyFacts, KeyRef, Note};
use crate::model::limit::Limits;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::scope::ScopeSet;
use crate::store::WriteTx;
use crate::store::accounts::AccountSeq;
use crate::store::keys::{KeySeq, KeyUpdate, Switch};
use crate::store::limits::LimitOwner;

impl App {
    /// Changes a key; answers with what it is from now on.
    ///
    /// # Errors
    /// When there is none, a scope is not in the catalogue, there is no such account, the expiry is
    /// in the past, or `who` may not change it or grant what it would get.
    pub fn set_key(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        change: &KeyChange,
    ) -> Result<Key> {
        if change.limits.quota_reset {
            // The event says how much was used.
            self.flush_usage()?;
        }
        let begun = self.change_key(who, project, key)?;
        let plan = Plan::new(who, &begun, change)?;
        let Change { mut tx, project_seq, key: before, at } = begun;
        let entry = Entry { who, at, project: Some(project) };
        let is_changed = plan.write(&mut *tx, &entry, &before)?;
        let is_switched = switch(&mut *tx, &entry, &before, change)?;
        let is_reset = reset_quota(&mut *tx, &entry, &before, change)?;
        if !is_changed && !is_switched && !is_reset {
            let quota_state = key_quota(&*tx, &before, at)?;
            tx.commit()?;
            return Ok(Key { quota_state, ..before });
        }
        let mut after = require_key(&*tx, who, project_seq, &KeyRef::from(before.facts.id))?;
        after.quota_state = key_quota(&*tx, &after, at)?;
        tx.commit()?;
        Ok(super::keys::live(after, at))
    }
}

/// A key as it will be.
struct Plan {
    scopes: ScopeSet,
    account: Option<(AccountSeq, AccountId)>,
    note: Option<Note>,
    expires_at: Option<Timestamp>,
    metadata: Metadata,
    allowed_ips: Vec<ipnet::IpNet>,
    limits: Limits,
}

impl Plan {
    fn new(who: &Principal, begun: &Change, change: &KeyChange) -> Result<Self> {
        let (key, tx) = (&begun.key, &*begun.tx);
        let facts = &key.facts;
        let scopes = match &change.scopes {
            Some(scopes) => granted(tx, begun.project_seq, Some(&scopes.apply(&facts.scopes)?))?,
            None => facts.scopes.clone(),
        };
        require_covers(who, &scopes)?;
        let expires_at = change.expires_at.unwrap_or(facts.expires_at);
        if expires_at != facts.expires_at {
            let longest = tx.get_rules(begun.project_seq)?.max_lifetime;
            allowed_end(expires_at, WithoutDate::Never, longest, begun.at)?;
        }
        Ok(Self {
            scopes,
            account: account(who, begun, change)?.map(|account| (AccountSeq(account.seq), account.id)),
            note: change.note.clone().unwrap_or_else(|| key.note.clone()),
            expires_at,
            metadata: change.metadata.clone().unwrap_or_else(|| facts.metadata.clone()),
            allowed_ips: change.allowed_ips.clone().unwrap_or_else(|| facts.allowed_ips.clone()),
            limits: change.limits.apply(&facts.limits, begun.at),
        })
    }

    /// Writes what is different, with its event; answers whether anything was.
    fn write(&self, tx: &mut dyn WriteTx, entry: &Entry<'_>, before: &Key) -> Result<bool> {
        let detail = self.differences(before);
        if detail.is_empty() {
            return Ok(false);
        }
        let update = KeyUpdate {
            scopes: &self.scopes,
            account: self.account.as_ref().map(|(seq, _)| *seq),
            note: self.note.as_ref(),
            expires_at: self.expires_at,
            metadata: &self.metadata,
            allowed_ips: &self.allowed_ips,
        };
        tx.update_key(KeySeq(before.seq), &update)?;
        tx.set_key_limits(KeySeq(before.seq), &self.limits)?;
        entry.append(tx, "key.changed", target(before), Value::Object(detail))?;
        Ok(true)
    }

    /// What is different, for the event: scopes as what came and went, the rest as before and after.
    fn differences(&self, before: &Key) -> Map<String, Value> {
        let facts = &before.facts;
        let mut found = Map::new();
        let mut compare = |field: &str, from: Value, to: Value| {
            if from != to {
                found.insert(field.to_owned(), json!({ "from": from, "to": to }));
            }
        };
        compare("note", json!(before.note), json!(self.note));
        compare("expires_at", json!(facts.expires_at), json!(self.expires_at));
        compare("account_id", json!(account_id(facts)), json!(self.account.as_ref().map(|(_, id)| id)));
        compare("metadata", json!(facts.metadata), json!(self.metadata));
        compare("allowed_ips", json!(facts.allowed_ips), json!(self.allowed_ips));
        limit_differences(&facts.limits, &self.limits, &mut found);
        if facts.scopes != self.scopes {
            let added = facts.scopes.missing(&self.scopes);
            let removed = self.scopes.missing(&facts.scopes);
            found.insert("scopes".to_owned(), json!({ "added": added, "removed": removed }));
        }
        found
    }
}

fn account_id(facts: &KeyFacts) -> Option<&AccountId> {
    facts.account.as_ref().map(|account| &account.id)
}

/// The account that the key will have.
fn account(who: &Principal, begun: &Change, change: &KeyChange) -> Result<Option<Account>> {
    let held = account_id(&begun.key.facts).map(AccountId::as_str);
    let wanted = match &change.account {
        Some(account) => account.as_deref(),
        None => held,
    };
    match wanted {
        Some(reference) => require_account(&*begun.tx, who, begun.project_seq, reference).map(Some),
        None if held.is_some() && bound_account(who).is_some() => Err(Error::AccountBound(
            "a key that is bound to an account cannot release another from it".to_owned(),
        )),
        None => Ok(None),
    }
}

/// Switches the key; one that is off already may get another reason.
pub(super) fn switch(
    tx: &mut dyn WriteTx,
    entry: &Entry<'_>,
    before: &Key,
    change: &KeyChange,
) -> Result<bool> {
    let (reason, seq) = (change.reason.as_ref(), KeySeq(before.seq));
    let is_same = Some(before.facts.enabled) == change.enabled;
    let (action, detail) = match change.enabled {
        Some(true) if !is_same => {
            tx.switch_key(seq, &Switch::On { at: entry.at })?;
            ("key.enabled", json!({}))
        }
        Some(false) if !is_same || (reason.is_some() && reason != before.disabled_reason.as_ref()) => {
            tx.switch_key(seq, &Switch::Off { reason })?;
            ("key.disabled", reason_detail(reason))
        }
        _ => return Ok(false),
    };
    entry.append(tx, action, target(before), detail)?;
    Ok(true)
}

/// Starts the count of the key's quota anew; an event of its own, which says what had been used.
fn reset_quota(tx: &mut dyn WriteTx, entry: &Entry<'_>, before: &Key, change: &KeyChange) -> Result<bool> {
    if !change.limits.quota_reset {
        return Ok(false);
    }
    let facts = &before.facts;
    let owner = LimitOwner::Key(facts.id);
    let detail = reset_detail(tx, owner, &facts.limits, &facts.zone, entry.at)?;
    tx.set_key_limits(KeySeq(before.seq), &change.limits.apply(&facts.limits, entry.at))?;
    entry.append(tx, "key.quota_reset", target(before), detail)?;
    Ok(true)
}
