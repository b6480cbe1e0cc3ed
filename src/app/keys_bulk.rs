//! One change of several keys at once, as a person selects them in a table: all of it in one
//! transaction, with an event for each key.

use super::audit::Entry;
use super::keys::{bound_account, find_project, reason_detail, target};
use super::keys_set::switch;
use super::permission::{require, require_covers};
use super::{App, Error, Permission, Result};
use crate::model::Invalid;
use crate::model::key::{Key, KeyChange, KeyId, Note};
use crate::model::page::Limit;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::store::keys::KeySeq;
use crate::store::projects::ProjectSeq;
use crate::store::{ReadTx, WriteTx};

/// What becomes of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are switched on.
    Enabled,
    /// They are switched off.
    Disabled,
    /// They are gone for good.
    Deleted,
}

/// What became of the keys that were named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bulk {
    /// How many were changed.
    pub n_changed: usize,
    /// How many were so already.
    pub n_as_before: usize,
    /// How many were not there any more.
    pub n_gone: usize,
}

impl App {
    /// Those of these keys that are there, in the same order.
    ///
    /// # Errors
    /// When none or too many are named, or `who` may not change keys.
    pub fn get_keys(&self, who: &Principal, project: &ProjectName, ids: &[KeyId]) -> Result<Vec<Key>> {
        require(who, Permission::WriteKeys, project)?;
        require_some(ids)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let seq = find_project(&*tx, project)?;
        let found = ids.iter().map(|id| find(&*tx, who, seq, id));
        Ok(found.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Switches keys on or off, or deletes them. Keys that are gone or so already are passed over, without
    /// an event; when it has answered, no request with one that was ended succeeds.
    ///
    /// # Errors
    /// When none or too many are named, or `who` may not change one of them; then none is changed.
    pub fn change_keys(
        &self,
        who: &Principal,
        project: &ProjectName,
        ids: &[KeyId],
        (fate, reason): (Fate, Option<&Note>),
    ) -> Result<Bulk> {
        require(who, Permission::WriteKeys, project)?;
        require_some(ids)?;
        let mut tx = self.write()?;
        let seq = find_project(&*tx, project)?;
        let entry = Entry { who, at: self.now(), project: Some(project) };
        let mut bulk = Bulk::default();
        for id in ids {
            let Some(key) = find(&*tx, who, seq, id)? else {
                bulk.n_gone += 1;
                continue;
            };
            require_covers(who, &key.facts.scopes)?;
            if change(&mut *tx, &entry, &key, (fate, reason))? {
                bulk.n_changed += 1;
            } else {
                bulk.n_as_before += 1;
            }
        }
        tx.commit()?;
        Ok(bulk)
    }
}

fn require_some(ids: &[KeyId]) -> Result<()> {
    let max = usize::from(Limit::MAX);
    match ids.len() {
        0 => Err(Invalid::new("key", "", "names no key; select at least one").into()),
        n if n > max => Err(Error::InUse(format!("{n} keys are more than the {max} of one change"))),
        _ => Ok(()),
    }
}

fn find(tx: &dyn ReadTx, who: &Principal, project: ProjectSeq, id: &KeyId) -> Result<Option<Key>> {
    let is_visible = |key: &Key| {
        let account = key.facts.account.as_ref().map(|account| account.id.as_str());
        bound_account(who).is_none_or(|bound| account == Some(bound))
    };
    Ok(tx.find_key(project, id)?.filter(is_visible))
}

/// Whether it was not so before.
fn change(
    tx: &mut dyn WriteTx,
    entry: &Entry<'_>,
    key: &Key,
    (fate, reason): (Fate, Option<&Note>),
) -> Result<bool> {
    match fate {
        Fate::Enabled => switch(tx, entry, key, &KeyChange { enabled: Some(true), ..KeyChange::default() }),
        Fate::Disabled if !key.facts.enabled => Ok(false),
        Fate::Disabled => {
            let off = KeyChange { enabled: Some(false), reason: reason.cloned(), ..KeyChange::default() };
            switch(tx, entry, key, &off)
        }
        Fate::Deleted => {
            tx.delete_key(KeySeq(key.seq))?;
            entry.append(tx, "key.deleted", target(key), reason_detail(reason))?;
            Ok(true)
        }
    }
}
