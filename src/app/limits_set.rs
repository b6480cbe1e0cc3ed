//! What changes of limits have in common, and what was used and refused of them.
//!
//! Limits change with the rest of a key (`keys_set`) or an account (`accounts`).

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Result;
use crate::model::Invalid;
use crate::model::account::Account;
use crate::model::key::Key;
use crate::model::limit::{Limits, Quota, QuotaState, Zone};
use crate::store::ReadTx;
use crate::store::limits::{LimitOwner, QuotaCount};

/// Adds what is different between limits to an event's detail, as before and after.
pub(super) fn limit_differences(from: &Limits, to: &Limits, detail: &mut Map<String, Value>) {
    let quota = |limits: &Limits| json!(limits.quota.map(|quota| quota.to_string()));
    let rate = |limits: &Limits| json!(limits.rate.map(|rate| rate.to_string()));
    let fields = [
        ("rate_limit", rate(from), rate(to)),
        ("rate_mode", json!(from.rate_mode), json!(to.rate_mode)),
        ("quota", quota(from), quota(to)),
        ("quota_mode", json!(from.quota_mode), json!(to.quota_mode)),
        ("allowed_ips_mode", json!(from.ips_mode), json!(to.ips_mode)),
    ];
    for (field, from, to) in fields.into_iter().filter(|(_, from, to)| from != to) {
        detail.insert(field.to_owned(), json!({ "from": from, "to": to }));
    }
}

/// Adds limits to the detail of an event about something new.
pub(super) fn note_limits(limits: &Limits, detail: &mut Value) {
    let text = limits.to_text();
    if let (false, Some(detail)) = (text.is_empty(), detail.as_object_mut()) {
        detail.insert("limits".to_owned(), text.into());
    }
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
