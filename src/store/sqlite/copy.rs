//! A consistent copy of a database that is in use, as a single file.
//!
//! `SQLite`'s backup API starts again when somebody writes in between, so that the copy is taken
//! within one read transaction, which ends. The copy is turned from WAL into a single file.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::pool::{Role, connect};
use crate::store::check::Progress;
use crate::store::files::Draft;
use crate::store::{Result, StoreError};

const PAGES_A_STEP: i32 = 2_048;

/// Copies the database at `source` into a draft.
pub(super) fn copy_into(source: &Path, draft: &Draft, progress: Progress<'_>) -> Result<()> {
    copy_pages(source, draft.path(), progress)
}

fn copy_pages(source: &Path, target: &Path, progress: Progress<'_>) -> Result<()> {
    let source = connect(source, Role::Reader)?;
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
    let mut copy = Connection::open(target)?;
    run(&source, &mut copy, progress)?;
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn run(source: &Connection, copy: &mut Connection, progress: Progress<'_>) -> Result<()> {
    let backup = Backup::new(source, copy)?;
    loop {
        let step = backup.step(PAGES_A_STEP)?;
        let state = backup.progress();
        let total = u64::try_from(state.pagecount).unwrap_or_default();
        let rest = u64::try_from(state.remaining).unwrap_or_default();
        progress(total.saturating_sub(rest), total);
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(StoreError::Busy),
        }
    }
}
