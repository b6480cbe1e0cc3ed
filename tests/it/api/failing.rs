//! A store that fails when a test tells it to; everything else goes to a real one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use keysrv::model::key::KeyId;
use keysrv::model::usage::UsageBatch;
use keysrv::store::limits::QuotaCount;
use keysrv::store::metrics::StoreMetrics;
use keysrv::store::{self, ReadTx, Store, StoreError, VerifyRecord, WriteTx};

/// A store that fails as it is told to.
pub(super) struct Failing {
    store: Arc<dyn Store>,
    has_failed: AtomicBool,
    error: Mutex<Option<fn() -> StoreError>>,
}

impl Failing {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, has_failed: AtomicBool::new(false), error: Mutex::default() }
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

    fn verify_record(&self, id: &KeyId) -> store::Result<Option<Arc<VerifyRecord>>> {
        self.checked()?.verify_record(id)
    }

    fn routed_record(&self, id: &KeyId) -> store::Result<Option<store::RoutedRecord>> {
        self.checked()?.routed_record(id)
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
