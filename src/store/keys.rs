//! Keys and their secrets at the boundary.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use ipnet::IpNet;
use jiff::Timestamp;

use super::Result;
use super::accounts::AccountSeq;
use super::projects::ProjectSeq;
use crate::model::account::Metadata;
use crate::model::key::{Key, KeyCounts, KeyFacts, KeyFilter, KeyId, NewKey, Note};
use crate::model::limit::Limits;
use crate::model::page::{Page, PageAfter};
use crate::model::principal::Actor;
use crate::model::project::Prefix;
use crate::model::scope::ScopeSet;

/// The engine's own number of a key; the order in which keys were made. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeySeq(pub i64);

/// All that one verification needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyRecord {
    /// Its number.
    pub seq: KeySeq,
    /// What the key is.
    pub facts: KeyFacts,
    /// Its secrets: live ones, and those that a rotation ended lately.
    pub secrets: Vec<StoredSecret>,
    /// What goes along with the record.
    pub beside: Beside,
    /// Which of its scopes are noted as asked for.
    pub asked: Beside,
    /// The record as an edge tells it.
    pub told: Beside,
    /// What the key was used since that was last written.
    pub used: Beside,
}

/// A place for what somebody above works out from a record once and needs for as long as the record is
/// current; no part of what the record says.
#[derive(Clone, Default)]
pub struct Beside(OnceLock<Arc<dyn Any + Send + Sync>>);

impl Beside {
    /// What was put here, if it is of this type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.get()?.downcast_ref()
    }

    /// The same to hold on to, also when the record goes.
    pub fn share<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        Arc::clone(self.0.get()?).downcast().ok()
    }

    /// Puts something here, unless somebody was quicker.
    pub fn put<T: Any + Send + Sync>(&self, value: T) {
        // Whoever was quicker put the same here.
        let _quicker = self.0.set(Arc::new(value));
    }
}

impl PartialEq for Beside {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Beside {}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beside")
    }
}

/// A secret as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// Its number within the key, 1 for the first.
    pub n: i64,
    /// SHA-256 of the whole token.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub ends_at: Option<Timestamp>,
}

impl StoredSecret {
    /// Whether a rotation has ended it.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|ends_at| ends_at <= now)
    }
}

/// A key that is about to be kept; everything is decided.
#[derive(Debug)]
pub struct KeyRow<'a> {
    /// Its public id.
    pub id: KeyId,
    /// What its token starts with.
    pub prefix: &'a Prefix,
    /// Its name, note, metadata and addresses.
    pub new: &'a NewKey,
    /// What it may do.
    pub scopes: &'a ScopeSet,
    /// Its account.
    pub account: Option<AccountSeq>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Who made it, and when.
    pub created_by: &'a Actor,
    /// When.
    pub created_at: Timestamp,
    /// The hash of its token, and that hash's algorithm.
    pub secret: ([u8; 32], &'static str),
    /// How often it may be used.
    pub limits: Limits,
}

/// Reading keys.
pub trait KeyReads {
    /// The project's key with this id.
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_key(&self, project: ProjectSeq, id: &KeyId) -> Result<Option<Key>>;

    /// The project's key with this name.
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_key_by_name(&self, project: ProjectSeq, name: &str) -> Result<Option<Key>>;

    /// Whether any project has a key with this id.
    ///
    /// # Errors
    /// When it cannot be read.
    fn has_key_id(&self, id: &KeyId) -> Result<bool>;

    /// The keys of the project that the filter lets through at `now`.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_keys(
        &self,
        project: ProjectSeq,
        filter: &KeyFilter,
        page: &PageAfter,
        now: Timestamp,
    ) -> Result<Page<Key>>;

    /// The ids of an account's keys, in the order in which they were made.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_account_key_ids(&self, account: AccountSeq) -> Result<Vec<KeyId>>;

    /// How many keys the project has.
    ///
    /// # Errors
    /// When they cannot be counted.
    fn count_keys(&self, project: ProjectSeq) -> Result<KeyCounts>;

    /// The records of every key of every project in the order of their numbers: at most `n` after
    /// `after`. For comparing two databases.
    ///
    /// # Errors
    /// When they cannot be read.
    fn scan_keys(&self, after: KeySeq, n: usize) -> Result<Vec<(KeySeq, VerifyRecord)>>;

    /// What one verification needs, as in [`super::Store::verify_record`].
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_verify_record(&self, id: &KeyId) -> Result<Option<VerifyRecord>>;
}

/// Changing keys.
pub trait KeyWrites {
    /// Adds a key with its first secret.
    ///
    /// # Errors
    /// [`super::StoreError::Taken`] when its name (`name`) is; another when its id is, which is random.
    fn insert_key(&mut self, project: ProjectSeq, row: &KeyRow<'_>) -> Result<()>;

    /// Switches a key on or off. Switching it on forgets why it was off.
    ///
    /// # Errors
    /// When it cannot be written.
    fn switch_key(&mut self, key: KeySeq, switch: &Switch<'_>) -> Result<()>;

    /// Replaces everything that may change about a key but its switch and its secrets.
    ///
    /// # Errors
    /// When it cannot be written.
    fn update_key(&mut self, key: KeySeq, update: &KeyUpdate<'_>) -> Result<()>;

    /// Takes a key with its secrets, scopes and counts away.
    ///
    /// # Errors
    /// When it cannot be written.
    fn delete_key(&mut self, key: KeySeq) -> Result<()>;
}

/// A key's switch.
#[derive(Debug, Clone, Copy)]
pub enum Switch<'a> {
    /// It works.
    On {
        /// From when on.
        at: Timestamp,
    },
    /// It does not.
    Off {
        /// Why.
        reason: Option<&'a Note>,
    },
}

/// What may change about a key, as it is from now on.
#[derive(Debug, Clone)]
pub struct KeyUpdate<'a> {
    /// What it may do.
    pub scopes: &'a ScopeSet,
    /// Its account.
    pub account: Option<AccountSeq>,
    /// A note for managers.
    pub note: Option<&'a Note>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Whatever the operator keeps with it.
    pub metadata: &'a Metadata,
    /// Where it may be used from; empty for anywhere.
    pub allowed_ips: &'a [IpNet],
}
