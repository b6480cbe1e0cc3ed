//! Sums of counts in `SQLite`, which adds them up itself: a chart needs two numbers a step, not a
//! row for each verdict and hour.

use rusqlite::{Connection, Row};

use super::tx::Tx;
use super::usage_list::{OF_ACCOUNTS, OF_KEYS, OF_PROJECTS, Tables};
use crate::model::outcome::Outcome;
use crate::model::usage::{UsageRange, UsageStep};
use crate::store::projects::ProjectSeq;
use crate::store::usage::UsageOwner;
use crate::store::{OutcomeReads, Result};

impl OutcomeReads for Tx {
    fn sum_outcomes(&self, owner: UsageOwner, range: &UsageRange) -> Result<Vec<Outcome>> {
        let (tables, seq) = match owner {
            UsageOwner::Key(key) => (OF_KEYS, key.0),
            UsageOwner::Account(account) => (OF_ACCOUNTS, account.0),
        };
        sum(self.connection(), &tables, seq, range)
    }

    fn sum_project(&self, project: ProjectSeq, range: &UsageRange) -> Result<Vec<Outcome>> {
        sum(self.connection(), &OF_PROJECTS, project.0, range)
    }
}

const SUMS: &str = "sum(iif(code = 'valid', count, 0)), sum(iif(code = 'valid', 0, count))";

fn sum(connection: &Connection, tables: &Tables, seq: i64, range: &UsageRange) -> Result<Vec<Outcome>> {
    let Tables { hours, days, owner } = tables;
    let sql = match range.step {
        UsageStep::Hour => format!(
            "SELECT hour, {SUMS} FROM {hours} WHERE {owner} = ?1 AND hour >= ?2 AND hour < ?3
             GROUP BY hour ORDER BY hour"
        ),
        // What is folded already and what is not: a day may be both, since late uses are added.
        UsageStep::Day => format!(
            "SELECT day, {SUMS} FROM (
                SELECT day, code, count FROM {days} WHERE {owner} = ?1 AND day >= ?2 / 24 AND day < ?3 / 24
                UNION ALL
                SELECT hour / 24, code, count FROM {hours} WHERE {owner} = ?1 AND hour >= ?2 AND hour < ?3)
             GROUP BY day ORDER BY day"
        ),
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let outcomes = statement.query_map([seq, range.from.0, range.to.0], outcome)?;
    Ok(outcomes.collect::<rusqlite::Result<_>>()?)
}

fn outcome(row: &Row<'_>) -> rusqlite::Result<Outcome> {
    Ok(Outcome { step: row.get(0)?, accepted: row.get(1)?, refused: row.get(2)? })
}
