//! Uses of the last seconds in `SQLite`: noted together, moved to the rows of their keys in turn.
//!
//! To write what one key was used costs about 60 µs where it belongs (its row, two places of an index,
//! its hour: a page each), and 4 µs here, where keys lie beside each other. A key that is used all the
//! time is moved once in half a minute. A move takes away what it adds, in one transaction, so that
//! nothing is lost or counted twice.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};

use super::rows::{found, instant, ms, parsed};
use super::usage;
use crate::model::code::Code;
use crate::model::key::KeyId;
use crate::model::usage::{Hour, KeyUsage, LastUse, UsageBatch};
use crate::store::Result;
use crate::store::usage::Settle;

/// After every id.
const END: &str = "~";
/// In the order of the database; the ids of keys begin with any of them alike.
const LETTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LETTERS_A_SHARE: usize = 2;

/// Notes a batch inside a transaction.
pub(super) fn note(connection: &Connection, batch: &UsageBatch) -> Result<()> {
    let sql = "INSERT INTO recent_uses (key_id, hour, code, count, last_at, last_ip)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (key_id, hour, code) DO UPDATE SET count = count + excluded.count,
            last_ip = iif(excluded.last_at >= last_at, excluded.last_ip, last_ip),
            last_at = max(last_at, excluded.last_at)";
    let mut statement = connection.prepare_cached(sql)?;
    for (id, usage) in batch {
        for (hour, code, count) in &usage.counts {
            let (at, ip) = last(usage, *hour, *code);
            statement.execute(params![id.as_str(), hour.0, code.as_str(), count, at, ip])?;
        }
        usage::add_rare(connection, id, usage)?;
    }
    Ok(())
}

fn last(usage: &KeyUsage, hour: Hour, code: Code) -> (i64, Option<String>) {
    let last = if code.is_valid() {
        usage.last_used
    } else {
        let refused = usage.last_refused.filter(|(_, last)| *last == code);
        refused.map(|(at, _)| LastUse { at, ip: None })
    };
    let last = last.filter(|last| Hour::of(last.at) == hour);
    last.map_or((0, None), |last| (ms(last.at), last.ip.map(|ip| ip.to_string())))
}

/// Whether nothing waits to be moved.
pub(super) fn is_empty(connection: &Connection) -> Result<bool> {
    Ok(!connection.prepare_cached("SELECT 1 FROM recent_uses LIMIT 1")?.exists([])?)
}

/// Moves at most `n` counts inside a transaction; answers with how many it were.
pub(super) fn settle(connection: &Connection, which: Settle, n: usize) -> Result<usize> {
    let (from, to) = range(which);
    move_counts(connection, params![from, to, n])
}

/// Moves the uses of one key inside a transaction.
pub(super) fn settle_key(connection: &Connection, key: i64) -> Result<()> {
    let sql = "SELECT id FROM keys WHERE seq = ?1";
    let id: String = connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))?;
    move_counts(connection, params![id, format!("{id} "), i64::MAX])?;
    Ok(())
}

fn range(which: Settle) -> (&'static str, &'static str) {
    let Settle::Share(n) = which else { return ("", END) };
    let n_shares = LETTERS.len() / LETTERS_A_SHARE;
    let at = usize::try_from(n).unwrap_or_default() % n_shares * LETTERS_A_SHARE;
    let letter = |at: usize| LETTERS.get(at..=at);
    (letter(at).unwrap_or_default(), letter(at + LETTERS_A_SHARE).unwrap_or(END))
}

fn move_counts(connection: &Connection, values: impl rusqlite::Params) -> Result<usize> {
    let sql = "SELECT key_id, hour, code, count, last_at, last_ip FROM recent_uses
        WHERE key_id >= ?1 AND key_id < ?2 ORDER BY key_id LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let mut batch = BTreeMap::<KeyId, KeyUsage>::new();
    while let Some(row) = rows.next()? {
        add(batch.entry(parsed(row, 0, KeyId::parse)?).or_default(), row)?;
    }
    let batch: UsageBatch = batch.into_iter().collect();
    usage::add(connection, &batch)?;
    let sql = "DELETE FROM recent_uses WHERE key_id = ?1 AND hour = ?2 AND code = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    for (id, usage) in &batch {
        for (hour, code, _) in &usage.counts {
            statement.execute(params![id.as_str(), hour.0, code.as_str()])?;
        }
    }
    Ok(batch.iter().map(|(_, usage)| usage.counts.len()).sum())
}

fn add(usage: &mut KeyUsage, row: &Row<'_>) -> Result<()> {
    let (code, at) = (found(row, 2, Code::find)?, instant(row, 4)?);
    usage.counts.push((Hour(row.get(1)?), code, row.get(3)?));
    if at.as_millisecond() == 0 {
        return Ok(());
    }
    if code.is_valid() {
        let ip: Option<String> = row.get(5)?;
        let newest = usage.last_used.is_none_or(|last| last.at <= at);
        usage.last_used = if newest {
            Some(LastUse { at, ip: ip.and_then(|ip| ip.parse().ok()) })
        } else {
            usage.last_used
        };
    } else if usage.last_refused.is_none_or(|(last, _)| last <= at) {
        usage.last_refused = Some((at, code));
    }
    Ok(())
}
