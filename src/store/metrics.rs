//! What a store tells of its own size and work, for whoever watches a server.

/// Sizes now, and counts since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreMetrics {
    /// Changes that were kept, each on the disk.
    pub changes: u64,
    /// The commits that kept them; changes that come at the same time share one.
    pub change_commits: u64,
    /// Flushes of usage that were kept.
    pub usage_flushes: u64,
    /// The size of the database's file.
    pub database_bytes: u64,
    /// The size of the log of changes that are not in that file yet.
    pub log_bytes: u64,
}
