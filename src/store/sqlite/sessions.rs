//! Sessions in `SQLite`.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::rows::{hash, instant, ms, parsed};
use super::tx::Tx;
use crate::model::session::Session;
use crate::model::user::{Role, UserId, UserName};
use crate::store::{Result, SessionReads, SessionWrites};

const SELECT: &str = "SELECT s.hash, s.user_seq, u.name, u.role, s.created_at, s.last_seen_at
    FROM sessions s JOIN users u ON u.seq = s.user_seq";

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        hash: hash(row, 0)?,
        user_id: UserId(row.get(1)?),
        user_name: parsed(row, 2, UserName::parse)?,
        role: parsed(row, 3, Role::parse)?,
        created_at: instant(row, 4)?,
        last_seen_at: instant(row, 5)?,
    })
}

impl SessionReads for Tx {
    fn find_session(&self, hash: &[u8; 32]) -> Result<Option<Session>> {
        let sql = format!("{SELECT} WHERE s.hash = ?1");
        let mut statement = self.connection().prepare_cached(&sql)?;
        Ok(statement.query_row([hash.as_slice()], session).optional()?)
    }

    fn list_user_sessions(&self, user: UserId) -> Result<Vec<Session>> {
        let sql = format!("{SELECT} WHERE s.user_seq = ?1 ORDER BY s.created_at DESC");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map([user.0], session)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl SessionWrites for Tx {
    fn insert_session(&mut self, hash: &[u8; 32], user: UserId, at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO sessions (hash, user_seq, created_at, last_seen_at) VALUES (?1, ?2, ?3, ?3)";
        self.connection().execute(sql, params![hash.as_slice(), user.0, ms(at)])?;
        Ok(())
    }

    fn set_session_seen(&mut self, hash: &[u8; 32], at: Timestamp) -> Result<()> {
        let sql = "UPDATE sessions SET last_seen_at = ?2 WHERE hash = ?1";
        self.connection().execute(sql, params![hash.as_slice(), ms(at)])?;
        Ok(())
    }

    fn delete_session(&mut self, hash: &[u8; 32]) -> Result<()> {
        self.connection().execute("DELETE FROM sessions WHERE hash = ?1", [hash.as_slice()])?;
        Ok(())
    }

    fn delete_user_sessions(&mut self, user: UserId, keep_newest: usize) -> Result<()> {
        let sql = "DELETE FROM sessions WHERE user_seq = ?1 AND hash NOT IN
            (SELECT hash FROM sessions WHERE user_seq = ?1 ORDER BY created_at DESC LIMIT ?2)";
        self.connection().execute(sql, params![user.0, keep_newest])?;
        Ok(())
    }

    fn delete_sessions(&mut self, seen_before: Option<Timestamp>) -> Result<()> {
        let before = seen_before.map_or(i64::MAX, ms);
        self.connection().execute("DELETE FROM sessions WHERE last_seen_at < ?1", [before])?;
        Ok(())
    }
}
