//! The boundary to the database: what the use cases may ask, without a word about SQL.
//!
//! A [`ReadTx`] sees one consistent state; a [`WriteTx`] also changes it and is the only writer
//! while it lives. Dropping either keeps nothing; only [`WriteTx::commit`] does, and when it
//! answers, the change has reached the disk. No method reads the time or makes a random number,
//! and no driver type appears here, so that a second engine can stand behind the same traits.

use std::path::Path;
use std::sync::Arc;

use crate::model::key::KeyId;
use crate::model::noted::NotedBatch;
use crate::model::route::RouteTable;
use clock::ClockMarks;
use limits::QuotaCount;
use lock::ServerLock;
use projects::ProjectSeq;
use usage::{Settle, UsageBatch};

pub mod accounts;
pub mod audit;
pub mod check;
pub mod clock;
mod error;
pub mod files;
pub mod idempotency;
pub mod keys;
pub mod limits;
pub mod lock;
pub mod metrics;
pub mod noted;
pub mod outcomes;
pub mod projects;
pub mod routes;
pub mod scopes;
pub mod secrets;
pub mod sessions;
mod shared;
pub mod sqlite;
pub mod unused;
pub mod usage;
pub mod users;
pub mod watch;

pub use accounts::{AccountReads, AccountWrites};
pub use audit::{AuditReads, AuditWrites};
pub use check::Progress;
pub use clock::{ClockReads, ClockWrites};
pub use error::StoreError;
pub use idempotency::{IdempotencyReads, IdempotencyWrites};
pub use keys::{KeyReads, KeyWrites, VerifyRecord};
pub use limits::{LimitReads, LimitWrites};
pub use noted::NotedReads;
pub use outcomes::OutcomeReads;
pub use projects::{ProjectReads, ProjectWrites};
pub use routes::{RouteReads, RouteWrites};
pub use scopes::{ScopeReads, ScopeWrites};
pub use secrets::{SecretReads, SecretWrites};
pub use sessions::{SessionReads, SessionWrites};
pub use unused::{UnusedReads, UnusedWrites};
pub use usage::{UsageReads, UsageWrites};
pub use users::{UserReads, UserWrites};
pub use watch::Watch;

/// What every room's result is.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A database that is open.
pub trait Store: Send + Sync {
    /// Starts to read one consistent state.
    ///
    /// # Errors
    /// When no connection can be had.
    fn read(&self) -> Result<Box<dyn ReadTx>>;

    /// Starts to change; waits up to five seconds for another writer. Changes of this process that come
    /// at the same time share their commit: each sees what those before it did.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the other writer does not finish.
    fn write(&self) -> Result<Box<dyn WriteTx>>;

    /// The same for a change that takes long, so that no other waits for it to be acknowledged.
    ///
    /// # Errors
    /// As [`Store::write`].
    fn write_alone(&self) -> Result<Box<dyn WriteTx>>;

    /// Starts changes that this thread makes one after the other. They share their commit as those of
    /// [`Store::write`] do, and no thread waits for another in between.
    fn row(&self) -> Box<dyn Row + '_>;

    /// What one verification needs, as it is in the database now; `None` when there is no such key.
    /// It takes one indexed read.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn verify_record(&self, id: &KeyId) -> Result<Option<Arc<VerifyRecord>>>;

    /// Begins to read records of one state, which is no older than this; see [`Snapshot`].
    ///
    /// # Errors
    /// When no connection can be had.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>>;

    /// The route rules of a key's project as they are now. They are compiled anew only when they have
    /// changed.
    ///
    /// # Errors
    /// When the database cannot be read, or there is no such key.
    fn route_table(&self, key: &KeyId) -> Result<Arc<RouteTable>>;

    /// How many commits of this store were durable, each counted before it is acknowledged.
    fn commits(&self) -> u64;

    /// Starts to look at what is changed, by anybody.
    ///
    /// # Errors
    /// When the database cannot be opened once more.
    fn watch(&self) -> Result<Box<dyn Watch>>;

    /// A project's route rules as they are now, compiled anew only when they have changed.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn project_routes(&self, project: ProjectSeq) -> Result<Arc<RouteTable>>;

    /// Adds what gathered in memory to the counts, in one transaction that need not reach the
    /// disk before it answers, and remembers the newest time of them. Keys that are gone are passed over.
    ///
    /// # Errors
    /// When it could not be written; then nothing was.
    fn write_usage(&self, batch: &UsageBatch) -> Result<()>;

    /// Notes the same where it costs little, for [`Store::settle_usage`] to add to the counts. Nobody who
    /// reads counts sees it until then.
    ///
    /// # Errors
    /// When it could not be written; then nothing was.
    fn note_usage(&self, batch: &UsageBatch) -> Result<()>;

    /// Adds at most `n` of the counts that were noted to where they belong, in one transaction of the
    /// same kind; answers with how many it were, 0 when none is left.
    ///
    /// # Errors
    /// When it could not be written; then nothing was.
    fn settle_usage(&self, which: Settle, n: usize) -> Result<usize>;

    /// Moves what is remembered of the time forward, where it is older; as [`Store::write_usage`] it need
    /// not reach the disk.
    ///
    /// # Errors
    /// When it could not be written.
    fn write_clock(&self, marks: &ClockMarks) -> Result<()>;

    /// Adds what the pages watch, as [`Store::write_usage`] adds counts.
    ///
    /// # Errors
    /// When it could not be written; then nothing was.
    fn write_noted(&self, batch: &NotedBatch) -> Result<()>;

    /// How much of a quota has been used, as it is in the database now; 0 where nothing was counted.
    ///
    /// # Errors
    /// When it cannot be read.
    fn quota_used(&self, count: &QuotaCount) -> Result<u64>;

    /// Adds to what has been used of quotas, as [`Store::write_usage`] adds counts, and answers in the
    /// same order with what then has been used, by everybody; `None` for a count that is over.
    ///
    /// # Errors
    /// When it could not be written; then nothing was.
    fn write_quotas(&self, uses: &[(QuotaCount, i64)]) -> Result<Vec<Option<u64>>>;

    /// Writes a consistent copy of the database into a draft, as a single file.
    ///
    /// # Errors
    /// When it cannot be written.
    fn copy_into(&self, draft: &files::Draft, progress: Progress<'_>) -> Result<()>;

    /// The folder in which the database stands.
    fn folder(&self) -> &Path;

    /// Whether this path names a file that the database itself is made of, over which nothing else
    /// may be written.
    fn owns(&self, file: &Path) -> bool;

    /// Whether a commit failed, after which nothing may be acknowledged any more.
    fn has_failed(&self) -> bool;

    /// How much it holds and has done since it was opened.
    fn metrics(&self) -> metrics::StoreMetrics;

    /// The engine's name and version, for a report.
    fn engine(&self) -> String;
}

/// One state of all that verifications need, for several look-ups. While it is there the files beside the
/// database may grow, so that nobody keeps it for long.
pub trait Snapshot: Send {
    /// As [`Store::verify_record`], in this state.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn verify_record(&self, id: &KeyId) -> Result<Option<Arc<VerifyRecord>>>;
}

/// One consistent state of every room.
pub trait ReadTx:
    ProjectReads
    + RouteReads
    + ScopeReads
    + AccountReads
    + KeyReads
    + SecretReads
    + LimitReads
    + IdempotencyReads
    + UnusedReads
    + UsageReads
    + OutcomeReads
    + NotedReads
    + UserReads
    + SessionReads
    + AuditReads
    + ClockReads
{
    /// Looks whether the file is whole: the engine's own check, and what the schema cannot say.
    /// Answers with what is wrong, nothing when all is well.
    ///
    /// # Errors
    /// When it cannot even be read.
    fn find_damage(&self) -> Result<Vec<String>>;

    /// The number of the newest migration that the file has.
    ///
    /// # Errors
    /// When it cannot be read.
    fn schema_version(&self) -> Result<u32>;
}

/// The one writer.
pub trait WriteTx:
    ReadTx
    + ProjectWrites
    + RouteWrites
    + ScopeWrites
    + AccountWrites
    + KeyWrites
    + SecretWrites
    + LimitWrites
    + IdempotencyWrites
    + UnusedWrites
    + UsageWrites
    + UserWrites
    + SessionWrites
    + AuditWrites
    + ClockWrites
{
    /// Keeps the change; when it answers, the change has reached the disk. Whoever answers that all was so
    /// already calls it, too: what made it so may still be on its way there.
    ///
    /// # Errors
    /// When it could not be kept. Nothing is kept then, and the store takes no more changes.
    fn commit(self: Box<Self>) -> Result<()>;
}

/// Changes that one thread makes one after the other, each in a transaction of its own.
pub trait Row {
    /// Makes a change. While it runs, [`WriteTx::commit`] on this thread answers when the change is done;
    /// whether it was kept is told by [`Row::end`], and nobody may be answered before. It must not panic.
    fn run(&mut self, change: &mut dyn FnMut());

    /// Answers when all of them have reached the disk, or have not: for each in their order, with what
    /// [`WriteTx::commit`] would have said.
    fn end(self: Box<Self>) -> Vec<Result<()>>;
}

/// The database's file in a data directory.
pub const DATABASE_FILE: &str = "keysrv.db";

/// Opens the database in a data directory, bringing an older schema up to date.
///
/// # Errors
/// [`StoreError::Missing`] when there is none; [`StoreError::Newer`], [`StoreError::Foreign`] when
/// the file is not one of ours, which stays untouched; [`StoreError::Older`] when a server runs on one that is
/// not up to date.
pub fn open(data_dir: &Path) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(sqlite::SqliteStore::open(data_dir)?))
}

/// Opens the database as the one server of it: everybody else waits after a change until it has
/// looked again, and it waits for nobody.
///
/// # Errors
/// As [`open`].
pub fn open_as_server(data_dir: &Path, _lock: &ServerLock) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(sqlite::SqliteStore::open_as_server(data_dir)?))
}

/// Writes what a new database starts with.
pub type Seed<'a> = &'a mut dyn FnMut(&mut dyn WriteTx) -> Result<()>;

/// Makes a new database in a data directory, and the directory if there is none. Until `seed` is
/// done there is no file under its name, so that a crash leaves none or a whole one.
///
/// # Errors
/// [`StoreError::Exists`] when there is one already, which stays untouched; whatever `seed` says.
pub fn create(data_dir: &Path, seed: Seed<'_>) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(sqlite::SqliteStore::create(data_dir, seed)?))
}

/// Opens a copy of a database, wherever it is, bringing an older schema up to date in it.
///
/// # Errors
/// As [`open`].
pub fn open_copy(file: &Path) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(sqlite::SqliteStore::open_file(file)?))
}

/// Whether a data directory has a database.
pub fn exists(data_dir: &Path) -> bool {
    data_dir.join(DATABASE_FILE).symlink_metadata().is_ok()
}
