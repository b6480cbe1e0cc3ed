//! Files that appear whole or not at all.
//!
//! A draft is made under a random name in the folder where it will stand, readable for the owner
//! alone; publishing gives it its name without replacing anything and without following a link,
//! and tells the disk. A draft that is dropped before that is gone.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::check::Progress;
use super::{Result, StoreError};

const COPY_STEP_BYTES: u64 = 8 * 1024 * 1024;

/// A file on its way; see the module.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
}

impl Draft {
    /// An empty file in `folder`.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn new(folder: &Path) -> Result<Self> {
        // The name only has to be free; `create_private` fails when it is not.
        let n = std::process::id();
        let free = (0..1000_u32).map(|k| folder.join(format!(".keysrv-{n}-{k}.tmp")));
        for path in free {
            match create_private(&path) {
                Ok(_) => return Ok(Self { path }),
                Err(StoreError::File { source, .. })
                    if source.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(StoreError::File { source, .. }) => {
                    return Err(StoreError::file("write to", folder)(source));
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Engine(format!("`{}` is full of left-over drafts", folder.display())))
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, which must be free, and waits until the disk has both.
    ///
    /// # Errors
    /// When the name is taken, by a link too, or the disk fails; then there is nothing under it.
    pub fn publish(self, target: &Path) -> Result<()> {
        sync_file(&self.path)?;
        // `link` never replaces and never follows: it fails when anything has that name.
        std::fs::hard_link(&self.path, target).map_err(StoreError::file("create", target))?;
        sync_folder_of(target)
    }

    /// Gives it its name in place of whatever file has it, and waits until the disk has both.
    ///
    /// # Errors
    /// When the disk fails; then the file that was there still is.
    pub fn replace(self, target: &Path) -> Result<()> {
        sync_file(&self.path)?;
        std::fs::rename(&self.path, target).map_err(StoreError::file("replace", target))?;
        sync_folder_of(target)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.path.clone().into_os_string();
            path.push(end);
            let _gone_already = std::fs::remove_file(path);
        }
    }
}

/// Waits until the disk has the file.
///
/// # Errors
/// When it fails.
pub fn sync_file(path: &Path) -> Result<()> {
    File::open(path).and_then(|file| file.sync_all()).map_err(StoreError::file("sync", path))
}

/// Waits until the disk has the folder's entry for a path.
///
/// # Errors
/// When it fails.
pub fn sync_folder_of(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    File::open(folder).and_then(|file| file.sync_all()).map_err(StoreError::file("sync", folder))
}

/// The folder in which a path stands; `.` for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder that only the owner may enter, unless it is there.
///
/// # Errors
/// When it cannot be made.
pub fn make_private_dir(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(StoreError::file("create", path))
}

fn create_private(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    options.open(path).map_err(StoreError::file("create", path))
}

/// Copies a file into a draft, telling how far it is in bytes.
///
/// # Errors
/// When either cannot be read or written.
pub fn copy_bytes(source: &Path, draft: &Draft, progress: Progress<'_>) -> Result<()> {
    let mut from = File::open(source).map_err(StoreError::file("open", source))?;
    let total = from.metadata().map_err(StoreError::file("read", source))?.len();
    let mut to =
        OpenOptions::new().write(true).open(draft.path()).map_err(StoreError::file("open", draft.path()))?;
    let mut done = 0;
    loop {
        let copied = std::io::copy(&mut (&mut from).take(COPY_STEP_BYTES), &mut to);
        let copied = copied.map_err(StoreError::file("copy", source))?;
        if copied == 0 {
            return Ok(());
        }
        done += copied;
        progress(done, total.max(done));
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_draft_never_replaces_and_never_follows_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (taken, link) = (dir.path().join("taken"), dir.path().join("link"));
        std::fs::write(&taken, "old").unwrap();
        std::os::unix::fs::symlink(dir.path().join("nowhere"), &link).unwrap();
        for target in [&taken, &link] {
            assert!(Draft::new(dir.path()).unwrap().publish(target).is_err());
        }
        assert_eq!(std::fs::read(&taken).unwrap(), b"old");
        assert!(!dir.path().join("nowhere").exists());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "the drafts are gone");
    }

    #[test]
    fn a_published_file_is_the_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("new");
        Draft::new(dir.path()).unwrap().publish(&target).unwrap();
        assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}
