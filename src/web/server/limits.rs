//! How many connections a server takes: fewer than the system allows it files.
//!
//! Without this, a thousand idle clients would leave no file for the database's log, and a
//! revocation would fail because of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are not connections: the database with its readers, its log, libraries, pipes.
const FILES_RESERVED: u64 = 128;
/// More would not be served any better, only remembered.
const CONNECTIONS_MAX: u64 = 10_000;
const CONNECTIONS_A_WORKER_MIN: usize = 8;

/// How many connections each of `workers` may have. Asks the system for as many files as it
/// gives.
pub(super) fn connections_a_worker(workers: usize) -> usize {
    share(raise_files_max(), workers)
}

fn share(files_max: u64, workers: usize) -> usize {
    let reserved = FILES_RESERVED.min(files_max / 2);
    let connections = usize::try_from((files_max - reserved).min(CONNECTIONS_MAX)).unwrap_or(usize::MAX);
    (connections / workers.max(1)).max(CONNECTIONS_A_WORKER_MIN)
}

fn raise_files_max() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let wanted = CONNECTIONS_MAX + FILES_RESERVED;
    let current = limit.current.unwrap_or(wanted);
    let raised = limit.maximum.unwrap_or(wanted).min(wanted);
    if raised > current && setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_ok() {
        return raised;
    }
    current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_the_database() {
        for workers in [1, 2, 16] {
            assert!(share(1024, workers) * workers <= 1024 - 128, "{workers}");
            assert!(share(u64::MAX, workers) * workers <= 10_000, "{workers}");
        }
        assert_eq!(share(100, 2), 25);
        assert_eq!(share(4, 2), CONNECTIONS_A_WORKER_MIN);
    }
}
