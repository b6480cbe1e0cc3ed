//! The table of the backups that are kept.

use actix_web::http::StatusCode;
use askama::Template;
use jiff::Timestamp;

use crate::app::backups::{BACKUPS_FOLDER, BACKUPS_MAX, Finding, KeptBackup, Proof};
use crate::model::backup::BackupName;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{FieldErrors, Frame, Place, Toast};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{When, counted, sized};
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "backups/list.html")]
struct BackupsPage {
    frame: Frame,
    rows: Vec<BackupRow>,
    is_busy: bool,
    /// Why the last one failed; empty where none did.
    failed: String,
    max: usize,
    folder: &'static str,
    errors: FieldErrors,
}

/// A backup in the table.
struct BackupRow {
    name: BackupName,
    made: When,
    size: String,
    proof: Option<ProofWords>,
}

/// When and how it was last read as a restore would.
struct ProofWords {
    at: When,
    tone: &'static str,
    words: &'static str,
    /// "12 keys", or what is wrong.
    detail: String,
}

/// What was done, as the address says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Made,
    Proven,
    Damaged,
    Deleted,
}

impl Done {
    const ALL: [(Self, &'static str, &'static str, &'static str); 4] = [
        (Self::Made, "made", "Made the backup", "It was proven to restore."),
        (Self::Proven, "proven", "Proved the backup", "It would restore."),
        (Self::Damaged, "damaged", "Looked at the backup", "It is damaged and would not restore."),
        (Self::Deleted, "deleted", "Deleted the backup", "It can’t be brought back."),
    ];

    /// The table with the message.
    pub(super) fn address(self, name: &BackupName) -> String {
        let word = Self::ALL.iter().find(|(done, ..)| *done == self).map_or("", |(_, word, ..)| word);
        format!("{}?done={word}&it={name}", routes::BACKUPS)
    }

    fn toast(visit: &Visit) -> Option<Toast> {
        let query = visit.query();
        let name = BackupName::parse(query.get("it"))?;
        let (_, _, done, then) = Self::ALL.into_iter().find(|(_, word, ..)| *word == query.get("done"))?;
        let name = When::new(name.at(), visit.now()).exact;
        Some(Toast::new(done, name, then, routes::BACKUPS.to_owned()))
    }
}

/// The table.
pub(crate) fn list(visit: &Visit) -> PageResult {
    list_with(visit, StatusCode::OK, FieldErrors::default())
}

/// The table with what was wrong.
pub(super) fn list_with(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let kept = visit.app.list_backups(&visit.who())?;
    let (mut frame, _) = visit.server_frame(Place::Backups)?;
    frame.toast = Done::toast(visit);
    let rows = kept.backups.into_iter().map(|backup| BackupRow::new(backup, visit.now())).collect();
    let (is_busy, max, folder) = (kept.is_busy, BACKUPS_MAX, BACKUPS_FOLDER);
    let failed = kept.failed.unwrap_or_default();
    Answer::page_with(status, &BackupsPage { frame, rows, is_busy, failed, max, folder, errors })
}

impl BackupRow {
    fn new(backup: KeptBackup, now: Timestamp) -> Self {
        Self {
            made: When::new(backup.name.at(), now),
            size: sized(backup.bytes),
            proof: backup.proof.map(|proof| ProofWords::new(proof, now)),
            name: backup.name,
        }
    }
}

impl ProofWords {
    fn new(proof: Proof, now: Timestamp) -> Self {
        let at = When::new(proof.at, now);
        match proof.finding {
            Finding::Restores { n_keys } => {
                Self { at, tone: "good", words: "Would restore", detail: counted(n_keys, "key") }
            }
            Finding::Damaged(detail) => Self { at, tone: "bad", words: "Damaged", detail },
        }
    }
}
