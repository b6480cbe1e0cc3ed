//! Creating keys, one or many in one transaction.
//!
//! The tokens are in the answer and nowhere else: what is kept is their hashes.

use jiff::Timestamp;
use serde_json::json;

use super::accounts::require_account;
use super::audit::Entry;
use super::keys::{bound_account, find_project, live, require_key};
use super::limits_set::{key_quota, note_limits};
use super::once::{Made, Once};
use super::permission::{require, require_covers};
use super::{App, Error, Permission, Result};
use crate::crypto::hash::ALGORITHM;
use crate::crypto::token::Token;
use crate::model::Invalid;
use crate::model::account::Account;
use crate::model::audit::Target;
use crate::model::expiry::allowed_end;
use crate::model::key::{Key, KeyId, KeyName, KeyRef, NewKey};
use crate::model::limit::Limits;
use crate::model::principal::Principal;
use crate::model::project::{Prefix, ProjectName};
use crate::model::scope::ScopeSet;
use crate::store::accounts::AccountSeq;
use crate::store::keys::KeyRow;
use crate::store::projects::ProjectSeq;
use crate::store::{Progress, ReadTx, StoreError, WriteTx};

/// The most keys that one call creates.
pub const COUNT_MAX: u32 = 1_000_000;

/// A new key, or one with a new secret, and its token, which is shown once.
#[derive(Debug)]
pub struct CreatedKey {
    /// The key.
    pub key: Key,
    /// Its token.
    pub token: Token,
}

impl App {
    /// Creates a key.
    ///
    /// # Errors
    /// When the name is taken, a scope is not in the catalogue, there is no such account, or `who`
    /// may not grant what the key would get.
    pub fn create_key(&self, who: &Principal, project: &ProjectName, new: &NewKey) -> Result<CreatedKey> {
        let mut batch = self.begin_batch(self.begin_keys(who, project)?, who, project, new)?;
        let token = batch.insert(new)?;
        let mut key = batch.find(&token)?;
        key.quota_state = key_quota(&*batch.tx, &key, batch.entry.at)?;
        batch.tx.commit()?;
        Ok(CreatedKey { key, token })
    }

    /// Creates a key, or finds the one that the same request made before.
    ///
    /// # Errors
    /// As [`App::create_key`]; when the key of that request was deleted since, and when its name
    /// stands for another request.
    pub fn create_key_once(
        &self,
        who: &Principal,
        project: &ProjectName,
        new: &NewKey,
        once: &Once,
    ) -> Result<Made<CreatedKey, Key>> {
        let tx = self.begin_keys(who, project)?;
        if let Some(id) = once.find(&*tx, who, self.now())? {
            let key = self.made_before(&*tx, who, project, &id)?;
            tx.commit()?;
            return Ok(Made::Before(key));
        }
        let mut batch = self.begin_batch(tx, who, project, new)?;
        let token = batch.insert(new)?;
        let key = batch.find(&token)?;
        once.keep(&mut *batch.tx, who, key.facts.id.as_str(), batch.entry.at)?;
        batch.tx.commit()?;
        Ok(Made::Now(CreatedKey { key, token }))
    }

    /// Creates `count` keys named `NAME-1` to `NAME-count`, all or none, and hands each token to
    /// `take` once all of them are kept.
    ///
    /// # Errors
    /// As [`App::create_key`], and when `count` is not 1 to a million.
    pub fn create_keys(
        &self,
        who: &Principal,
        project: &ProjectName,
        new: &NewKey,
        count: u32,
        progress: Progress<'_>,
    ) -> Result<Vec<(KeyName, Token)>> {
        if !(1..=COUNT_MAX).contains(&count) {
            return Err(Invalid::new("count", &count.to_string(), "is not 1 to 1000000").into());
        }
        require(who, Permission::WriteKeys, project)?;
        let mut batch = self.begin_batch(self.store.write_alone()?, who, project, new)?;
        let mut tokens = Vec::with_capacity(count as usize);
        let mut one = new.clone();
        for n in 1..=count {
            one.name = KeyName::parse(&format!("{}-{n}", new.name))?;
            let token = batch.insert(&one)?;
            tokens.push((one.name.clone(), token));
            progress(u64::from(n), u64::from(count));
        }
        batch.tx.commit()?;
        Ok(tokens)
    }

    fn begin_keys(&self, who: &Principal, project: &ProjectName) -> Result<Box<dyn WriteTx>> {
        require(who, Permission::WriteKeys, project)?;
        self.write()
    }

    /// The key that a request made that was done once.
    pub(super) fn made_before(
        &self,
        tx: &dyn ReadTx,
        who: &Principal,
        project: &ProjectName,
        id: &str,
    ) -> Result<Key> {
        let project_seq = find_project(tx, project)?;
        Ok(live(require_key(tx, who, project_seq, &KeyRef::parse(id)?)?, self.now()))
    }

    fn begin_batch<'a>(
        &self,
        tx: Box<dyn WriteTx>,
        who: &'a Principal,
        project: &'a ProjectName,
        new: &NewKey,
    ) -> Result<Batch<'a>> {
        let project_seq = find_project(&*tx, project)?;
        let scopes = granted(&*tx, project_seq, new.scopes.as_ref())?;
        require_covers(who, &scopes)?;
        let at = self.now();
        let longest = tx.get_rules(project_seq)?.max_lifetime;
        let expires_at = allowed_end(new.expires_at, new.without_date, longest, at)?;
        let account = match new.account.as_deref().or(bound_account(who)) {
            Some(reference) => Some(require_account(&*tx, who, project_seq, reference)?),
            None => None,
        };
        let prefix = tx.get_prefix(project_seq)?;
        let entry = Entry { who, at, project: Some(project) };
        Ok(Batch { tx, entry, project_seq, prefix, scopes, account, expires_at })
    }
}

/// What all keys of one call share.
struct Batch<'a> {
    tx: Box<dyn WriteTx>,
    entry: Entry<'a>,
    project_seq: ProjectSeq,
    prefix: Prefix,
    scopes: ScopeSet,
    account: Option<Account>,
    expires_at: Option<Timestamp>,
}

impl Batch<'_> {
    /// Adds one key and its event.
    fn insert(&mut self, new: &NewKey) -> Result<Token> {
        // Nearly no name looks like an id: those need no search.
        if let Some(id) = KeyId::from_bytes(new.name.as_str().as_bytes())
            && self.tx.has_key_id(&id)?
        {
            return Err(Invalid::new("name", new.name.as_str(), "is the id of a key; choose another").into());
        }
        let token = Token::generate(&self.prefix)?;
        let created_by = self.entry.who.actor();
        let row = KeyRow {
            id: token.key_id(),
            prefix: &self.prefix,
            new,
            scopes: &self.scopes,
            account: self.account.as_ref().map(|account| AccountSeq(account.seq)),
            expires_at: self.expires_at,
            created_by: &created_by,
            created_at: self.entry.at,
            secret: (token.hash(), ALGORITHM),
            limits: new.limits.apply(&Limits::default(), self.entry.at),
        };
        self.tx.insert_key(self.project_seq, &row).map_err(|error| name_taken(error, new))?;
        let target = Target::new("key", row.id.as_str(), new.name.as_str());
        let target = target.of_account(self.account.as_ref().map(|account| &account.id));
        let mut detail = json!({ "scopes": self.scopes, "expires_at": self.expires_at });
        note_limits(&row.limits, &mut detail);
        self.entry.append(&mut *self.tx, "key.created", target, detail)?;
        Ok(token)
    }

    fn find(&self, token: &Token) -> Result<Key> {
        let key = self.tx.find_key(self.project_seq, &token.key_id())?;
        key.ok_or_else(|| Error::Internal("a key that was just made is not there".to_owned()))
    }
}

fn name_taken(error: StoreError, new: &NewKey) -> Error {
    match error {
        StoreError::Taken(field) => {
            let message =
                format!("there is a key named `{}` already; names are unique in a project", new.name);
            Error::Taken { field, message }
        }
        other => other.into(),
    }
}

/// The scopes that a new key gets: those named, all of which the catalogue must have, or its
/// defaults. The catalogue is not read whole for it, which would take as long as writing the key.
pub(super) fn granted(tx: &dyn ReadTx, project: ProjectSeq, named: Option<&ScopeSet>) -> Result<ScopeSet> {
    let Some(named) = named else { return Ok(tx.default_scopes(project)?) };
    for scope in named {
        if !tx.has_scope(project, scope)? {
            return Err(Invalid::new("scopes", scope.as_str(), "is not in the project's catalogue").into());
        }
    }
    Ok(named.clone())
}
