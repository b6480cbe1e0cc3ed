//! Requests that were done once, in `SQLite`.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::rows::{hash, instant, ms};
use super::tx::Tx;
use crate::store::Result;
use crate::store::idempotency::{DoneOnce, IdempotencyReads, IdempotencyWrites};

fn done(row: &Row<'_>) -> rusqlite::Result<DoneOnce> {
    Ok(DoneOnce { request: hash(row, 0)?, target_id: row.get(1)?, at: instant(row, 2)? })
}

impl IdempotencyReads for Tx {
    fn find_done(&self, caller: &str, name: &[u8; 32]) -> Result<Option<DoneOnce>> {
        let sql = "SELECT request, target_id, at FROM idempotency WHERE caller = ?1 AND hash = ?2";
        let mut statement = self.connection().prepare_cached(sql)?;
        Ok(statement.query_row(params![caller, name.as_slice()], done).optional()?)
    }
}

impl IdempotencyWrites for Tx {
    fn insert_done(&mut self, caller: &str, name: &[u8; 32], done: &DoneOnce) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO idempotency (caller, hash, request, target_id, at)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![caller, name.as_slice(), done.request.as_slice(), done.target_id, ms(done.at)];
        self.connection().prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    fn forget_done(&mut self, before: Timestamp, n: u32, caller: &str, keep: u32) -> Result<()> {
        let old = "DELETE FROM idempotency
            WHERE seq IN (SELECT seq FROM idempotency WHERE at < ?1 ORDER BY at LIMIT ?2)";
        self.connection().prepare_cached(old)?.execute(params![ms(before), n])?;
        let many = "DELETE FROM idempotency WHERE seq IN
            (SELECT seq FROM idempotency WHERE caller = ?1 ORDER BY seq DESC LIMIT -1 OFFSET ?2)";
        self.connection().prepare_cached(many)?.execute(params![caller, keep])?;
        Ok(())
    }
}
