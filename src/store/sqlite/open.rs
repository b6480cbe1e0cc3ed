//! What happens before a database is used: is the file ours, and is its schema today's?
//!
//! A file that is not ours, or from a newer keysrv, is refused before anything is written to it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::SqliteStore;
use super::migrate;
use super::pool::{Role, connect};
use super::tx::Tx;
use crate::store::files::{self, Draft};
use crate::store::lock::{self, ServerLock};
use crate::store::{DATABASE_FILE, Result, Seed, StoreError, WriteTx};

/// "ksrv"; stands in the file's header (<https://www.sqlite.org/fileformat.html>, offset 68; the schema's version
/// at 60).
pub(super) const APPLICATION_ID: u32 = 0x6b73_7276;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
// The fix of the WAL-reset bug; a command beside a server is exactly its shape.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Checks that the file is ours and brings its schema up to date.
pub(super) fn prepare(path: &Path) -> Result<()> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(StoreError::Engine(format!(
            "SQLite {} can lose changes; 3.51.3 is needed",
            rusqlite::version()
        )));
    }
    require_ours(path)?;
    let mut connection = connect(path, Role::Writer)?;
    migrate::bring_up(&mut connection, path, migrate::MIGRATIONS)
}

/// Takes a server's place while a file that is not up to date is brought there; `None` when it is.
///
/// # Errors
/// [`StoreError::Older`] when a server runs on it.
pub(super) fn keep_servers_off_an_older(path: &Path, data_dir: &Path) -> Result<Option<ServerLock>> {
    // What the file itself says may be older than what its log says, never newer.
    if read_header(path)?.schema_version >= migrate::SCHEMA_VERSION
        || migrate::schema_version(&connect(path, Role::Reader)?)? >= migrate::SCHEMA_VERSION
    {
        return Ok(None);
    }
    let holder = format!("process {}, bringing the database up to date", std::process::id());
    ServerLock::acquire(data_dir, &holder).map(Some).map_err(|error| match error {
        StoreError::Held(reason) => StoreError::Older { path: path.to_owned(), reason },
        other => other,
    })
}

/// Tells a database that is not there from one that this user may not look for.
pub(super) fn require_there(path: &Path, data_dir: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(StoreError::Missing(data_dir.to_owned()))
        }
        Err(error) => Err(StoreError::file("open", path)(error)),
    }
}

/// Lets readers and the writer work side by side. A copy is a single file until it is used.
pub(super) fn use_wal(path: &Path) -> Result<()> {
    let connection = connect(path, Role::Writer)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode == "wal" { Ok(()) } else { Err(StoreError::Engine(format!("the journal mode stays `{mode}`"))) }
}

/// Checks that the file is one of ours, before the engine sees it, which could roll something back.
pub(super) fn require_ours(path: &Path) -> Result<()> {
    read_header(path).map(drop)
}

/// What a file of ours says of itself.
struct Header {
    schema_version: u32,
}

fn read_header(path: &Path) -> Result<Header> {
    let foreign = |reason: &str| StoreError::Foreign { path: path.to_owned(), reason: reason.to_owned() };
    let mut header = [0; 100];
    let mut file = File::open(path).map_err(StoreError::file("open", path))?;
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(foreign("it is not a file"));
    }
    file.read_exact(&mut header).map_err(|_| foreign("it is too short"))?;
    if !header.starts_with(MAGIC) {
        return Err(foreign("it is not an SQLite file"));
    }
    let number =
        |at: usize| header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    if number(68) != Some(APPLICATION_ID) {
        return Err(foreign("another program made it"));
    }
    Ok(Header { schema_version: number(60).unwrap_or_default() })
}

/// Whether `file` is the database at `path`, one of its logs, or a lock beside it.
pub(super) fn is_part_of(path: &Path, file: &Path) -> bool {
    let folder = |path: &Path| files::folder_of(path).canonicalize().ok();
    let is_beside = folder(file).is_some_and(|found| folder(path) == Some(found));
    let Some(name) = file.file_name().and_then(OsStr::to_str).filter(|_| is_beside) else { return false };
    let database = path.file_name().and_then(OsStr::to_str).unwrap_or(DATABASE_FILE);
    let end = name.strip_prefix(database);
    end.is_some_and(|end| ["", "-wal", "-shm", "-journal"].contains(&end)) || lock::FILES.contains(&name)
}

impl SqliteStore {
    /// Makes the database of a data directory, with what `seed` writes into it. Until that is
    /// done there is no file under its name, so that a crash leaves none or a whole one.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is one already; whatever `seed` says.
    pub fn create(data_dir: &Path, seed: Seed<'_>) -> Result<Self> {
        files::make_private_dir(data_dir)?;
        let path = data_dir.join(DATABASE_FILE);
        if path.symlink_metadata().is_ok() {
            return Err(StoreError::Exists(data_dir.to_owned()));
        }
        let draft = Draft::new(data_dir)?;
        fill(draft.path(), seed)?;
        draft.publish(&path).map_err(|error| match error {
            StoreError::File { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
                StoreError::Exists(data_dir.to_owned())
            }
            other => other,
        })?;
        Self::open(data_dir)
    }
}

fn fill(path: &Path, seed: Seed<'_>) -> Result<()> {
    let mut connection = connect(path, Role::Writer)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    migrate::bring_up(&mut connection, path, migrate::MIGRATIONS)?;
    let mut tx = Tx::begin_lone(connection)?;
    seed(&mut tx)?;
    Box::new(tx).commit()
}
