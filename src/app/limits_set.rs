//! Changing the limits that an account's keys share, and what the changes of limits have in common.
//!
//! A key's own limits change with the rest of it (`keys_set`).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::accounts::{require_account, target};
use super::audit::Entry;
use super::keys::{bound_account, find_project};
use super::permission::require;
use super::{App, Error, Permission, Result};
use crate::model::Invalid;
use crate::model::account::Account;
use crate::model::key::Key;
use crate::model::limit::{Limits, LimitsChange, Quota, QuotaState, WatchedCount, Zone};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::usage::Hour;
use crate::store::ReadTx;
use crate::store::accounts::AccountSeq;
use crate::store::limits::{LimitOwner, QuotaCount};

impl App {
    /// Changes the limits that an account's keys share, from the next request on.
    ///
    /// # Errors
    /// When there is no such account, `who` may not change it, or there is no quota to reset.
    pub fn set_account_limits(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &str,
        change: &LimitsChange,
    ) -> Result<Account> {
        require(who, Permission::WriteAccounts, project)?;
        // A key must not lift a limit that it is itself under.
        if bound_account(who).is_some() {
            return Err(Error::AccountBound(
                "a key that is bound to an account cannot change the account's limits".to_owned(),
            ));
        }
        self.flush_usage()?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let before = require_account(&*tx, who, seq, reference)?;
        let at = self.now();
        let limits = change.apply(&before.limits, at);
        if limits == before.limits {
            return Ok(Account { quota_state: account_quota(&*tx, &before, at)?, ..before });
        }
        let entry = Entry { who, at, project: Some(project) };
        let mut detail = Map::new();
        limit_differences(&before.limits, &limits, &mut |field, from, to| {
            if from != to {
                detail.insert(field.to_owned(), json!({ "from": from, "to": to }));
            }
        });
        if !detail.is_empty() {
            entry.append(&mut *tx, "account.changed", target(&before), Value::Object(detail))?;
        }
        if change.quota_reset {
            let owner = LimitOwner::Account(before.id.clone());
            let detail = reset_detail(&*tx, owner, &before.limits, &before.zone, at)?;
            entry.append(&mut *tx, "account.quota_reset", target(&before), detail)?;
        }
        tx.set_account_limits(AccountSeq(before.seq), &limits)?;
        let mut after = require_account(&*tx, who, seq, before.id.as_str())?;
        after.quota_state = account_quota(&*tx, &after, at)?;
        tx.commit()?;
        Ok(after)
    }

    /// What the watched limits of an account and of its keys would have refused, by hour, from `from`
    /// (included) to `to` (excluded).
    ///
    /// # Errors
    /// As [`App::get_account`].
    pub fn list_watched_of_account(
        &self,
        who: &Principal,
        project: &ProjectName,
        reference: &str,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<WatchedCount>> {
        let account = AccountSeq(self.get_account(who, project, reference)?.seq);
        Ok(self.read()?.list_watched_of_account(account, Hour::of(from), Hour::of(to))?)
    }
}

/// Tells `compare` each limit as it was and as it is.
pub(super) fn limit_differences(from: &Limits, to: &Limits, compare: &mut impl FnMut(&str, Value, Value)) {
    let quota = |limits: &Limits| limits.quota.map(|quota| quota.to_string());
    let rate = |limits: &Limits| limits.rate.map(|rate| rate.to_string());
    compare("rate_limit", json!(rate(from)), json!(rate(to)));
    compare("rate_mode", json!(from.rate_mode), json!(to.rate_mode));
    compare("quota", json!(quota(from)), json!(quota(to)));
    compare("quota_mode", json!(from.quota_mode), json!(to.quota_mode));
}

/// What the event of a reset says.
pub(super) fn reset_detail(
    tx: &dyn ReadTx,
    owner: LimitOwner,
    limits: &Limits,
    zone: &Zone,
    at: Timestamp,
) -> Result<Value> {
    match quota_state(tx, owner, limits, zone, at)? {
        Some(state) => Ok(json!({ "used": state.used })),
        None => Err(Invalid::new(Quota::FIELD, "", "cannot be reset: there is none").into()),
    }
}

/// What has been used of a key's quota.
pub(super) fn key_quota(tx: &dyn ReadTx, key: &Key, at: Timestamp) -> Result<Option<QuotaState>> {
    quota_state(tx, LimitOwner::Key(key.facts.id), &key.facts.limits, &key.facts.zone, at)
}

/// What has been used of an account's quota.
pub(super) fn account_quota(tx: &dyn ReadTx, account: &Account, at: Timestamp) -> Result<Option<QuotaState>> {
    quota_state(tx, LimitOwner::Account(account.id.clone()), &account.limits, &account.zone, at)
}

/// What has been used of a quota in the day or month of `at`; none without a quota.
pub(super) fn quota_state(
    tx: &dyn ReadTx,
    owner: LimitOwner,
    limits: &Limits,
    zone: &Zone,
    at: Timestamp,
) -> Result<Option<QuotaState>> {
    let Some(quota) = limits.quota else { return Ok(None) };
    let window = zone.window(quota.per(), at);
    let count = QuotaCount { owner, since: limits.quota_since, period: window.label };
    Ok(Some(QuotaState { used: tx.quota_used(&count)?, resets_at: window.ends_at }))
}
