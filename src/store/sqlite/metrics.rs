//! What the engine counts of its own work, shared by all its connections.

use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::pool::Durability;
use crate::store::metrics::StoreMetrics;

/// Counts since the store was opened. Relaxed: nothing follows from their order.
#[derive(Debug, Default)]
pub(super) struct Counters {
    has_failed: AtomicBool,
    changes: AtomicU64,
    usage_flushes: AtomicU64,
    remembered: AtomicU64,
}

impl Counters {
    /// A commit failed, after which nothing may be acknowledged.
    pub(super) fn fail(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    pub(super) fn committed(&self, durability: Durability) {
        let counter = match durability {
            Durability::Full => &self.changes,
            Durability::Normal => &self.usage_flushes,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// One more record is remembered.
    pub(super) fn remembered(&self) {
        self.remembered.fetch_add(1, Ordering::Relaxed);
    }

    /// So many records are not remembered any more.
    pub(super) fn forgot(&self, n_records: usize) {
        self.remembered.fetch_sub(n_records as u64, Ordering::Relaxed);
    }

    /// Everything, with the sizes of the files at `path`; a file that is not there has none.
    pub(super) fn read(&self, path: &Path) -> StoreMetrics {
        let bytes = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        let mut log = OsString::from(path);
        log.push("-wal");
        StoreMetrics {
            changes: self.changes.load(Ordering::Relaxed),
            usage_flushes: self.usage_flushes.load(Ordering::Relaxed),
            database_bytes: bytes(path),
            log_bytes: bytes(log.as_ref()),
            remembered_records: self.remembered.load(Ordering::Relaxed),
        }
    }
}
