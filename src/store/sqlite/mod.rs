//! The `SQLite` engine: one file, one writer, several readers.
//!
//! A change is durable when `commit` answers (WAL with `synchronous=FULL`); the flush of usage
//! counts alone runs with `NORMAL` and may lose the last second. Connections come from r2d2 pools
//! of our own manager (`pool`). Writers of this process stand in a line, and may share a commit
//! (`writer`); `BEGIN IMMEDIATE` serialises those of all processes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::Progress;
use super::clock::ClockMarks;
use super::files::{self, Draft};
use super::keys::VerifyRecord;
use super::limits::QuotaCount;
use super::lock::UseLock;
use super::metrics::StoreMetrics;
use super::projects::ProjectSeq;
use super::shared::Shared;
use super::usage::{Settle, UsageBatch};
use super::{DATABASE_FILE, ReadTx, Result, Row, Snapshot, Store, Watch, WriteTx};
use crate::model::key::KeyId;
use crate::model::noted::NotedBatch;
use crate::model::route::RouteTable;

mod accounts;
mod accounts_list;
mod audit;
mod audit_list;
mod check;
mod clock;
mod copy;
mod error;
mod idempotency;
mod key_scopes;
mod keys;
mod keys_list;
mod limits;
mod metrics;
mod migrate;
mod noted;
mod open;
mod outcomes;
#[cfg(test)]
mod plans;
mod pool;
mod projects;
mod recent;
mod routes;
mod rows;
mod scopes;
mod search;
mod secrets;
mod sessions;
mod tx;
mod unused;
mod usage;
mod usage_fold;
mod usage_list;
mod users;
mod walk;
mod watch;
mod writer;

pub use migrate::SCHEMA_VERSION;

use metrics::Counters;
use pool::{Durability, Pool, Role};
use routes::RouteTables;
use tx::{Beside, Tx};
use watch::Watcher;
use writer::{Share, Turn, Writer};

/// An open `SQLite` database.
pub struct SqliteStore {
    path: PathBuf,
    writer: Arc<Writer>,
    readers: Pool,
    // Verifications have readers of their own, so that a slow page never makes one wait.
    verifiers: Pool,
    shared: Arc<Shared>,
    route_tables: RouteTables,
    counters: Arc<Counters>,
    beside: Beside,
    // Never read: held for as long as the database is open.
    _use_lock: Option<UseLock>,
}

impl SqliteStore {
    /// Opens the database of a data directory and brings an older schema up to date.
    ///
    /// # Errors
    /// As [`super::open`].
    pub fn open(data_dir: &Path) -> Result<Self> {
        Self::open_beside(data_dir, Beside::AnyServer(data_dir.into()))
    }

    /// Opens it as the one server does, which never waits for itself.
    ///
    /// # Errors
    /// As [`super::open`].
    pub fn open_as_server(data_dir: &Path) -> Result<Self> {
        Self::open_beside(data_dir, Beside::Nobody)
    }

    fn open_beside(data_dir: &Path, beside: Beside) -> Result<Self> {
        let path = data_dir.join(DATABASE_FILE);
        open::require_there(&path, data_dir)?;
        let use_lock = UseLock::shared(data_dir)?;
        // A server knows the schema that it began with: under another one it could miss what stops a key.
        let nobody_serves = match &beside {
            Beside::AnyServer(_) => open::keep_servers_off_an_older(&path, data_dir)?,
            Beside::Nobody => None,
        };
        let store = Self::open_file(&path)?;
        drop(nobody_serves);
        open::use_wal(&path)?;
        Ok(Self { _use_lock: Some(use_lock), beside, ..store })
    }

    /// Opens a database file wherever it is, for work on copies.
    ///
    /// # Errors
    /// As [`super::open`].
    pub fn open_file(path: &Path) -> Result<Self> {
        open::prepare(path)?;
        let verifiers_max =
            2 * std::thread::available_parallelism().map_or(4, |n| u32::try_from(n.get()).unwrap_or(4));
        let counters = Arc::<Counters>::default();
        let pool = |role, connections_max| Pool::new(path, role, connections_max);
        Ok(Self {
            path: path.to_owned(),
            writer: Writer::new(pool(Role::Writer, 1)?, Arc::clone(&counters), pool::WAIT),
            readers: pool(Role::Reader, 8)?,
            verifiers: pool(Role::Verifier, verifiers_max.max(8))?,
            shared: Arc::default(),
            route_tables: RouteTables::default(),
            counters,
            beside: Beside::Nobody,
            _use_lock: None,
        })
    }

    fn begin(&self, share: Share) -> Result<Box<dyn WriteTx>> {
        let turn = self.writer.begin(Durability::Full, share)?;
        Ok(Box::new(Tx::begin_write(turn, self.beside.clone())))
    }

    /// Begins what need not reach the disk before it answers; counts of use are in nobody's memory.
    fn begin_counts(&self) -> Result<Turn> {
        self.writer.begin(Durability::Normal, Share::WithNobody)
    }
}

/// A row of changes, and who must look again before they are acknowledged.
struct OpenRow<'a> {
    row: writer::Row,
    beside: &'a Beside,
}

impl Row for OpenRow<'_> {
    fn run(&mut self, change: &mut dyn FnMut()) {
        self.row.run(change);
    }

    fn end(self: Box<Self>) -> Vec<Result<()>> {
        let ended = self.row.end();
        self.beside.wait();
        ended
    }
}

/// A read that has begun; its state is that of its first statement.
struct KeySnapshot {
    tx: Tx,
    shared: Arc<Shared>,
}

impl Snapshot for KeySnapshot {
    fn verify_record(&self, id: &KeyId) -> Result<Option<Arc<VerifyRecord>>> {
        Ok(keys::verify_record(self.tx.connection(), id, &self.shared)?.map(Arc::new))
    }
}

impl Store for SqliteStore {
    fn read(&self) -> Result<Box<dyn ReadTx>> {
        Ok(Box::new(Tx::begin_read(self.readers.get()?)?))
    }

    fn write(&self) -> Result<Box<dyn WriteTx>> {
        self.begin(Share::WithOthers)
    }

    fn row(&self) -> Box<dyn Row + '_> {
        Box::new(OpenRow { row: writer::Row::new(&self.writer), beside: &self.beside })
    }

    fn write_alone(&self) -> Result<Box<dyn WriteTx>> {
        self.begin(Share::WithNobody)
    }

    fn verify_record(&self, id: &KeyId) -> Result<Option<Arc<VerifyRecord>>> {
        Ok(keys::verify_record(&*self.verifiers.get()?, id, &self.shared)?.map(Arc::new))
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        let tx = Tx::begin_read(self.verifiers.get()?)?;
        Ok(Box::new(KeySnapshot { tx, shared: Arc::clone(&self.shared) }))
    }

    fn route_table(&self, key: &KeyId) -> Result<Arc<RouteTable>> {
        self.route_tables.get(&*self.verifiers.get()?, key)
    }

    fn commits(&self) -> u64 {
        self.counters.changes()
    }

    fn watch(&self) -> Result<Box<dyn Watch>> {
        Ok(Box::new(Watcher::new(pool::connect(&self.path, Role::Verifier)?)))
    }

    fn project_routes(&self, project: ProjectSeq) -> Result<Arc<RouteTable>> {
        // What is compiled here a verification waits for: so on a connection that never steps aside.
        let tx = Tx::begin_read(self.verifiers.get()?)?;
        self.route_tables.of_project(tx.connection(), project)
    }

    fn write_usage(&self, batch: &UsageBatch) -> Result<()> {
        let tx = self.begin_counts()?;
        usage::add(tx.connection(), batch)?;
        clock::note_uses(tx.connection(), batch)?;
        tx.commit()
    }

    fn write_clock(&self, marks: &ClockMarks) -> Result<()> {
        let tx = self.begin_counts()?;
        clock::advance(tx.connection(), marks)?;
        tx.commit()
    }

    fn note_usage(&self, batch: &UsageBatch) -> Result<()> {
        let tx = self.begin_counts()?;
        recent::note(tx.connection(), batch)?;
        clock::note_uses(tx.connection(), batch)?;
        tx.commit()
    }

    fn settle_usage(&self, which: Settle, n: usize) -> Result<usize> {
        if recent::is_empty(&*self.verifiers.get()?)? {
            return Ok(0);
        }
        let tx = self.begin_counts()?;
        let n_moved = recent::settle(tx.connection(), which, n)?;
        tx.commit()?;
        Ok(n_moved)
    }

    fn write_noted(&self, batch: &NotedBatch) -> Result<()> {
        let tx = self.begin_counts()?;
        noted::add(tx.connection(), batch)?;
        tx.commit()
    }

    fn quota_used(&self, count: &QuotaCount) -> Result<u64> {
        let connection = self.verifiers.get()?;
        limits::quota_used(&connection, count)
    }

    fn write_quotas(&self, uses: &[(QuotaCount, i64)]) -> Result<Vec<Option<u64>>> {
        let tx = self.begin_counts()?;
        let add = |(count, delta): &(QuotaCount, i64)| limits::add_quota(tx.connection(), count, *delta);
        let totals = uses.iter().map(add).collect::<Result<_>>()?;
        tx.commit()?;
        Ok(totals)
    }

    fn copy_into(&self, draft: &Draft, progress: Progress<'_>) -> Result<()> {
        copy::copy_into(&self.path, draft, progress)
    }

    fn folder(&self) -> &Path {
        files::folder_of(&self.path)
    }

    fn owns(&self, file: &Path) -> bool {
        open::is_part_of(&self.path, file)
    }

    fn has_failed(&self) -> bool {
        self.counters.has_failed()
    }

    fn metrics(&self) -> StoreMetrics {
        self.counters.read(&self.path)
    }

    fn engine(&self) -> String {
        format!("SQLite {}", rusqlite::version())
    }
}
