//! A new key that is like another one.

use super::{App, Result};
use crate::model::account::AccountId;
use crate::model::expiry::WithoutDate;
use crate::model::key::{KeyName, KeyRef, NewKey};
use crate::model::limit::LimitsChange;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;

impl App {
    /// What to create to get a key like this one: the same scopes, account, note, metadata, addresses
    /// and limits. If the other one ends, this one lives as long as that was to live, from now on.
    /// Its switch, its secrets and its use stay behind.
    ///
    /// # Errors
    /// When there is no such key, or `who` may not see it.
    pub fn new_key_like(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        name: KeyName,
    ) -> Result<NewKey> {
        let key = self.get_key(who, project, key)?;
        let facts = key.facts;
        let lifetime = facts.expires_at.map(|at| at.duration_since(facts.created_at));
        let limits = facts.limits;
        Ok(NewKey {
            name,
            scopes: Some(facts.scopes),
            note: key.note,
            account: facts.account.as_ref().map(|account| AccountId::as_str(&account.id).to_owned()),
            expires_at: lifetime.and_then(|lifetime| self.now().checked_add(lifetime).ok()),
            without_date: WithoutDate::Longest,
            metadata: facts.metadata,
            allowed_ips: facts.allowed_ips,
            limits: LimitsChange {
                rate: Some(limits.rate),
                rate_mode: Some(limits.rate_mode),
                quota: Some(limits.quota),
                quota_mode: Some(limits.quota_mode),
                ips_mode: Some(limits.ips_mode),
                quota_reset: false,
            },
        })
    }
}
