//! Counts of use in `SQLite`.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::rows::{found, ms, unfit};
use super::tx::Tx;
use crate::model::code::Code;
use crate::model::key::KeyId;
use crate::model::usage::{Hour, KeyUsage, SecretUse, UsageBatch, UsageCount};
use crate::store::keys::KeySeq;
use crate::store::{Result, UsageReads, UsageWrites};

/// Adds a batch inside a transaction; keys that are gone are passed over.
pub(super) fn add(connection: &Connection, batch: &UsageBatch) -> Result<()> {
    for (id, usage) in batch {
        if let Some(seq) = find_seq(connection, id)? {
            add_counts(connection, seq, usage)?;
            add_watched(connection, seq, usage)?;
            set_last(connection, seq, usage)?;
        }
    }
    Ok(())
}

fn find_seq(connection: &Connection, id: &KeyId) -> Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT seq FROM keys WHERE id = ?1")?;
    Ok(statement.query_row([id.as_str()], |row| row.get(0)).optional()?)
}

fn add_counts(connection: &Connection, seq: i64, usage: &KeyUsage) -> Result<()> {
    let sql = "INSERT INTO usage_hours (key_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (key_seq, hour, code) DO UPDATE SET count = count + excluded.count";
    let mut statement = connection.prepare_cached(sql)?;
    for (hour, code, count) in &usage.counts {
        statement.execute(params![seq, hour.0, code.as_str(), count])?;
    }
    Ok(())
}

fn add_watched(connection: &Connection, seq: i64, usage: &KeyUsage) -> Result<()> {
    if usage.watched.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO watched_hours (key_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (key_seq, hour, code) DO UPDATE SET count = count + excluded.count";
    let mut statement = connection.prepare_cached(sql)?;
    for (hour, watched, count) in &usage.watched {
        statement.execute(params![seq, hour.0, watched.as_str(), count])?;
    }
    Ok(())
}

// Another process may have written a later time already, so that the later one stays.
fn set_last(connection: &Connection, seq: i64, usage: &KeyUsage) -> Result<()> {
    if let Some(last) = usage.last_used {
        let sql = "UPDATE keys SET last_used_at = ?2, last_used_ip = ?3, unused_off_at = NULL
                WHERE seq = ?1 AND last_used_at <= ?2";
        let ip = last.ip.map(|ip| ip.to_string());
        connection.prepare_cached(sql)?.execute(params![seq, ms(last.at), ip])?;
    }
    if let Some((at, code)) = usage.last_refused {
        let sql = "UPDATE keys SET last_refused_at = ?2, last_refused_code = ?3
            WHERE seq = ?1 AND coalesce(last_refused_at, 0) <= ?2";
        connection.prepare_cached(sql)?.execute(params![seq, ms(at), code.as_str()])?;
    }
    set_seen(connection, seq, &usage.secrets)
}

fn set_seen(connection: &Connection, seq: i64, secrets: &[SecretUse]) -> Result<()> {
    if secrets.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE key_secrets SET n_seen = n_seen + ?3,
            last_used_at = nullif(max(coalesce(last_used_at, 0), coalesce(?4, 0)), 0),
            last_seen_ip = CASE WHEN coalesce(last_seen_at, 0) <= ?5 THEN ?6 ELSE last_seen_ip END,
            last_seen_at = max(coalesce(last_seen_at, 0), ?5)
        WHERE key_seq = ?1 AND n = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    for secret in secrets {
        let ip = secret.seen.ip.map(|ip| ip.to_string());
        let (used, seen) = (secret.used_at.map(ms), ms(secret.seen.at));
        statement.execute(params![seq, secret.n, secret.count, used, seen, ip])?;
    }
    Ok(())
}

impl UsageReads for Tx {
    fn list_usage(&self, key: KeySeq, from: Hour, to: Hour) -> Result<Vec<UsageCount>> {
        let sql = "SELECT hour, code, count FROM usage_hours
            WHERE key_seq = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour, code";
        let mut statement = self.connection().prepare_cached(sql)?;
        let counts = statement.query_map(params![key.0, from.0, to.0], |row| {
            let hour: i64 = row.get(0)?;
            let at = Timestamp::from_second(hour.saturating_mul(3600)).map_err(|error| unfit(0, error))?;
            Ok(UsageCount { at, code: found(row, 1, Code::find)?, count: row.get(2)? })
        })?;
        Ok(counts.collect::<rusqlite::Result<_>>()?)
    }
}

impl UsageWrites for Tx {
    fn delete_usage(&mut self, before: Hour) -> Result<()> {
        self.connection().execute("DELETE FROM usage_hours WHERE hour < ?1", [before.0])?;
        self.connection().execute("DELETE FROM watched_hours WHERE hour < ?1", [before.0])?;
        Ok(())
    }
}
