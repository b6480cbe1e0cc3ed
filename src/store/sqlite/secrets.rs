//! The secrets of keys in `SQLite`.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::rows::{instant, instant_opt, ms, parsed};
use super::tx::Tx;
use crate::model::expiry::Span;
use crate::model::key::{Key, KeyId, SecretInfo, attribute};
use crate::model::project::ProjectName;
use crate::store::keys::KeySeq;
use crate::store::secrets::NewSecret;
use crate::store::{Result, SecretReads, SecretWrites};

/// Reads the secrets of a key, newest first; with `now` only those that are live then.
pub(super) fn add_secrets(connection: &Connection, mut key: Key, now: Option<Timestamp>) -> Result<Key> {
    key.secrets = read(connection, key.seq)?;
    attribute(&mut key.secrets, key.last_used_at, key.last_used_ip.as_deref());
    if let Some(now) = now {
        key.secrets.retain(|secret| secret.ends_at.is_none_or(|ends_at| ends_at > now));
    }
    Ok(key)
}

fn read(connection: &Connection, key: i64) -> Result<Vec<SecretInfo>> {
    let sql = "SELECT created_at, ends_at, last_used_at, last_seen_at, last_seen_ip, n_seen, quiet_ms
        FROM key_secrets WHERE key_seq = ?1 ORDER BY n DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let secrets = statement.query_map([key], info)?;
    Ok(secrets.collect::<rusqlite::Result<_>>()?)
}

fn info(row: &Row<'_>) -> rusqlite::Result<SecretInfo> {
    Ok(SecretInfo {
        created_at: instant(row, 0)?,
        ends_at: instant_opt(row, 1)?,
        last_used_at: instant_opt(row, 2)?,
        last_seen_at: instant_opt(row, 3)?,
        last_seen_ip: row.get(4)?,
        n_seen: row.get(5)?,
        quiet: row.get::<_, Option<i64>>(6)?.map(Span::from_ms),
    })
}

pub(super) fn insert_secret(
    connection: &Connection,
    key: i64,
    n: i64,
    (hash, algorithm): ([u8; 32], &str),
    at: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO key_secrets (key_seq, n, algorithm, hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![key, n, algorithm, hash.as_slice(), ms(at)])?;
    Ok(())
}

fn newest(connection: &Connection, key: KeySeq) -> Result<i64> {
    let sql = "SELECT max(n) FROM key_secrets WHERE key_seq = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([key.0], |row| row.get(0))?)
}

// From now on the use of each secret is noted by itself: the old one starts with what is known of the key.
fn start_notes(connection: &Connection, key: KeySeq, n: i64, quiet: Option<Span>) -> Result<()> {
    let used = "SELECT last_used_at, last_used_ip FROM keys WHERE seq = ?1";
    let (at, ip): (i64, Option<String>) =
        connection.prepare_cached(used)?.query_row([key.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut secrets = read(connection, key.0)?;
    attribute(&mut secrets, Timestamp::from_millisecond(at).ok().filter(|_| at > 0), ip.as_deref());
    let Some(old) = secrets.first() else { return Ok(()) };
    let sql = "UPDATE key_secrets SET last_used_at = ?3, last_seen_at = ?4, last_seen_ip = ?5, n_seen = 0,
        quiet_ms = ?6 WHERE key_seq = ?1 AND n = ?2";
    let (used, seen) = (old.last_used_at.map(ms), old.last_seen_at.map(ms));
    let values = params![key.0, n, used, seen, old.last_seen_ip, quiet.map(Span::as_ms)];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

impl SecretReads for Tx {
    fn list_quiet(&self, now: Timestamp, n: usize) -> Result<Vec<(ProjectName, KeyId)>> {
        let sql = "SELECT p.name, k.id FROM key_secrets s JOIN keys k ON k.seq = s.key_seq
                JOIN projects p ON p.seq = k.project_seq
            WHERE s.quiet_ms IS NOT NULL AND s.ends_at > ?1 AND s.quiet_ms + max(coalesce(s.last_seen_at, 0),
                (SELECT max(created_at) FROM key_secrets newer WHERE newer.key_seq = s.key_seq)) <= ?1
            LIMIT ?2";
        let mut statement = self.connection().prepare_cached(sql)?;
        let rows = statement.query_map(params![ms(now), n], |row| {
            Ok((parsed(row, 0, ProjectName::parse)?, parsed(row, 1, KeyId::parse)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

const END: &str =
    "UPDATE key_secrets SET ends_at = ?3 WHERE key_seq = ?1 AND (ends_at IS NULL OR ends_at > ?3)";

impl SecretWrites for Tx {
    fn replace_secret(&mut self, key: KeySeq, new: &NewSecret) -> Result<()> {
        let connection = self.connection();
        let newest = newest(connection, key)?;
        let sql = "DELETE FROM key_secrets WHERE key_seq = ?1 AND ends_at < ?2";
        connection.execute(sql, params![key.0, ms(new.forget_before)])?;
        start_notes(connection, key, newest, new.quiet)?;
        connection.execute(&format!("{END} AND n < ?2"), params![key.0, newest, ms(new.at)])?;
        connection.execute(&format!("{END} AND n = ?2"), params![key.0, newest, ms(new.ends_at)])?;
        connection
            .execute("UPDATE keys SET prefix = ?2 WHERE seq = ?1", params![key.0, new.prefix.as_str()])?;
        insert_secret(connection, key.0, newest + 1, new.secret, new.at)
    }

    fn end_old_secrets(&mut self, key: KeySeq, at: Timestamp) -> Result<()> {
        let connection = self.connection();
        let newest = newest(connection, key)?;
        connection.execute(&format!("{END} AND n < ?2"), params![key.0, newest, ms(at)])?;
        Ok(())
    }
}
