//! Use cases for charts of requests: accepted and refused by hour or day, of a key, of several, of an
//! account, of a whole project.

use std::collections::HashMap;

use super::accounts::require_account;
use super::keys::{find_project, require_key};
use super::permission::require;
use super::{App, Permission, Result};
use crate::model::key::{Key, KeyId, KeyRef};
use crate::model::outcome::Outcomes;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::usage::UsageRange;
use crate::store::accounts::AccountSeq;
use crate::store::keys::KeySeq;
use crate::store::usage::UsageOwner;

impl App {
    /// A key's requests.
    ///
    /// # Errors
    /// When there is no such key, or `who` may not see it.
    pub fn key_outcomes(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        range: &UsageRange,
    ) -> Result<Outcomes> {
        require(who, Permission::ReadKeys, project)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let key = require_key(&*tx, who, find_project(&*tx, project)?, key)?;
        let counted = tx.sum_outcomes(UsageOwner::Key(KeySeq(key.seq)), range)?;
        Ok(Outcomes::new(range, &counted))
    }

    /// The requests of keys that were just listed, which `who` may see then.
    ///
    /// # Errors
    /// When they cannot be read, or `who` may not see keys.
    pub fn outcomes_of(
        &self,
        who: &Principal,
        project: &ProjectName,
        keys: &[Key],
        range: &UsageRange,
    ) -> Result<HashMap<KeyId, Outcomes>> {
        require(who, Permission::ReadKeys, project)?;
        let tx = self.read()?;
        let of = |key: &Key| {
            let counted = tx.sum_outcomes(UsageOwner::Key(KeySeq(key.seq)), range)?;
            Ok((key.facts.id, Outcomes::new(range, &counted)))
        };
        keys.iter().map(of).collect()
    }

    /// The requests of an account's keys together, also of those that are gone.
    ///
    /// # Errors
    /// When there is no such account, or `who` may not see it or keys.
    pub fn account_outcomes(
        &self,
        who: &Principal,
        project: &ProjectName,
        account: &str,
        range: &UsageRange,
    ) -> Result<Outcomes> {
        require(who, Permission::ReadAccounts, project)?;
        require(who, Permission::ReadKeys, project)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let account = require_account(&*tx, who, find_project(&*tx, project)?, account)?;
        let counted = tx.sum_outcomes(UsageOwner::Account(AccountSeq(account.seq)), range)?;
        Ok(Outcomes::new(range, &counted))
    }

    /// The requests of all keys of a project, also of those that are gone.
    ///
    /// # Errors
    /// When there is no such project, or `who` may not see all its keys.
    pub fn project_outcomes(
        &self,
        who: &Principal,
        project: &ProjectName,
        range: &UsageRange,
    ) -> Result<Outcomes> {
        require(who, Permission::ReadProject, project)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let counted = tx.sum_project(find_project(&*tx, project)?, range)?;
        Ok(Outcomes::new(range, &counted))
    }
}
