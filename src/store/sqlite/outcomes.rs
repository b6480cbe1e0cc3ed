//! Sums of counts in `SQLite`: a chart needs two numbers a step, not a row for each verdict and hour.

use std::collections::BTreeMap;

use rusqlite::Connection;

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

fn sum(connection: &Connection, tables: &Tables, seq: i64, range: &UsageRange) -> Result<Vec<Outcome>> {
    let Tables { hours, days, owner } = tables;
    let mut sums = BTreeMap::new();
    let step = range.step.hours();
    let of_hours = format!(
        "SELECT hour, code = 'valid', count FROM {hours} WHERE {owner} = ?1 AND hour >= ?2 AND hour < ?3"
    );
    add(connection, &of_hours, [seq, range.from.0, range.to.0], step, &mut sums)?;
    if range.step == UsageStep::Day {
        // What is folded already: a day may be both, since late uses are added.
        let of_days = format!(
            "SELECT day, code = 'valid', count FROM {days} WHERE {owner} = ?1 AND day >= ?2 AND day < ?3"
        );
        let (from, to) = (range.from.0.div_euclid(step), range.to.0.div_euclid(step));
        add(connection, &of_days, [seq, from, to], 1, &mut sums)?;
    }
    let outcome = |(step, (accepted, refused))| Outcome { step, accepted, refused };
    Ok(sums.into_iter().map(outcome).collect())
}

/// Adds rows up here: to let the engine group them by a part of the hour takes twice as long.
fn add(
    connection: &Connection,
    sql: &str,
    values: [i64; 3],
    hours_a_step: i64,
    sums: &mut BTreeMap<i64, (u64, u64)>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        let (at, is_accepted, n): (i64, bool, u64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (accepted, refused) = sums.entry(at.div_euclid(hours_a_step)).or_default();
        *(if is_accepted { accepted } else { refused }) += n;
    }
    Ok(())
}
