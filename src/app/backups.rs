//! The backups that keysrv keeps, in a folder beside the database: made, proven, fetched, deleted.
//!
//! What was found out about each stands in the audit log and nowhere else. At most one is made or
//! proven at a time, since each takes the room and the reading of a whole database. How a backup is
//! made is in `backup`.

use std::fs::File;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{MutexGuard, TryLockError};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::backup::{Report, check_file};
use super::permission::require;
use super::{App, Error, Permission, Result};
use crate::model::audit::{AuditFilter, Target};
use crate::model::backup::BackupName;
use crate::model::page::{Limit, PageAfter};
use crate::model::principal::{Principal, UserPrincipal};
use crate::model::project::ProjectName;
use crate::store::{ReadTx, StoreError, files};

/// The folder of the backups, in the data directory.
pub const BACKUPS_FOLDER: &str = "backups";
/// The most backups that are kept; none is deleted by itself.
pub const BACKUPS_MAX: usize = 20;

/// Why the last backup failed; `None` once one has succeeded.
pub(super) type LastFailure = Option<String>;

const MADE: &str = "server.backed_up";
const PROVEN: &str = "server.backup_proven";
const DAMAGED: &str = "server.backup_found_damaged";

/// A backup that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBackup {
    /// Its file's name, which tells when it was made.
    pub name: BackupName,
    /// Its size.
    pub bytes: u64,
    /// The last time that it was read as a restore would; `None` when nothing is known.
    pub proof: Option<Proof>,
}

/// What a restore drill found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// When.
    pub at: Timestamp,
    /// What.
    pub finding: Finding,
}

/// Whether a backup would restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It would, with this many keys.
    Restores {
        /// How many keys are in it.
        n_keys: u64,
    },
    /// It would not; why.
    Damaged(String),
}

/// The backups that are kept, and what goes on with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Newest first.
    pub backups: Vec<KeptBackup>,
    /// Whether one is being made or proven.
    pub is_busy: bool,
    /// Why the last attempt to make or prove one failed, until one succeeds.
    pub failed: Option<String>,
}

impl App {
    /// The backups that are kept.
    ///
    /// # Errors
    /// When the folder cannot be read, or `who` may not see them.
    pub fn list_backups(&self, who: &Principal) -> Result<Kept> {
        require(who, Permission::ReadServer, &ProjectName::default())?;
        let tx = self.read()?;
        let backups = self.scan_backups()?.into_iter();
        let backups = backups.map(|(name, bytes)| {
            let proof = last_proof(&*tx, &name)?;
            Ok(KeptBackup { name, bytes, proof })
        });
        let backups = backups.collect::<Result<_>>()?;
        let begun = self.begin_backup();
        Ok(Kept { backups, is_busy: begun.is_err(), failed: begun.ok().and_then(|last| last.clone()) })
    }

    /// One of them.
    ///
    /// # Errors
    /// When there is none by this name, or `who` may not change it.
    pub fn get_backup(&self, who: &Principal, name: &BackupName) -> Result<KeptBackup> {
        require_manage(who)?;
        let bytes = self.require_backup(name)?;
        Ok(KeptBackup { name: name.clone(), bytes, proof: last_proof(&*self.read()?, name)? })
    }

    /// Makes a backup that is kept. It is there when it has been proven to restore, and not before.
    ///
    /// # Errors
    /// [`Error::InUse`] when there are [`BACKUPS_MAX`] already or one is being made; when the disk
    /// is full or the copy damaged; when `who` may not. Then there is no new file.
    pub fn make_backup(&self, who: &Principal) -> Result<BackupName> {
        require_manage(who)?;
        let mut alone = self.begin_backup()?;
        noting(&mut alone, || self.make_alone(who))
    }

    fn make_alone(&self, who: &Principal) -> Result<BackupName> {
        let folder = self.backups_folder();
        files::make_private_dir(&folder)?;
        if self.scan_backups()?.len() >= BACKUPS_MAX {
            return Err(Error::InUse(format!(
                "there are {BACKUPS_MAX} backups, which is the most that are kept here; delete one first"
            )));
        }
        let (draft, report) = self.draft_backup(who, &folder, &mut |_, _| {})?;
        let name = BackupName::of(self.now());
        draft.publish(&folder.join(name.as_str()))?;
        self.note_backup(who, target(&name), &report)?;
        Ok(name)
    }

    /// Reads a kept backup as a restore would, and notes what was found.
    ///
    /// # Errors
    /// When there is none by this name, one is being made, there is no room for the drill, or `who`
    /// may not.
    pub fn prove_backup(&self, who: &Principal, name: &BackupName) -> Result<Finding> {
        require_manage(who)?;
        self.require_backup(name)?;
        let mut alone = self.begin_backup()?;
        noting(&mut alone, || self.prove_alone(who, name))
    }

    fn prove_alone(&self, who: &Principal, name: &BackupName) -> Result<Finding> {
        let folder = self.backups_folder();
        let finding = finding(check_file(&folder.join(name.as_str()), &folder, &mut |_, _| {}))?;
        let (action, detail) = match &finding {
            Finding::Restores { n_keys } => (PROVEN, json!({ "keys": n_keys })),
            Finding::Damaged(damage) => (DAMAGED, json!({ "damage": damage })),
        };
        self.note(who, action, name, detail)?;
        Ok(finding)
    }

    /// Opens a kept backup for a person who gives their password again: it has everything in it.
    ///
    /// # Errors
    /// As [`App::sign_in`]; when there is none by this name, or they may not.
    pub fn open_backup(
        &self,
        user: &UserPrincipal,
        name: &BackupName,
        password: &str,
        ip: IpAddr,
    ) -> Result<(File, u64)> {
        let who = Principal::User(user.clone());
        require_manage(&who)?;
        self.require_backup(name)?;
        self.require_password(user, password, ip)?;
        let path = self.backups_folder().join(name.as_str());
        let file = File::open(&path).map_err(StoreError::file("open", &path))?;
        let bytes = file.metadata().map_err(StoreError::file("read", &path))?.len();
        self.note(&who, "server.backup_downloaded", name, json!({ "bytes": bytes }))?;
        Ok((file, bytes))
    }

    /// Deletes a kept backup.
    ///
    /// # Errors
    /// When there is none by this name, it cannot be deleted, or `who` may not.
    pub fn delete_backup(&self, who: &Principal, name: &BackupName) -> Result<()> {
        require_manage(who)?;
        let bytes = self.require_backup(name)?;
        let path = self.backups_folder().join(name.as_str());
        let mut tx = self.write()?;
        let detail = json!({ "bytes": bytes });
        self.server_entry(who).append(&mut *tx, "server.backup_deleted", target(name), detail)?;
        std::fs::remove_file(&path).map_err(StoreError::file("delete", &path))?;
        files::sync_folder_of(&path)?;
        Ok(tx.commit()?)
    }

    fn backups_folder(&self) -> PathBuf {
        self.store.folder().join(BACKUPS_FOLDER)
    }

    fn begin_backup(&self) -> Result<MutexGuard<'_, LastFailure>> {
        match self.backing_up.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                Err(Error::InUse("a backup is being made or proven at the moment; try again".to_owned()))
            }
        }
    }

    fn require_backup(&self, name: &BackupName) -> Result<u64> {
        let found = self.backups_folder().join(name.as_str()).symlink_metadata();
        let found = found.ok().filter(std::fs::Metadata::is_file);
        found.map(|file| file.len()).ok_or_else(|| Error::no_such("backup", name.as_str()))
    }

    /// Name and size of every file that is a backup, newest first.
    fn scan_backups(&self) -> Result<Vec<(BackupName, u64)>> {
        let folder = self.backups_folder();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::file("read", &folder)(error).into()),
        };
        let named = |entry: std::fs::DirEntry| BackupName::parse(entry.file_name().to_str()?);
        let sized = |name: BackupName| self.require_backup(&name).ok().map(|bytes| (name, bytes));
        let mut found: Vec<_> = entries.filter_map(|entry| named(entry.ok()?).and_then(sized)).collect();
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        found.truncate(BACKUPS_MAX);
        Ok(found)
    }

    fn note(&self, who: &Principal, action: &'static str, name: &BackupName, detail: Value) -> Result<()> {
        let mut tx = self.write()?;
        self.server_entry(who).append(&mut *tx, action, target(name), detail)?;
        Ok(tx.commit()?)
    }
}

/// Keeps why it failed, for whoever did not wait for the end. What was not even begun has been told.
fn noting<T>(last: &mut LastFailure, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let done = work();
    if !matches!(done, Err(Error::InUse(_))) {
        *last = done.as_ref().err().map(ToString::to_string);
    }
    done
}

fn require_manage(who: &Principal) -> Result<()> {
    require(who, Permission::ManageServer, &ProjectName::default())
}

fn target(name: &BackupName) -> Target {
    Target::new("server", name.as_str(), name.as_str())
}

/// What a drill says of a backup; what says nothing of it, such as a full disk, stays an error.
fn finding(report: Result<Report>) -> Result<Finding> {
    match report {
        Ok(report) => Ok(match report.damage.first() {
            None => Finding::Restores { n_keys: report.n_keys },
            Some(damage) => Finding::Damaged(damage.clone()),
        }),
        Err(Error::Store(
            error @ (StoreError::Foreign { .. } | StoreError::Newer { .. } | StoreError::Damaged(_)),
        )) => Ok(Finding::Damaged(error.to_string())),
        Err(error) => Err(error),
    }
}

/// The newest of the events that say whether it would restore.
fn last_proof(tx: &dyn ReadTx, name: &BackupName) -> Result<Option<Proof>> {
    let page = PageAfter { limit: Limit::parse("1")?, after: None };
    let mut newest = None;
    for action in [MADE, PROVEN, DAMAGED] {
        let filter = AuditFilter {
            action: Some(action.to_owned()),
            target_id: Some(name.as_str().to_owned()),
            ..AuditFilter::default()
        };
        newest =
            tx.list_audit(&filter, &page)?.items.pop().into_iter().chain(newest).max_by_key(|event| event.n);
    }
    Ok(newest.map(|event| Proof {
        at: event.at,
        finding: match event.detail.get("damage").and_then(Value::as_str) {
            Some(damage) => Finding::Damaged(damage.to_owned()),
            None => {
                Finding::Restores { n_keys: event.detail.get("keys").and_then(Value::as_u64).unwrap_or(0) }
            }
        },
    }))
}
