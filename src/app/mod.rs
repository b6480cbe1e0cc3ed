//! The use cases: what a page, an API call and a shell command do, once.
//!
//! Every function that changes something takes the [`Principal`](crate::model::principal::Principal)
//! first, checks its permission, does slow work, opens one write transaction, makes the change and
//! its audit event together, and returns. Edges differ only in the words around that.
//!
//! Not here: words for people (`web`, `cli`), SQL (`store::sqlite`), and anything async.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::clock::Clock;
use crate::crypto::password::{Cost, Passwords};
use crate::store::lock::ServerLock;
use crate::store::{self, ReadTx, Store, WriteTx};

pub mod accounts;
pub mod audit;
pub mod backup;
pub mod backups;
mod checks;
mod chores;
pub mod clock;
mod error;
pub mod explain;
mod id_hash;
mod key_cache;
pub mod keys;
pub mod keys_bulk;
pub mod keys_create;
mod keys_set;
mod like;
pub mod limits;
mod limits_set;
pub mod line;
pub mod metrics;
pub mod narrow;
pub mod noted;
pub mod once;
mod outcomes;
pub mod overview;
mod permission;
pub mod presets;
pub mod projects;
pub mod proxy_config;
pub mod refusal;
pub mod restore;
pub mod revision;
mod rotation;
pub mod routes;
pub mod scopes;
pub mod sessions;
pub mod setup;
pub mod throttle;
mod unused;
pub mod usage;
pub mod usage_list;
pub mod users;
pub mod verify;
pub mod view;

pub use error::{Error, Result};
pub use key_cache::{CacheSize, Source};
pub use permission::{Permission, require};

use clock::Time;
use key_cache::KeyCache;
use limits::Meters;
use line::Line;
use metrics::Metrics;
use noted::Noted;
use setup::SetupCode;
use throttle::Throttle;
use usage::Usage;
use usage_list::Folding;

/// An open database and everything that lives in memory beside it.
pub struct App {
    // In front of the store, since it is dropped first: what it has open is closed before the store's locks are.
    cache: KeyCache,
    store: Arc<dyn Store>,
    time: Time,
    passwords: Passwords,
    usage: Usage,
    noted: Noted,
    line: Line,
    folding: Mutex<Folding>,
    meters: Meters,
    metrics: Metrics,
    throttle: Throttle,
    setup: SetupCode,
    // Held while a backup that is kept is made or proven.
    backing_up: Mutex<backups::LastFailure>,
}

impl App {
    /// Opens the database of a data directory.
    ///
    /// # Errors
    /// As [`store::open`].
    pub fn open(data_dir: &Path, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::with_store(store::open(data_dir)?, clock, Cost::STANDARD)
    }

    /// Opens the database of a data directory as its one server, which keeps records of keys in so many
    /// bytes of memory.
    ///
    /// # Errors
    /// As [`store::open`].
    pub fn open_as_server(
        data_dir: &Path,
        lock: &ServerLock,
        clock: Arc<dyn Clock>,
        cache_bytes: usize,
    ) -> Result<Self> {
        let store = store::open_as_server(data_dir, lock)?;
        Self::with_cache(store, clock, Cost::STANDARD, CacheSize::Server { bytes: cache_bytes })
    }

    /// Uses a database that is open already; `cost` is what a password's hash costs.
    ///
    /// # Errors
    /// When the database cannot be read, or the cost is not one that argon2 allows.
    pub fn with_store(store: Arc<dyn Store>, clock: Arc<dyn Clock>, cost: Cost) -> Result<Self> {
        Self::with_cache(store, clock, cost, CacheSize::Small)
    }

    fn with_cache(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        cost: Cost,
        cache: CacheSize,
    ) -> Result<Self> {
        let time = Time::start(clock, &*store.read()?)?;
        let metrics = Metrics::new(time.now());
        Ok(Self {
            store,
            time,
            passwords: Passwords::new(cost)?,
            cache: KeyCache::new(cache),
            usage: Usage::default(),
            noted: Noted::default(),
            line: Line::default(),
            folding: Mutex::default(),
            meters: Meters::default(),
            metrics,
            throttle: Throttle::default(),
            setup: SetupCode::default(),
            backing_up: Mutex::default(),
        })
    }

    /// The time that the use cases go by; it never runs backwards.
    #[inline]
    pub fn now(&self) -> jiff::Timestamp {
        self.time.now()
    }

    /// Whether a commit failed in a way after which nothing may be acknowledged any more; a
    /// server stops then.
    pub fn has_failed(&self) -> bool {
        self.store.has_failed()
    }

    /// Whether the database answers, and is the file in its place: one that was removed answers still, and
    /// what is written to it is gone with the last who has it open.
    ///
    /// # Errors
    /// When it does not.
    pub fn require_ready(&self) -> Result<()> {
        if self.store.has_failed() {
            return Err(store::StoreError::Failed.into());
        }
        if !store::exists(self.store.folder()) {
            return Err(store::StoreError::Missing(self.store.folder().to_owned()).into());
        }
        self.store.read()?.schema_version()?;
        Ok(())
    }

    fn read(&self) -> Result<Box<dyn ReadTx>> {
        Ok(self.store.read()?)
    }

    fn write(&self) -> Result<Box<dyn WriteTx>> {
        Ok(self.store.write()?)
    }
}
