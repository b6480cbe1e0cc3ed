//! A store that fails when a test tells it to; everything else goes to a real one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use keysrv::model::key::KeyId;
use keysrv::model::noted::NotedBatch;
use keysrv::model::route::RouteTable;
use keysrv::store::clock::ClockMarks;
use keysrv::store::limits::QuotaCount;
use keysrv::store::metrics::StoreMetrics;
use keysrv::store::projects::ProjectSeq;
use keysrv::store::usage::UsageBatch;
use keysrv::store::{self, ReadTx, Row, Snapshot, Store, StoreError, VerifyRecord, Watch, WriteTx};

/// What is answered instead, if anything.
type Told = Option<fn() -> StoreError>;

/// A store that fails as it is told to.
pub(super) struct Failing {
    store: Arc<dyn Store>,
    has_failed: AtomicBool,
    error: Arc<Mutex<Told>>,
}

struct FailingWatch {
    watch: Box<dyn Watch>,
    error: Arc<Mutex<Told>>,
}

impl Watch for FailingWatch {
    fn look(&mut self) -> store::Result<store::watch::Seen> {
        match *self.error.lock().unwrap() {
            Some(error) => Err(error()),
            None => self.watch.look(),
        }
    }
}

impl Failing {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, has_failed: AtomicBool::new(false), error: Arc::default() }
    }

    /// The next commit would fail, and every one after it.
    pub(super) fn fail_for_good(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    /// What every question about a key is answered with from now on; `None` heals it.
    pub(super) fn fail_with(&self, error: Option<fn() -> StoreError>) {
        *self.error.lock().unwrap() = error;
    }

    fn checked(&self) -> store::Result<&dyn Store> {
        match *self.error.lock().unwrap() {
            Some(error) => Err(error()),
            None => Ok(&*self.store),
        }
    }
}

impl Store for Failing {
    fn read(&self) -> store::Result<Box<dyn ReadTx>> {
        self.store.read()
    }

    fn write(&self) -> store::Result<Box<dyn WriteTx>> {
        self.store.write()
    }

    fn write_alone(&self) -> store::Result<Box<dyn WriteTx>> {
        self.store.write_alone()
    }

    fn row(&self) -> Box<dyn Row + '_> {
        self.store.row()
    }

    fn verify_record(&self, id: &KeyId) -> store::Result<Option<Arc<VerifyRecord>>> {
        self.checked()?.verify_record(id)
    }

    fn snapshot(&self) -> store::Result<Box<dyn Snapshot>> {
        self.checked()?.snapshot()
    }

    fn route_table(&self, key: &KeyId) -> store::Result<Arc<RouteTable>> {
        self.checked()?.route_table(key)
    }

    fn commits(&self) -> u64 {
        self.store.commits()
    }

    fn watch(&self) -> store::Result<Box<dyn Watch>> {
        let (watch, error) = (self.checked()?.watch()?, Arc::clone(&self.error));
        Ok(Box::new(FailingWatch { watch, error }))
    }

    fn write_noted(&self, batch: &NotedBatch) -> store::Result<()> {
        self.store.write_noted(batch)
    }

    fn project_routes(&self, project: ProjectSeq) -> store::Result<Arc<RouteTable>> {
        self.store.project_routes(project)
    }

    fn quota_used(&self, count: &QuotaCount) -> store::Result<u64> {
        self.store.quota_used(count)
    }

    fn write_quotas(&self, uses: &[(QuotaCount, i64)]) -> store::Result<Vec<Option<u64>>> {
        self.store.write_quotas(uses)
    }

    fn write_usage(&self, batch: &UsageBatch) -> store::Result<()> {
        self.store.write_usage(batch)
    }

    fn note_usage(&self, batch: &UsageBatch) -> store::Result<()> {
        self.store.note_usage(batch)
    }

    fn settle_usage(&self, which: store::usage::Settle, n: usize) -> store::Result<usize> {
        self.store.settle_usage(which, n)
    }

    fn write_clock(&self, marks: &ClockMarks) -> store::Result<()> {
        self.store.write_clock(marks)
    }

    fn copy_into(&self, draft: &store::files::Draft, progress: store::Progress<'_>) -> store::Result<()> {
        self.store.copy_into(draft, progress)
    }

    fn folder(&self) -> &std::path::Path {
        self.store.folder()
    }

    fn owns(&self, file: &std::path::Path) -> bool {
        self.store.owns(file)
    }

    fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    fn metrics(&self) -> StoreMetrics {
        self.store.metrics()
    }

    fn engine(&self) -> String {
        self.store.engine()
    }
}
