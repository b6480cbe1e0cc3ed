//! Limits in `SQLite`, and what has been used of quotas.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::{found, ms, parsed, parsed_opt, unfit};
use super::tx::Tx;
use crate::model::limit::{Limits, Watched, WatchedCount, WatchedTotal, Zone};
use crate::model::usage::Hour;
use crate::store::accounts::AccountSeq;
use crate::store::keys::KeySeq;
use crate::store::limits::{LimitOwner, QuotaCount};
use crate::store::usage::UsageOwner;
use crate::store::{LimitReads, LimitWrites, Result};

/// The column as limits. Nearly every key has none, and a verification reads it each time.
pub(super) fn limits(row: &Row<'_>, at: usize) -> rusqlite::Result<Limits> {
    if row.get_ref(at)?.as_str_or_null()?.is_none_or(str::is_empty) {
        return Ok(Limits::default());
    }
    Ok(parsed_opt(row, at, Limits::parse)?.unwrap_or_default())
}

/// The column as a time zone, which is looked up only when one of these limits is a quota.
pub(super) fn zone(row: &Row<'_>, at: usize, of: &[Option<&Limits>]) -> rusqlite::Result<Zone> {
    let is_needed = of.iter().flatten().any(|limits| limits.quota.is_some());
    if is_needed { parsed(row, at, Zone::parse) } else { Ok(Zone::default()) }
}

/// How much of a quota has been used.
pub(super) fn quota_used(connection: &Connection, count: &QuotaCount) -> Result<u64> {
    let (sql, id) = match &count.owner {
        LimitOwner::Key(id) => (
            "SELECT q.used FROM keys o JOIN key_quotas q ON q.key_seq = o.seq
                WHERE o.id = ?1 AND q.since = ?2 AND q.period = ?3",
            id.as_str(),
        ),
        LimitOwner::Account(id) => (
            "SELECT q.used FROM accounts o JOIN account_quotas q ON q.account_seq = o.seq
                WHERE o.id = ?1 AND q.since = ?2 AND q.period = ?3",
            id.as_str(),
        ),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let used = statement.query_row(params![id, ms(count.since), count.period], |row| row.get(0));
    Ok(used.optional()?.unwrap_or(0))
}

/// Adds to what has been used, and answers with what then has been; `None` where the owner is gone
/// or counts under a newer instant.
pub(super) fn add_quota(connection: &Connection, count: &QuotaCount, delta: i64) -> Result<Option<u64>> {
    let (sql, id) = match &count.owner {
        LimitOwner::Key(id) => (
            "INSERT INTO key_quotas (key_seq, since, period, used)
                SELECT seq, ?2, ?3, max(?4, 0) FROM keys WHERE id = ?1
            ON CONFLICT (key_seq) DO UPDATE SET since = excluded.since, period = excluded.period,
                used = CASE WHEN since = excluded.since AND period = excluded.period
                    THEN max(used + ?4, 0) ELSE excluded.used END
                WHERE since <= excluded.since
            RETURNING used",
            id.as_str(),
        ),
        LimitOwner::Account(id) => (
            "INSERT INTO account_quotas (account_seq, since, period, used)
                SELECT seq, ?2, ?3, max(?4, 0) FROM accounts WHERE id = ?1
            ON CONFLICT (account_seq) DO UPDATE SET since = excluded.since, period = excluded.period,
                used = CASE WHEN since = excluded.since AND period = excluded.period
                    THEN max(used + ?4, 0) ELSE excluded.used END
                WHERE since <= excluded.since
            RETURNING used",
            id.as_str(),
        ),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![id, ms(count.since), count.period, delta])?;
    let used = rows.next()?.map(|row| row.get(0)).transpose()?;
    // Stepped to its end: a statement that stays open is no statement that has been done.
    while rows.next()?.is_some() {}
    Ok(used)
}

fn watched(row: &Row<'_>) -> rusqlite::Result<WatchedCount> {
    let hour: i64 = row.get(0)?;
    let at = Timestamp::from_second(hour.saturating_mul(3600)).map_err(|error| unfit(0, error))?;
    Ok(WatchedCount { at, code: found(row, 1, Watched::find)?, count: row.get(2)? })
}

impl LimitReads for Tx {
    fn quota_used(&self, count: &QuotaCount) -> Result<u64> {
        quota_used(self.connection(), count)
    }

    fn list_watched(&self, key: KeySeq, from: Hour, to: Hour) -> Result<Vec<WatchedCount>> {
        let sql = "SELECT hour, code, count FROM watched_hours
            WHERE key_seq = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour, code";
        let mut statement = self.connection().prepare_cached(sql)?;
        let counts = statement.query_map(params![key.0, from.0, to.0], watched)?;
        Ok(counts.collect::<rusqlite::Result<_>>()?)
    }

    fn sum_watched(&self, owner: UsageOwner, from: Hour, to: Hour) -> Result<Vec<WatchedTotal>> {
        let (sql, seq) = match owner {
            UsageOwner::Key(key) => (
                "SELECT code, count FROM watched_hours
                    WHERE key_seq = ?1 AND hour >= ?2 AND hour < ?3",
                key.0,
            ),
            UsageOwner::Account(account) => (
                "SELECT code, count FROM account_watched_hours
                    WHERE account_seq = ?1 AND hour >= ?2 AND hour < ?3",
                account.0,
            ),
        };
        let mut totals: BTreeMap<Watched, u64> = BTreeMap::new();
        let mut statement = self.connection().prepare_cached(sql)?;
        let counts = statement.query_map([seq, from.0, to.0], |row| {
            Ok((found(row, 0, Watched::find)?, row.get::<_, u64>(1)?))
        })?;
        for count in counts {
            let (code, count) = count?;
            *totals.entry(code).or_default() += count;
        }
        Ok(totals.into_iter().map(|(code, count)| WatchedTotal { code, count }).collect())
    }
}

impl LimitWrites for Tx {
    fn set_key_limits(&mut self, key: KeySeq, limits: &Limits) -> Result<()> {
        let sql = "UPDATE keys SET limits = ?2 WHERE seq = ?1";
        self.connection().prepare_cached(sql)?.execute(params![key.0, limits.to_text()])?;
        Ok(())
    }

    fn set_account_limits(&mut self, account: AccountSeq, limits: &Limits) -> Result<()> {
        let sql = "UPDATE accounts SET limits = ?2 WHERE seq = ?1";
        self.connection().prepare_cached(sql)?.execute(params![account.0, limits.to_text()])?;
        Ok(())
    }
}
