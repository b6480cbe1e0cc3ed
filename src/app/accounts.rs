//! Use cases for accounts.
//!
//! What stops or deletes keys together with an account also needs the right to do that to the
//! keys: `keys:write` and every scope of theirs.

use serde_json::json;

use super::audit::Entry;
use super::keys::{bound_account, find_project, refuse_token_in_search, target as key_target};
use super::limits_set::account_quota;
use super::permission::{require, require_covers};
use super::{App, Error, Permission, Result};
use crate::crypto::random;
use crate::model::account::{Account, AccountFilter, AccountId, NewAccount};
use crate::model::audit::Target;
use crate::model::page::{Page, PageRequest};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::store::accounts::{ACCOUNT_ORDER, AccountSeq, PageAfter};
use crate::store::keys::KeySeq;
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
        require(who, Permission::WriteAccounts, project)?;
        if bound_account(who).is_some() {
            return Err(Error::AccountBound(
                "a key that is bound to an account cannot create another".to_owned(),
            ));
        }
        let id = AccountId::parse(&format!("{}{}", AccountId::START, random::base62(ID_CHARS)?))?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let at = self.now();
        tx.insert_account(seq, &id, new, at).map_err(|error| external_id_taken(error, new))?;
        let account = require_account(&*tx, who, seq, id.as_str())?;
        let detail = json!({ "external_id": account.external_id });
        let entry = Entry { who, at, project: Some(project) };
        entry.append(&mut *tx, "account.created", target(&account), detail)?;
        tx.commit()?;
        Ok(account)
    }

    /// Lets an account's keys work again.
    ///
    /// # Errors
    /// When there is no such account, or `who` may not.
    pub fn enable_account(&self, who: &Principal, project: &ProjectName, reference: &str) -> Result<Account> {
        self.switch_account(who, project, reference, Wanted::Enabled)
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
        self.switch_account(who, project, reference, Wanted::Disabled)
    }

    fn switch_account(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &str,
        wanted: Wanted,
    ) -> Result<Account> {
        require(who, Permission::WriteAccounts, project)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let mut account = require_account(&*tx, who, seq, reference)?;
        let (enabled, action) = match wanted {
            Wanted::Enabled => (true, "account.enabled"),
            Wanted::Disabled => (false, "account.disabled"),
        };
        if account.enabled == enabled {
            return Ok(account);
        }
        require_covers_keys(&*tx, who, project, &account)?;
        tx.set_account_enabled(AccountSeq(account.seq), enabled)?;
        let entry = Entry { who, at: self.now(), project: Some(project) };
        entry.append(&mut *tx, action, target(&account), json!({ "keys": account.n_keys }))?;
        tx.commit()?;
        account.enabled = enabled;
        Ok(account)
    }

    /// Deletes an account with all its keys; answers with what it was. Each key's end is an event
    /// of its own.
    ///
    /// # Errors
    /// When there is no such account, or `who` may not.
    pub fn delete_account(&self, who: &Principal, project: &ProjectName, reference: &str) -> Result<Account> {
        require(who, Permission::WriteAccounts, project)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let account = require_account(&*tx, who, seq, reference)?;
        require_covers_keys(&*tx, who, project, &account)?;
        let entry = Entry { who, at: self.now(), project: Some(project) };
        delete_keys(&mut *tx, &entry, seq, &account)?;
        tx.delete_account(AccountSeq(account.seq))?;
        entry.append(&mut *tx, "account.deleted", target(&account), json!({ "keys": account.n_keys }))?;
        tx.commit()?;
        Ok(account)
    }
}

#[derive(Clone, Copy)]
enum Wanted {
    Enabled,
    Disabled,
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

fn require_covers_keys(
    tx: &dyn ReadTx,
    who: &Principal,
    project: &ProjectName,
    account: &Account,
) -> Result<()> {
    if !matches!(who, Principal::Key(_)) || account.n_keys == 0 {
        return Ok(());
    }
    require(who, Permission::WriteKeys, project)?;
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
    Target { kind: "account", id: account.id.to_string(), name: account.name.as_str().to_owned() }
}
