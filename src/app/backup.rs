//! Backups and checks: a copy that was proven to restore, or none.
//!
//! A check is a restore drill: the database is copied, the copy is opened as a restore would open
//! it, and everything in it is read. What `restore` does with a backup is in `restore`.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::audit::check_chain;
use super::permission::require;
use super::{App, Error, Permission, Result, clock};
use crate::model::audit::Target;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::store::files::{self, Draft};
use crate::store::{self, Progress, Store, StoreError};

/// What is in a database file, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// The number of its schema.
    pub schema_version: u32,
    /// Its size.
    pub bytes: u64,
    /// How many projects it has.
    pub n_projects: usize,
    /// How many accounts it has.
    pub n_accounts: u64,
    /// How many keys it has.
    pub n_keys: u64,
    /// How many users it has.
    pub n_users: usize,
    /// How many audit events it has.
    pub n_events: i64,
    /// The newest time that it has seen; time goes on from there whatever the clock says.
    pub seen_at: Option<Timestamp>,
    /// The hash of the audit chain up to the newest event, in hexadecimal.
    pub audit_head: String,
    /// What is wrong; empty when it would restore.
    pub damage: Vec<String>,
}

impl Report {
    /// Whether a restore of it would succeed.
    pub fn would_restore(&self) -> bool {
        self.damage.is_empty()
    }

    /// Itself, or what is wrong with it as an error.
    pub(super) fn require_sound(self) -> Result<Self> {
        match self.damage.first() {
            None => Ok(self),
            Some(damage) => Err(StoreError::Damaged(damage.clone()).into()),
        }
    }
}

impl App {
    /// Writes a backup to the new file `target`, readable for its owner alone. It appears under
    /// that name when it has been proven to restore, and not before.
    ///
    /// # Errors
    /// [`Error::Taken`] when anything has that name; when the copy is damaged, or `who` may not.
    pub fn backup(&self, who: &Principal, target: &Path, progress: Progress<'_>) -> Result<Report> {
        self.refuse_own(target)?;
        // Known before the work; `publish` would refuse it, too.
        if target.symlink_metadata().is_ok() {
            return Err(taken(target));
        }
        let (draft, report) = self.draft_backup(who, files::folder_of(target), progress)?;
        draft.publish(target).map_err(|error| match error {
            StoreError::File { source, .. } if source.kind() == ErrorKind::AlreadyExists => taken(target),
            other => other.into(),
        })?;
        self.note_backup(who, elsewhere(), &report)?;
        Ok(report)
    }

    /// As [`App::backup`], but in place of a file that has that name.
    ///
    /// # Errors
    /// When that file is a part of the database itself, the copy is damaged, or `who` may not; then
    /// the file that was there still is.
    pub fn backup_over(&self, who: &Principal, target: &Path, progress: Progress<'_>) -> Result<Report> {
        self.refuse_own(target)?;
        let (draft, report) = self.draft_backup(who, files::folder_of(target), progress)?;
        draft.replace(target)?;
        self.note_backup(who, elsewhere(), &report)?;
        Ok(report)
    }

    /// A proven backup under a name of its own in `folder`, to be read and then dropped.
    ///
    /// # Errors
    /// When the copy is damaged, or `who` may not.
    pub fn backup_draft(
        &self,
        who: &Principal,
        folder: &Path,
        progress: Progress<'_>,
    ) -> Result<(Draft, Report)> {
        let (draft, report) = self.draft_backup(who, folder, progress)?;
        self.note_backup(who, elsewhere(), &report)?;
        Ok((draft, report))
    }

    pub(super) fn draft_backup(
        &self,
        who: &Principal,
        folder: &Path,
        progress: Progress<'_>,
    ) -> Result<(Draft, Report)> {
        require(who, Permission::ManageServer, &ProjectName::default())?;
        self.flush_usage()?;
        let draft = Draft::new(folder)?;
        self.store.copy_into(&draft, progress)?;
        let report = examine(&*store::open_copy(draft.path())?, draft.path())?.require_sound()?;
        Ok((draft, report))
    }

    // A copy in the database's own place would take away what a running server writes into.
    fn refuse_own(&self, target: &Path) -> Result<()> {
        if self.store.owns(target) {
            let message = format!("`{}` is a part of the database itself, not a backup", target.display());
            return Err(Error::InUse(message));
        }
        Ok(())
    }

    pub(super) fn note_backup(&self, who: &Principal, target: Target, report: &Report) -> Result<()> {
        let mut tx = self.write()?;
        let detail = json!({ "keys": report.n_keys, "bytes": report.bytes, "audit_head": report.audit_head });
        self.server_entry(who).append(&mut *tx, "server.backed_up", target, detail)?;
        Ok(tx.commit()?)
    }

    /// Copies the database beside itself, opens the copy as a restore would, and reads all of it.
    ///
    /// # Errors
    /// When it cannot be copied or opened, or `who` may not.
    pub fn check(&self, who: &Principal, data_dir: &Path, progress: Progress<'_>) -> Result<Report> {
        require(who, Permission::ManageServer, &ProjectName::default())?;
        let draft = Draft::new(data_dir)?;
        self.store.copy_into(&draft, progress)?;
        examine(&*store::open_copy(draft.path())?, draft.path())
    }
}

/// What an event says of a backup that is written somewhere else.
fn elsewhere() -> Target {
    Target::new("server", "backup", "backup")
}

fn taken(target: &Path) -> Error {
    let message = format!("there is something named `{}` already", target.display());
    Error::Taken { field: "file", message }
}

/// Copies a backup file into `folder`, opens the copy as a restore would, and reads all of it.
/// The file itself is only read.
///
/// # Errors
/// When it cannot be read, or is no keysrv database.
pub fn check_file(file: &Path, folder: &Path, progress: Progress<'_>) -> Result<Report> {
    let draft = take_copy(file, folder, progress)?;
    examine(&*open_taken(&draft, file)?, draft.path())
}

/// A copy of a backup file, to be examined or put in place.
pub(super) fn take_copy(file: &Path, folder: &Path, progress: Progress<'_>) -> Result<Draft> {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).metadata().is_ok_and(|metadata| metadata.len() > 0) {
        return Err(Error::InUse(format!(
            "`{}` is a database in use, with changes in a file beside it; make a backup of it first",
            file.display()
        )));
    }
    let draft = Draft::new(folder)?;
    files::copy_bytes(file, &draft, progress)?;
    Ok(draft)
}

/// Opens the copy of a backup file; what is wrong with it is said of the file.
pub(super) fn open_taken(draft: &Draft, file: &Path) -> Result<Arc<dyn Store>> {
    Ok(store::open_copy(draft.path()).map_err(|error| error.about(file))?)
}

/// Reads everything in an open database.
pub(super) fn examine(store: &dyn Store, file: &Path) -> Result<Report> {
    let tx = store.read()?;
    let mut damage = tx.find_damage()?;
    let chain = check_chain(&*tx)?;
    if let Some(n) = chain.broken_at {
        damage.push(format!("the audit log was changed: event {n} does not follow from the one before it"));
    }
    let projects = tx.list_projects()?;
    if projects.iter().all(|project| project.name != ProjectName::default()) {
        damage.push("the project `default` is missing".to_owned());
    }
    Ok(Report {
        schema_version: tx.schema_version()?,
        bytes: file.metadata().map_err(StoreError::file("read", file))?.len(),
        n_projects: projects.len(),
        n_accounts: projects.iter().map(|project| project.n_accounts).sum(),
        n_keys: projects.iter().map(|project| project.n_keys).sum(),
        n_users: tx.list_users()?.len(),
        n_events: chain.n_events,
        seen_at: clock::newest_seen(&*tx, &tx.clock_marks()?)?,
        audit_head: chain.head,
        damage,
    })
}
