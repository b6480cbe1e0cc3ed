//! Who may use a data directory at the same time.
//!
//! `keysrv.lock` is held by the one server. `keysrv.use` is held shared by every process that has
//! the database open, and alone by `restore` while it puts another file in place, so that no
//! command can acknowledge a change into a file that is being moved away. Both are `flock`s: the
//! system lets go of them when a process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{Result, StoreError};

const SERVER_FILE: &str = "keysrv.lock";
const USE_FILE: &str = "keysrv.use";
/// The names of the locks' files.
pub(super) const FILES: [&str; 2] = [SERVER_FILE, USE_FILE];

/// Held by the one server of a data directory.
#[derive(Debug)]
pub struct ServerLock {
    _lock: Lock,
}

impl ServerLock {
    /// Takes the lock and writes `holder` (such as the process id) into it, for whoever is refused.
    ///
    /// # Errors
    /// [`StoreError::Held`] with what the holder wrote.
    pub fn acquire(data_dir: &Path, holder: &str) -> Result<Self> {
        let mut file = open(data_dir, SERVER_FILE)?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                // Somebody who only asks has it shared, for a moment.
                Err(TryLockError::WouldBlock) if file.try_lock_shared().is_ok() => {
                    file.unlock().map_err(StoreError::file("unlock", data_dir))?;
                }
                Err(TryLockError::WouldBlock) => return Err(held(&mut file)),
                Err(TryLockError::Error(error)) => return Err(StoreError::file("lock", data_dir)(error)),
            }
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(holder.as_bytes())
        };
        write(&mut file).map_err(StoreError::file("write", data_dir.join(SERVER_FILE)))?;
        Ok(Self { _lock: Lock(file) })
    }

    /// Whether somebody has it; also when nobody can tell.
    pub fn is_held(data_dir: &Path) -> bool {
        let Ok(file) = open(data_dir, SERVER_FILE) else { return true };
        let is_free = file.try_lock_shared().is_ok();
        drop(Lock(file));
        !is_free
    }
}

fn held(file: &mut File) -> StoreError {
    let mut holder = String::new();
    let read = file.take(200).read_to_string(&mut holder);
    let holder = if read.is_ok() && !holder.is_empty() { holder } else { "another process".to_owned() };
    StoreError::Held(format!("a keysrv server runs on this database already: {holder}"))
}

/// Held while the database is open, shared, or alone.
#[derive(Debug)]
pub struct UseLock {
    _lock: Lock,
}

impl UseLock {
    /// Takes part; waits while a restore puts another file in place.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    pub fn shared(data_dir: &Path) -> Result<Self> {
        let file = open(data_dir, USE_FILE)?;
        file.lock_shared().map_err(StoreError::file("lock", data_dir.join(USE_FILE)))?;
        Ok(Self { _lock: Lock(file) })
    }

    /// Takes it alone.
    ///
    /// # Errors
    /// [`StoreError::Held`] when any other process has the database open.
    pub fn alone(data_dir: &Path) -> Result<Self> {
        let file = open(data_dir, USE_FILE)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _lock: Lock(file) }),
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::Held("another keysrv command is using this database".to_owned()))
            }
            Err(TryLockError::Error(error)) => Err(StoreError::file("lock", data_dir.join(USE_FILE))(error)),
        }
    }
}

/// A file that is locked until this is dropped.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would do, but for a child that another thread is just starting: until it runs its
        // own program it has a copy of the file, and with it the lock.
        let _closed_next = self.0.unlock();
    }
}

fn open(data_dir: &Path, name: &str) -> Result<File> {
    let path = data_dir.join(name);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(&path).map_err(StoreError::file("open", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_let_go_is_free_although_a_child_has_a_copy_of_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let shared = Lock(open(dir.path(), USE_FILE).unwrap());
        shared.0.lock_shared().unwrap();
        let _copy = shared.0.try_clone().unwrap();
        assert!(matches!(UseLock::alone(dir.path()), Err(StoreError::Held(_))));
        drop(shared);
        UseLock::alone(dir.path()).unwrap();
    }
}
