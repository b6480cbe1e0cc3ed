//! Adding counts of use in `SQLite`; reading and folding them is in `usage_list` and `usage_fold`.

use rusqlite::{Connection, OptionalExtension, params};

use super::rows::ms;
use crate::model::key::KeyId;
use crate::model::usage::{KeyUsage, SecretUse, UsageBatch};
use crate::store::Result;

/// Adds a batch inside a transaction; keys that are gone are passed over.
pub(super) fn add(connection: &Connection, batch: &UsageBatch) -> Result<()> {
    for (id, usage) in batch {
        if let Some((seq, account)) = find_seq(connection, id)? {
            add_counts(connection, ADD_OF_KEY, seq, usage)?;
            if let Some(account) = account {
                add_counts(connection, ADD_OF_ACCOUNT, account, usage)?;
            }
            add_watched(connection, seq, usage)?;
            set_last(connection, seq, usage)?;
            set_seen(connection, seq, &usage.secrets)?;
        }
    }
    Ok(())
}

/// Adds what few keys have: two secrets, or limits that are only watched.
pub(super) fn add_rare(connection: &Connection, id: &KeyId, usage: &KeyUsage) -> Result<()> {
    if usage.secrets.is_empty() && usage.watched.is_empty() {
        return Ok(());
    }
    let Some((seq, _)) = find_seq(connection, id)? else { return Ok(()) };
    add_watched(connection, seq, usage)?;
    set_seen(connection, seq, &usage.secrets)
}

fn find_seq(connection: &Connection, id: &KeyId) -> Result<Option<(i64, Option<i64>)>> {
    let sql = "SELECT seq, account_seq FROM keys WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

const ADD_OF_KEY: &str = "INSERT INTO usage_hours (key_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (key_seq, hour, code) DO UPDATE SET count = count + excluded.count";
const ADD_OF_ACCOUNT: &str =
    "INSERT INTO account_hours (account_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (account_seq, hour, code) DO UPDATE SET count = count + excluded.count";

fn add_counts(connection: &Connection, sql: &str, seq: i64, usage: &KeyUsage) -> Result<()> {
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
    Ok(())
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
