//! Use cases for accounts.
//!
//! What stops or deletes keys together with an account also needs the right to do that to the
//! keys: `keys:write` and every scope of theirs.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::audit::Entry;
use super::keys::{bound_account, find_project, refuse_token_in_search, target as key_target};
use super::limits_set::{account_quota, limit_differences, note_limits, reset_detail};
use super::once::{Made, Once};
use super::permission::{require, require_covers};
use super::{App, Error, Permission, Result, revision};
use crate::crypto::random;
use crate::model::account::{Account, AccountChange, AccountFilter, AccountId, NewAccount};
use crate::model::audit::Target;
use crate::model::limit::LimitsChange;
use crate::model::page::{Page, PageAfter, PageRequest};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::revision::Expected;
use crate::store::accounts::{ACCOUNT_ORDER, AccountSeq};
use crate::store::keys::KeySeq;
use crate::store::limits::LimitOwner;
use crate::store::projects::ProjectSeq;
use crate::store::{ReadTx, StoreError, WriteTx};

const ID_CHARS: usize = 12;

impl App {
    /// The project's accounts that the filter lets through, newest first. A key that is bound to
    /// an account sees that one.
    ///
    /// # Errors
    /// When `who` may not see them, or the cursor is not one of this list.
    pub fn list_accounts(
        &self,
        who: &Principal,
        project: &ProjectName,
        filter: &AccountFilter,
        page: &PageRequest,
    ) -> Result<Page<Account>> {
        require(who, Permission::ReadAccounts, project)?;
        refuse_token_in_search(filter.q.as_deref())?;
        let page = PageAfter::new(page, ACCOUNT_ORDER)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let seq = find_project(&*tx, project)?;
        let mut filter = filter.clone();
        if let Some(bound) = bound_account(who) {
            filter.only = Some(AccountId::parse(bound)?);
        }
        let mut accounts = tx.list_accounts(seq, &filter, &page)?;
        for account in &mut accounts.items {
            account.quota_state = account_quota(&*tx, account, self.now())?;
        }
        Ok(accounts)
    }

    /// One account, by id or external id.
    ///
    /// # Errors
    /// When there is none, or `who` may not see it.
    pub fn get_account(&self, who: &Principal, project: &ProjectName, reference: &str) -> Result<Account> {
        require(who, Permission::ReadAccounts, project)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let seq = find_project(&*tx, project)?;
        let mut account = require_account(&*tx, who, seq, reference)?;
        account.quota_state = account_quota(&*tx, &account, self.now())?;
        Ok(account)
    }

    /// Creates an account.
    ///
    /// # Errors
    /// When its external id is taken, or `who` may not.
    pub fn create_account(
        &self,
        who: &Principal,
        project: &ProjectName,
        new: &NewAccount,
    ) -> Result<Account> {
        self.begin_account(who, project)?.create(who, project, new)
    }

    /// Creates an account, or finds the one that the same request made before.
    ///
    /// # Errors
    /// As [`App::create_account`]; when the account of that request was deleted since, and when its
    /// name stands for another request.
    pub fn create_account_once(
        &self,
        who: &Principal,
        project: &ProjectName,
        new: &NewAccount,
        once: &Once,
    ) -> Result<Made<Account, Account>> {
        let mut begun = self.begin_account(who, project)?;
        if let Some(id) = once.find(&*begun.tx, who, begun.at)? {
            let account = require_account(&*begun.tx, who, begun.project_seq, &id)?;
            begun.tx.commit()?;
            return Ok(Made::Before(account));
        }
        once.keep(&mut *begun.tx, who, begun.id.as_str(), begun.at)?;
        Ok(Made::Now(begun.create(who, project, new)?))
    }

    fn begin_account(&self, who: &Principal, project: &ProjectName) -> Result<NewAccountTx> {
        require(who, Permission::WriteAccounts, project)?;
        if bound_account(who).is_some() {
            return Err(Error::AccountBound(
                "a key that is bound to an account cannot create another".to_owned(),
            ));
        }
        let id = AccountId::parse(&format!("{}{}", AccountId::START, random::base62(ID_CHARS)?))?;
        let tx = self.write()?;
        let project_seq = find_project(&*tx, project)?;
        Ok(NewAccountTx { tx, project_seq, id, at: self.now() })
    }

    /// Lets an account's keys work again.
    ///
    /// # Errors
    /// When there is no such account, or `who` may not.
    pub fn enable_account(&self, who: &Principal, project: &ProjectName, reference: &str) -> Result<Account> {
        self.set_account(who, project, reference, &switched(true), None)
    }

    /// Stops all keys of an account at once.
    ///
    /// # Errors
    /// When there is no such account, or `who` may not.
    pub fn disable_account(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &str,
    ) -> Result<Account> {
        self.set_account(who, project, reference, &switched(false), None)
    }

    /// Changes an account; answers with what it is from now on. What is so already leaves no event.
    ///
    /// # Errors
    /// When there is no such account, its external id is taken, it is not in the state that was
    /// `expected`, or `who` may not.
    pub fn set_account(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &str,
        change: &AccountChange,
        expected: Option<&Expected>,
    ) -> Result<Account> {
        require(who, Permission::WriteAccounts, project)?;
        if change.limits.quota_reset {
            // The event says how much was used.
            self.flush_usage()?;
        }
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let before = require_account(&*tx, who, seq, reference)?;
        revision::require(expected, &revision::of_account(&before))?;
        let entry = Entry { who, at: self.now(), project: Some(project) };
        update(&mut *tx, &entry, &before, change)?;
        let mut after = require_account(&*tx, who, seq, before.id.as_str())?;
        after.quota_state = account_quota(&*tx, &after, entry.at)?;
        tx.commit()?;
        Ok(after)
    }

    /// Deletes an account with all its keys; answers with what it was. Each key's end is an event
    /// of its own.
    ///
    /// # Errors
    /// When there is no such account, it is not in the state that was `expected`, or `who` may not.
    pub fn delete_account(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &str,
        expected: Option<&Expected>,
    ) -> Result<Account> {
        require(who, Permission::WriteAccounts, project)?;
        let mut tx = self.store.write_alone()?;
        let seq = find_project(&*tx, project)?;
        let account = require_account(&*tx, who, seq, reference)?;
        revision::require(expected, &revision::of_account(&account))?;
        let entry = Entry { who, at: self.now(), project: Some(project) };
        require_covers_keys(&*tx, &entry, &account)?;
        delete_keys(&mut *tx, &entry, seq, &account)?;
        tx.delete_account(AccountSeq(account.seq))?;
        entry.append(&mut *tx, "account.deleted", target(&account), json!({ "keys": account.n_keys }))?;
        tx.commit()?;
        Ok(account)
    }
}

/// The creation of an account that has begun.
struct NewAccountTx {
    tx: Box<dyn WriteTx>,
    project_seq: ProjectSeq,
    id: AccountId,
    at: Timestamp,
}

impl NewAccountTx {
    fn create(mut self, who: &Principal, project: &ProjectName, new: &NewAccount) -> Result<Account> {
        let inserted = self.tx.insert_account(self.project_seq, &self.id, new, self.at);
        inserted.map_err(|error| external_id_taken(error, new))?;
        let mut account = require_account(&*self.tx, who, self.project_seq, self.id.as_str())?;
        account.limits = new.limits.apply(&account.limits, self.at);
        self.tx.set_account_limits(AccountSeq(account.seq), &account.limits)?;
        let mut account = require_account(&*self.tx, who, self.project_seq, self.id.as_str())?;
        account.quota_state = account_quota(&*self.tx, &account, self.at)?;
        let mut detail = json!({ "external_id": account.external_id });
        note_limits(&account.limits, &mut detail);
        let entry = Entry { who, at: self.at, project: Some(project) };
        entry.append(&mut *self.tx, "account.created", target(&account), detail)?;
        self.tx.commit()?;
        Ok(account)
    }
}

fn switched(enabled: bool) -> AccountChange {
    AccountChange { enabled: Some(enabled), ..AccountChange::default() }
}

/// Writes what is different; the switch is an event of its own. Answers whether anything was.
fn update(tx: &mut dyn WriteTx, entry: &Entry<'_>, before: &Account, change: &AccountChange) -> Result<()> {
    let after = changed(before, change);
    let limits = change.limits.apply(&before.limits, entry.at);
    let mut detail = differences(before, &after);
    limit_differences(&before.limits, &limits, &mut detail);
    let is_switched = before.enabled != after.enabled;
    if detail.is_empty() && !is_switched && !change.limits.quota_reset {
        return Ok(());
    }
    require_limits_free(entry.who, &change.limits)?;
    if is_switched {
        // Starting keys again is as much a change of them as stopping them.
        require_covers_keys(&*tx, entry, before)?;
    }
    let updated = tx.update_account(AccountSeq(before.seq), &after);
    updated.map_err(|error| external_id_taken(error, &after))?;
    tx.set_account_limits(AccountSeq(before.seq), &limits)?;
    if !detail.is_empty() {
        entry.append(tx, "account.changed", target(before), Value::Object(detail))?;
    }
    if is_switched {
        let action = if after.enabled { "account.enabled" } else { "account.disabled" };
        entry.append(tx, action, target(before), json!({ "keys": before.n_keys }))?;
    }
    if change.limits.quota_reset {
        let owner = LimitOwner::Account(before.id.clone());
        let detail = reset_detail(tx, owner, &before.limits, &before.zone, entry.at)?;
        entry.append(tx, "account.quota_reset", target(before), detail)?;
    }
    Ok(())
}

/// A key must not lift a limit that it is itself under.
fn require_limits_free(who: &Principal, change: &LimitsChange) -> Result<()> {
    if change.is_empty() || bound_account(who).is_none() {
        return Ok(());
    }
    Err(Error::AccountBound(
        "a key that is bound to an account cannot change the account's limits".to_owned(),
    ))
}

fn changed(before: &Account, change: &AccountChange) -> NewAccount {
    NewAccount {
        name: change.name.clone().unwrap_or_else(|| before.name.clone()),
        external_id: change.external_id.clone().unwrap_or_else(|| before.external_id.clone()),
        metadata: change.metadata.clone().unwrap_or_else(|| before.metadata.clone()),
        enabled: change.enabled.unwrap_or(before.enabled),
        limits: change.limits,
    }
}

fn differences(before: &Account, after: &NewAccount) -> Map<String, Value> {
    let fields = [
        ("name", json!(before.name), json!(after.name)),
        ("external_id", json!(before.external_id), json!(after.external_id)),
        ("metadata", json!(before.metadata), json!(after.metadata)),
    ];
    let different = fields.into_iter().filter(|(_, from, to)| from != to);
    different.map(|(field, from, to)| (field.to_owned(), json!({ "from": from, "to": to }))).collect()
}

fn delete_keys(
    tx: &mut dyn WriteTx,
    entry: &Entry<'_>,
    project: ProjectSeq,
    account: &Account,
) -> Result<()> {
    for id in tx.list_account_key_ids(AccountSeq(account.seq))? {
        let Some(key) = tx.find_key(project, &id)? else { continue };
        tx.delete_key(KeySeq(key.seq))?;
        entry.append(tx, "key.deleted", key_target(&key), json!({ "with_account": account.id }))?;
    }
    Ok(())
}

fn require_covers_keys(tx: &dyn ReadTx, entry: &Entry<'_>, account: &Account) -> Result<()> {
    let who = entry.who;
    if !matches!(who, Principal::Key(_)) || account.n_keys == 0 {
        return Ok(());
    }
    if let Some(project) = entry.project {
        require(who, Permission::WriteKeys, project)?;
    }
    for id in tx.list_account_key_ids(AccountSeq(account.seq))? {
        if let Some(record) = tx.find_verify_record(&id)? {
            require_covers(who, &record.facts.scopes)?;
        }
    }
    Ok(())
}

/// The account that an argument names, by id or external id.
pub(super) fn require_account(
    tx: &dyn ReadTx,
    who: &Principal,
    project: ProjectSeq,
    reference: &str,
) -> Result<Account> {
    let bound = bound_account(who);
    let is_visible = |account: &Account| bound.is_none_or(|bound| account.id.as_str() == bound);
    let found = tx.find_account(project, reference)?.filter(is_visible);
    found.ok_or_else(|| Error::no_such("account", reference))
}

fn external_id_taken(error: StoreError, new: &NewAccount) -> Error {
    match (error, &new.external_id) {
        (StoreError::Taken(field), Some(external_id)) => {
            let message =
                format!("there is an account with the external id `{}` already", external_id.as_str());
            Error::Taken { field, message }
        }
        (other, _) => other.into(),
    }
}

pub(super) fn target(account: &Account) -> Target {
    Target::new("account", account.id.as_str(), account.name.as_str()).of_account(Some(&account.id))
}
