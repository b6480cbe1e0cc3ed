//! Folding old hours into days in `SQLite`, a bounded number at a time.
//!
//! A day of one owner is added to its row and taken out of the hours in one transaction, so that a
//! crash leaves it folded or not. It need not be the first time: uses that were written late are
//! added to what is there.

use rusqlite::{Connection, params};

use super::tx::Tx;
use super::usage_list::{OF_ACCOUNTS, OF_KEYS, OF_PROJECTS, Tables};
use crate::model::usage::UsageStep;
use crate::store::usage::{Fold, FoldPlace, Folded};
use crate::store::{Result, UsageWrites};

/// The most owners that are looked at in one step; two searches each when there is nothing to fold.
const OWNERS_MAX: usize = 2_000;

impl UsageWrites for Tx {
    fn fold_usage(&mut self, fold: &Fold) -> Result<Folded> {
        let connection = self.connection();
        let (tables, owners, after) = match fold.place {
            FoldPlace::Keys(after) => (OF_KEYS, "keys", after),
            FoldPlace::Accounts(after) => (OF_ACCOUNTS, "accounts", after),
            FoldPlace::Projects(after) => (OF_PROJECTS, "projects", after),
        };
        let place = |seq: i64| match fold.place {
            FoldPlace::Keys(_) => FoldPlace::Keys(seq),
            FoldPlace::Accounts(_) => FoldPlace::Accounts(seq),
            FoldPlace::Projects(_) => FoldPlace::Projects(seq),
        };
        let sql = format!("SELECT seq FROM {owners} WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let seqs = statement.query_map(params![after, OWNERS_MAX], |row| row.get(0))?;
        let seqs = seqs.collect::<rusqlite::Result<Vec<i64>>>()?;
        let mut n_rows = 0;
        for seq in &seqs {
            while let Some(day) = oldest_day(connection, &tables, *seq, fold)? {
                if n_rows >= fold.rows_max {
                    return Ok(Folded { n_rows, next: Some(place(seq - 1)) });
                }
                n_rows += fold_day(connection, &tables, *seq, day)?;
            }
            n_rows += forget(connection, &tables, *seq, fold)?;
        }
        let next = match (seqs.last(), fold.place) {
            (Some(last), _) => Some(place(*last)),
            (None, FoldPlace::Keys(_)) => Some(FoldPlace::Accounts(0)),
            (None, FoldPlace::Accounts(_)) => Some(FoldPlace::Projects(0)),
            (None, FoldPlace::Projects(_)) => None,
        };
        Ok(Folded { n_rows, next })
    }
}

/// Forgets old days, and what watched limits would have refused in old hours.
fn forget(connection: &Connection, tables: &Tables, seq: i64, fold: &Fold) -> Result<usize> {
    let Tables { days, owner, .. } = tables;
    let sql = format!("DELETE FROM {days} WHERE {owner} = ?1 AND day < ?2");
    let day = fold.days_before.0.div_euclid(UsageStep::Day.hours());
    let n_days = connection.prepare_cached(&sql)?.execute([seq, day])?;
    let sql = match fold.place {
        FoldPlace::Keys(_) => "DELETE FROM watched_hours WHERE key_seq = ?1 AND hour < ?2",
        FoldPlace::Accounts(_) => "DELETE FROM account_watched_hours WHERE account_seq = ?1 AND hour < ?2",
        FoldPlace::Projects(_) => return Ok(n_days),
    };
    Ok(n_days + connection.prepare_cached(sql)?.execute([seq, fold.hours_before.0])?)
}

/// The oldest day with hours that are to be folded.
fn oldest_day(connection: &Connection, tables: &Tables, seq: i64, fold: &Fold) -> Result<Option<i64>> {
    let Tables { hours, owner, .. } = tables;
    let sql = format!("SELECT min(hour) FROM {hours} WHERE {owner} = ?1 AND hour < ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let hour: Option<i64> = statement.query_row([seq, fold.hours_before.0], |row| row.get(0))?;
    Ok(hour.map(|hour| hour.div_euclid(UsageStep::Day.hours())))
}

fn fold_day(connection: &Connection, tables: &Tables, seq: i64, day: i64) -> Result<usize> {
    let Tables { hours, days, owner } = tables;
    let (from, to) = (day * UsageStep::Day.hours(), (day + 1) * UsageStep::Day.hours());
    let sql = format!(
        "INSERT INTO {days} ({owner}, day, code, count)
            SELECT {owner}, ?2, code, sum(count) FROM {hours}
            WHERE {owner} = ?1 AND hour >= ?3 AND hour < ?4 GROUP BY code
         ON CONFLICT ({owner}, day, code) DO UPDATE SET count = count + excluded.count"
    );
    connection.prepare_cached(&sql)?.execute([seq, day, from, to])?;
    let sql = format!("DELETE FROM {hours} WHERE {owner} = ?1 AND hour >= ?2 AND hour < ?3");
    Ok(connection.prepare_cached(&sql)?.execute([seq, from, to])?)
}
