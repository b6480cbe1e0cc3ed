//! Connections: how each is set up, and the r2d2 manager that pools them.
//!
//! Own manager, since `r2d2_sqlite` asks for another rusqlite. A connection that comes back inside
//! a transaction or with a statement still open is thrown away: on such a one the next read would
//! see an old state, and with it a key that was revoked since.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::priority::step_aside;
use crate::store::{Result, StoreError};

/// How long one waits for a connection, for its turn, or for another process.
pub(super) const WAIT: Duration = Duration::from_secs(5);
/// Between two looks at a lock that another process holds.
const LOCK_PAUSE: Duration = Duration::from_millis(1);
const STATEMENTS_MAX: usize = 64;
/// In KiB when negative. The default, 2 MiB, holds the pages of some hundred keys: with a thousand
/// in turn each verification reads five pages from the file. Filled only as keys are used.
/// The writer's flush of counts changes pages of as many, and writes each twice when they do not fit.
const KEYS_CACHE: i64 = -16 * 1024;
/// Steps of the engine between two moments at which the thread of a page steps aside: some ten microseconds.
const STEPS_BETWEEN: std::ffi::c_int = 500;
const JOURNAL_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
    /// A reader that looks up one key after the other.
    Verifier,
}

/// When a commit answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// After the change has reached the disk.
    Full,
    /// Before; a power loss may undo it.
    Normal,
}

impl Durability {
    /// The setting, which must not be changed inside a transaction.
    pub(super) fn pragma(self) -> &'static str {
        match self {
            Self::Full => "PRAGMA synchronous = FULL",
            Self::Normal => "PRAGMA synchronous = NORMAL",
        }
    }
}

// SQLite's own `busy_timeout` soon looks only every 100 ms, and a server that writes without pause
// leaves the lock free for far less: a command beside it found no gap in five seconds.
fn wait_for_lock(n_waits: i32) -> bool {
    std::thread::sleep(LOCK_PAUSE);
    u32::try_from(n_waits).is_ok_and(|n| LOCK_PAUSE * n < WAIT)
}

/// Opens a connection; `path` is a plain path, never a URI, and must exist.
pub(super) fn connect(path: &Path, role: Role) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    set_up(&mut connection, role)?;
    Ok(connection)
}

// The busy handler comes first, since the others may already meet another process's lock.
fn set_up(connection: &mut Connection, role: Role) -> rusqlite::Result<()> {
    connection.busy_handler(Some(wait_for_lock))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Without this, a statement whose plan looked at a parameter (one on a table with a partial
    // index does) is compiled again for every new value: 100 µs instead of 5 for a verification.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL_BYTES_MAX)?;
    if role != Role::Writer {
        connection.pragma_update(None, "query_only", true)?;
    }
    if role == Role::Reader {
        let go_on = || {
            step_aside();
            false
        };
        connection.progress_handler(STEPS_BETWEEN, Some(go_on))?;
    } else {
        connection.pragma_update(None, "cache_size", KEYS_CACHE)?;
    }
    Ok(())
}

/// A pool of connections to one file.
pub(super) struct Pool(r2d2::Pool<Manager>);

pub(super) type Pooled = r2d2::PooledConnection<Manager>;

impl Pool {
    pub(super) fn new(path: &Path, role: Role, connections_max: u32) -> Result<Self> {
        let manager = Manager { path: path.to_owned(), role };
        let builder = r2d2::Pool::builder()
            .max_size(connections_max)
            // Connections are made when they are first needed: a shell command needs one or two.
            .min_idle(Some(0))
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(WAIT)
            .error_handler(Box::new(LogHandler));
        Ok(Self(builder.build_unchecked(manager)))
    }

    pub(super) fn get(&self) -> Result<Pooled> {
        self.0.get().map_err(|_| StoreError::Busy)
    }
}

#[derive(Debug)]
struct LogHandler;

impl r2d2::HandleError<StoreError> for LogHandler {
    fn handle_error(&self, error: StoreError) {
        tracing::error!(%error, "no connection to the database");
    }
}

/// Makes and judges connections for r2d2.
#[derive(Debug)]
pub(super) struct Manager {
    path: PathBuf,
    role: Role,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Connection;
    type Error = StoreError;

    fn connect(&self) -> Result<Connection> {
        connect(&self.path, self.role)
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<()> {
        Ok(connection.execute_batch("SELECT 1")?)
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        !connection.is_autocommit() || connection.is_busy()
    }
}

#[cfg(test)]
mod tests {
    use r2d2::ManageConnection;

    use super::*;
    use crate::priority::count_steps;

    #[test]
    fn a_connection_inside_a_transaction_is_thrown_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        std::fs::write(&path, b"").unwrap();
        let manager = Manager { path, role: Role::Writer };
        let mut connection = manager.connect().unwrap();
        assert!(!manager.has_broken(&mut connection));
        connection.execute_batch("BEGIN").unwrap();
        assert!(manager.has_broken(&mut connection));
    }

    #[test]
    fn a_reader_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        std::fs::write(&path, b"").unwrap();
        connect(&path, Role::Writer).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        assert!(connect(&path, Role::Reader).unwrap().execute_batch("INSERT INTO t VALUES (1)").is_err());
    }

    #[test]
    fn who_reads_long_steps_aside_and_who_verifies_or_writes_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        std::fs::write(&path, b"").unwrap();
        let n_steps = |role| {
            let connection = connect(&path, role).unwrap();
            let sql = "WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t LIMIT 1000)
                SELECT count(*) FROM t";
            count_steps(move || assert_eq!(connection.query_row(sql, [], |row| row.get(0)), Ok(1_000)))
        };
        assert!(n_steps(Role::Reader) > 5);
        assert_eq!([n_steps(Role::Verifier), n_steps(Role::Writer)], [0, 0]);
    }

    #[test]
    fn the_bundled_sqlite_does_not_lose_the_log_when_two_processes_checkpoint() {
        // https://www.sqlite.org/wal.html, "The WAL-Reset Bug", fixed in 3.51.3.
        assert!(rusqlite::version_number() >= 3_051_003);
    }
}
