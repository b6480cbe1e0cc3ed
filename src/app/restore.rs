//! Putting a backup in the place of the database.
//!
//! A restore never revives a revoked key silently: a key that the database now in place knows as
//! deleted, disabled, stopped with its account or rotated since the backup comes back disabled and
//! is named. All sessions end. The database that was there stays beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use super::audit::Entry;
use super::backup::{Report, examine, open_taken, take_copy};
use super::{Error, Result, clock as time};
use crate::clock::Clock;
use crate::model::audit::Target;
use crate::model::key::Note;
use crate::model::principal::Principal;
use crate::store::files::{self, Draft};
use crate::store::keys::{KeySeq, Switch};
use crate::store::lock::{ServerLock, UseLock};
use crate::store::{self, DATABASE_FILE, Progress, ReadTx, Store, StoreError, VerifyRecord};

const SCAN_STEP: usize = 1_000;

/// A key that came back disabled, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Revoked {
    /// The key's id.
    pub id: String,
    /// The key's name.
    pub name: String,
    /// The key's project.
    pub project: String,
    /// `deleted`, `disabled`, `account_disabled` or `rotated`.
    pub why: &'static str,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Restored {
    /// What is in the backup.
    pub report: Report,
    /// Keys that came back disabled.
    pub revoked: Vec<Revoked>,
    /// Where the database that was in place is now; `None` when there was none.
    pub kept: Option<PathBuf>,
    /// Why the database that was in place could not be asked what was revoked since the backup;
    /// `None` when it could, or when there was none.
    pub not_compared: Option<String>,
}

/// Checks a backup and puts it in place.
///
/// # Errors
/// When a server or another command uses the database, or the backup is damaged; then nothing has
/// changed.
pub fn restore(
    data_dir: &Path,
    file: &Path,
    clock: &Arc<dyn Clock>,
    who: &Principal,
    progress: Progress<'_>,
) -> Result<Restored> {
    require_file(file)?;
    files::make_private_dir(data_dir)?;
    let _no_server = ServerLock::acquire(data_dir, &format!("a restore, process {}", std::process::id()))?;
    let _alone = UseLock::alone(data_dir)?;
    let draft = take_copy(file, data_dir, progress)?;
    let backup = open_taken(&draft, file)?;
    let report = examine(&*backup, draft.path())?.require_sound()?;
    let current = store::exists(data_dir).then(|| store::open_copy(&data_dir.join(DATABASE_FILE)));
    let known = current.as_ref().and_then(|current| current.as_deref().ok());
    let now = time::no_earlier_than(clock.now(), std::iter::once(&*backup).chain(known));
    let (revoked, not_compared) = revoked_since(&*backup, current, now);
    mark(&*backup, &Entry { who, at: now, project: None }, &revoked)?;
    drop(backup);
    let kept = put_in_place(data_dir, draft, now)?;
    let revoked = revoked.into_iter().map(|(_, revoked)| revoked).collect();
    Ok(Restored { report, revoked, kept, not_compared })
}

fn require_file(file: &Path) -> Result<()> {
    let metadata = file.metadata().map_err(StoreError::file("read", file))?;
    if metadata.is_file() { Ok(()) } else { Err(Error::InUse(format!("`{}` is not a file", file.display()))) }
}

type Marked = Vec<(KeySeq, Revoked)>;

/// The keys of the backup that are live in it and were revoked since. A database that cannot be
/// read is no reason not to restore: that is what backups are for.
fn revoked_since(
    backup: &dyn Store,
    current: Option<store::Result<Arc<dyn Store>>>,
    now: Timestamp,
) -> (Marked, Option<String>) {
    let Some(current) = current else { return (Vec::new(), None) };
    let found = current.and_then(|current| compare(backup, &*current, now));
    found.map_or_else(|error| (Vec::new(), Some(error.to_string())), |marked| (marked, None))
}

fn compare(backup: &dyn Store, current: &dyn Store, now: Timestamp) -> store::Result<Marked> {
    let (backup, current) = (backup.read()?, current.read()?);
    let mut marked = Vec::new();
    let mut after = KeySeq(0);
    loop {
        let keys = backup.scan_keys(after, SCAN_STEP)?;
        let Some((last, _)) = keys.last() else { return Ok(marked) };
        after = *last;
        for (seq, old) in keys.iter().filter(|(_, old)| old.facts.enabled) {
            if let Some(why) = why_revoked(old, &*current, now)? {
                marked.push((*seq, revoked(old, why)));
            }
        }
    }
}

fn why_revoked(
    old: &VerifyRecord,
    current: &dyn ReadTx,
    now: Timestamp,
) -> store::Result<Option<&'static str>> {
    let Some(new) = current.find_verify_record(&old.facts.id)? else { return Ok(Some("deleted")) };
    let works = |record: &VerifyRecord| record.facts.account.as_ref().is_none_or(|account| account.enabled);
    let live = |record: &VerifyRecord| -> Vec<[u8; 32]> {
        let is_live = |ends_at: Option<Timestamp>| ends_at.is_none_or(|ends_at| ends_at > now);
        record.secrets.iter().filter(|secret| is_live(secret.ends_at)).map(|secret| secret.hash).collect()
    };
    let now_live = live(&new);
    Ok(if !new.facts.enabled {
        Some("disabled")
    } else if works(old) && !works(&new) {
        Some("account_disabled")
    } else if live(old).iter().any(|hash| !now_live.contains(hash)) {
        Some("rotated")
    } else {
        None
    })
}

fn revoked(record: &VerifyRecord, why: &'static str) -> Revoked {
    Revoked {
        id: record.facts.id.to_string(),
        name: record.facts.name.as_str().to_owned(),
        project: record.facts.project.to_string(),
        why,
    }
}

/// Writes into the copy what a restore means: revoked keys are off, sessions end, the log says so.
fn mark(backup: &dyn Store, entry: &Entry<'_>, revoked: &Marked) -> Result<()> {
    let mut tx = backup.write()?;
    let reason = Note::parse("reason", "it was revoked after the backup that was restored")?;
    for (seq, key) in revoked {
        tx.switch_key(*seq, &Switch::Off { reason: reason.as_ref() })?;
        let target = Target::new("key", key.id.clone(), key.name.clone());
        let detail = json!({ "restored": true, "was": key.why });
        let project = crate::model::project::ProjectName::parse(&key.project)?;
        Entry { project: Some(&project), ..*entry }.append(&mut *tx, "key.disabled", target, detail)?;
    }
    tx.delete_sessions(None)?;
    let target = Target::new("server", "restore", "restore");
    entry.append(&mut *tx, "server.restored", target, json!({ "disabled": revoked.len() }))?;
    Ok(tx.commit()?)
}

/// Keeps the database that is there under another name and gives the new one its place.
///
/// The logs go before the new file comes: a log of the old file beside the new one would be played
/// into it.
fn put_in_place(data_dir: &Path, draft: Draft, now: Timestamp) -> Result<Option<PathBuf>> {
    let database = data_dir.join(DATABASE_FILE);
    if !store::exists(data_dir) {
        draft.publish(&database)?;
        return Ok(None);
    }
    let aside =
        data_dir.join(format!("{DATABASE_FILE}.before-restore-{}", now.strftime("%Y%m%dT%H%M%S%3fZ")));
    for end in ["", "-wal", "-shm"] {
        let (from, to) = (with_end(&database, end), with_end(&aside, end));
        if from.symlink_metadata().is_ok() {
            std::fs::hard_link(&from, &to).map_err(StoreError::file("keep", &from))?;
        }
    }
    files::sync_folder_of(&database)?;
    for end in ["-wal", "-shm"] {
        let log = with_end(&database, end);
        if log.symlink_metadata().is_ok() {
            std::fs::remove_file(&log).map_err(StoreError::file("remove", &log))?;
        }
    }
    draft.replace(&database)?;
    Ok(Some(aside))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    PathBuf::from(path)
}
