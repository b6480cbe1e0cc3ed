//! Uses of the last seconds in `SQLite`: noted together, moved to the rows of their keys in turn.
//!
//! To write what one key was used where it belongs changes its row, two places of an index and its hour: four
//! pages, and here only one, which keys that were made together share. A key that is used all the
//! time is moved once in half a minute. A move takes away what it adds, in one transaction, so that
//! nothing is lost or counted twice.

use rusqlite::{Connection, Row, params};

use super::rows::{found, instant, ms};
use super::usage;
use crate::model::code::Code;
use crate::model::usage::{Hour, KeyUsage, LastUse};
use crate::store::Result;
use crate::store::keys::KeySeq;
use crate::store::usage::{Settle, UsageBatch};

// A row is found by the share that its key has: with other numbers the table needs a migration, too.

/// A prime, so that no pattern of use puts all keys in few shares.
const SHARES: i64 = 31;
/// Keys that were made one after the other and are moved together: about so many as share a few pages.
const NEIGHBOURS: i64 = 64;

fn share_of(key: KeySeq) -> i64 {
    key.0 / NEIGHBOURS % SHARES
}

/// Notes a batch inside a transaction.
pub(super) fn note(connection: &Connection, batch: &UsageBatch) -> Result<()> {
    let sql = "INSERT INTO recent_uses (share, key_seq, hour, code, count, last_at, last_ip)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (share, key_seq, hour, code) DO UPDATE SET count = count + excluded.count,
            last_ip = iif(excluded.last_at >= last_at, excluded.last_ip, last_ip),
            last_at = max(last_at, excluded.last_at)";
    let mut statement = connection.prepare_cached(sql)?;
    for (key, usage) in batch {
        for (hour, code, count) in &usage.counts {
            let (at, ip) = last(usage, *hour, *code);
            statement.execute(params![share_of(*key), key.0, hour.0, code.as_str(), count, at, ip])?;
        }
        usage::add_rare(connection, *key, usage)?;
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
    match which {
        Settle::All => move_counts(connection, "", params![n]),
        Settle::Share(second) => {
            let share = i64::try_from(second).unwrap_or_default() % SHARES;
            move_counts(connection, "WHERE share = ?2", params![n, share])
        }
    }
}

/// Moves the uses of one key inside a transaction.
pub(super) fn settle_key(connection: &Connection, key: KeySeq) -> Result<()> {
    let of_key = "WHERE share = ?2 AND key_seq = ?3";
    move_counts(connection, of_key, params![i64::MAX, share_of(key), key.0])?;
    Ok(())
}

fn move_counts(connection: &Connection, which: &str, values: impl rusqlite::Params) -> Result<usize> {
    let sql = format!(
        "SELECT key_seq, hour, code, count, last_at, last_ip FROM recent_uses {which}
        ORDER BY share, key_seq LIMIT ?1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values)?;
    let mut batch = UsageBatch::new();
    while let Some(row) = rows.next()? {
        let key = KeySeq(row.get(0)?);
        if batch.last().is_none_or(|(last, _)| *last != key) {
            batch.push((key, KeyUsage::default()));
        }
        if let Some((_, usage)) = batch.last_mut() {
            add(usage, row)?;
        }
    }
    usage::add(connection, &batch)?;
    let sql = "DELETE FROM recent_uses WHERE share = ?1 AND key_seq = ?2 AND hour = ?3 AND code = ?4";
    let mut statement = connection.prepare_cached(sql)?;
    for (key, usage) in &batch {
        for (hour, code, _) in &usage.counts {
            statement.execute(params![share_of(*key), key.0, hour.0, code.as_str()])?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::migrate::{MIGRATIONS, bring_up};
    use crate::store::sqlite::pool::{Role, connect};

    #[test]
    fn what_was_noted_by_id_before_is_moved_once_and_only_for_keys_that_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        std::fs::write(&path, b"").unwrap();
        let mut connection = connect(&path, Role::Writer).unwrap();
        bring_up(&mut connection, &path, &MIGRATIONS[..13]).unwrap();
        let rows = "INSERT INTO projects (name, prefix, created_at) VALUES ('default', 'sk', 0);
            INSERT INTO keys (seq, id, project_seq, name, prefix, scopes, enabled, created_at, metadata,
                    allowed_ips, created_by_kind, created_by_id, created_by_name)
                SELECT value, 'k' || value, 1, value, 'sk', '', 1, 0, '{}', '', 'operator', '', ''
                FROM json_each('[63, 64, 2000]');
            INSERT INTO recent_uses SELECT id, 7, 'valid', seq, 25200000, '203.0.113.7' FROM keys;
            INSERT INTO recent_uses VALUES ('gone', 7, 'valid', 1, 25200000, NULL)";
        connection.execute_batch(rows).unwrap();
        bring_up(&mut connection, &path, MIGRATIONS).unwrap();
        let n_moved =
            (0..31).map(|second| settle(&connection, Settle::Share(second), 9).unwrap()).sum::<usize>();
        assert_eq!((n_moved, is_empty(&connection).unwrap()), (3, true));
        let sql =
            "SELECT sum(u.count = k.seq AND k.last_used_at = 25200000 AND k.last_used_ip = '203.0.113.7')
            FROM usage_hours u JOIN keys k ON k.seq = u.key_seq";
        assert_eq!(connection.query_row(sql, [], |row| row.get::<_, i64>(0)), Ok(3));
    }
}
