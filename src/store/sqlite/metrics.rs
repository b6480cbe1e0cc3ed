//! What the engine counts of its own work, shared by all its connections.

use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::pool::Durability;
use crate::store::metrics::StoreMetrics;

/// Counts since the store was opened.
#[derive(Debug, Default)]
pub(super) struct Counters {
    has_failed: AtomicBool,
    // What was committed before it was counted is seen by whoever sees the count (`app::key_cache`).
    changes: AtomicU64,
    change_commits: AtomicU64,
    usage_flushes: AtomicU64,
}

impl Counters {
    /// A commit failed, after which nothing may be acknowledged.
    pub(super) fn fail(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// A commit has kept this many changes.
    pub(super) fn committed(&self, durability: Durability, n_changes: u64) {
        match durability {
            Durability::Full => {
                self.change_commits.fetch_add(1, Ordering::Relaxed);
                self.changes.fetch_add(n_changes, Ordering::Release);
            }
            Durability::Normal => {
                self.usage_flushes.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Changes that were kept.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// Everything, with the sizes of the files at `path`; a file that is not there has none.
    pub(super) fn read(&self, path: &Path) -> StoreMetrics {
        let bytes = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
        let mut log = OsString::from(path);
        log.push("-wal");
        StoreMetrics {
            changes: self.changes.load(Ordering::Relaxed),
            change_commits: self.change_commits.load(Ordering::Relaxed),
            usage_flushes: self.usage_flushes.load(Ordering::Relaxed),
            database_bytes: bytes(path),
            log_bytes: bytes(log.as_ref()),
        }
    }
}
