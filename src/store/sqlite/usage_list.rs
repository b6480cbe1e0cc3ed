//! Reading counts of use in `SQLite`: by hour as they stand, by day from what is folded already and
//! from the hours that are not.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::rows::{found, unfit};
use super::tx::Tx;
use crate::model::code::Code;
use crate::model::page::{Cursor, Page, PageAfter};
use crate::model::usage::{UsageCount, UsageRange, UsageStep};
use crate::store::usage::UsageOwner;
use crate::store::{Result, UsageReads};

/// One owner's tables, in SQL, and the owner's number.
pub(super) struct Tables {
    pub(super) hours: &'static str,
    pub(super) days: &'static str,
    pub(super) owner: &'static str,
}

pub(super) const OF_KEYS: Tables = Tables { hours: "usage_hours", days: "usage_days", owner: "key_seq" };
pub(super) const OF_ACCOUNTS: Tables =
    Tables { hours: "account_hours", days: "account_days", owner: "account_seq" };
pub(super) const OF_PROJECTS: Tables =
    Tables { hours: "project_hours", days: "project_days", owner: "project_seq" };

/// Hours or days since 1970, a verdict, and how often.
type Count = (i64, Code, u64);

impl UsageReads for Tx {
    fn list_usage(
        &self,
        owner: UsageOwner,
        range: &UsageRange,
        page: &PageAfter,
    ) -> Result<Page<UsageCount>> {
        let (tables, seq) = match owner {
            UsageOwner::Key(key) => (OF_KEYS, key.0),
            UsageOwner::Account(account) => (OF_ACCOUNTS, account.0),
        };
        let counts = match range.step {
            UsageStep::Hour => by_hour(self.connection(), &tables, seq, range, page)?,
            UsageStep::Day => by_day(self.connection(), &tables, seq, range, page)?,
        };
        let step = range.step.hours() * 3600;
        let place = |count: &Count| Cursor {
            order: range.step.letter(),
            value: count.1.as_str().to_owned(),
            seq: count.0,
        };
        let counts = Page::from_rows(counts, page.limit, place);
        let items = counts.items.into_iter().map(|(at, code, count)| {
            let at = Timestamp::from_second(at.saturating_mul(step)).map_err(|error| unfit(0, error))?;
            Ok(UsageCount { at, code, count })
        });
        Ok(Page { items: items.collect::<Result<_>>()?, next_cursor: counts.next_cursor })
    }
}

fn count(row: &Row<'_>) -> rusqlite::Result<Count> {
    Ok((row.get(0)?, found(row, 1, Code::find)?, row.get(2)?))
}

fn by_hour(
    connection: &Connection,
    tables: &Tables,
    seq: i64,
    range: &UsageRange,
    page: &PageAfter,
) -> Result<Vec<Count>> {
    let Tables { hours, owner, .. } = tables;
    let sql = format!(
        "SELECT hour, code, count FROM {hours}
         WHERE {owner} = ?1 AND (hour, code) > (?2, ?3) AND hour < ?4 ORDER BY hour, code LIMIT ?5"
    );
    // No verdict is empty, so that an empty one stands before all of an hour.
    let (hour, code) = place(page).unwrap_or((i64::MIN, ""));
    let (hour, code) = if hour < range.from.0 { (range.from.0, "") } else { (hour, code) };
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![seq, hour, code, range.to.0, page.limit.get() + 1], count)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn place(page: &PageAfter) -> Option<(i64, &str)> {
    page.after.as_ref().map(|after| (after.seq, after.value.as_str()))
}

/// One owner has a bounded number of hours and days, which are put together here.
fn by_day(
    connection: &Connection,
    tables: &Tables,
    seq: i64,
    range: &UsageRange,
    page: &PageAfter,
) -> Result<Vec<Count>> {
    let Tables { hours, days, owner } = tables;
    let place = place(page);
    let step = UsageStep::Day.hours();
    let (from, to) = (range.from.0.div_euclid(step), range.to.0.div_euclid(step));
    let from = place.map_or(from, |(day, _)| day.max(from));
    let mut sums: BTreeMap<(i64, &'static str), u64> = BTreeMap::new();
    let mut add = |sql: &str, from: i64, to: i64, hours: i64| -> Result<()> {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([seq, from, to], count)?;
        for row in rows {
            let (at, code, count) = row?;
            *sums.entry((at.div_euclid(hours), code.as_str())).or_default() += count;
        }
        Ok(())
    };
    let sql = format!(
        "SELECT day, code, count FROM {days} WHERE {owner} = ?1 AND day >= ?2 AND day < ?3 ORDER BY day, code"
    );
    add(&sql, from, to, 1)?;
    let sql = format!(
        "SELECT hour, code, count FROM {hours} WHERE {owner} = ?1 AND hour >= ?2 AND hour < ?3
         ORDER BY hour, code"
    );
    add(&sql, from.saturating_mul(step), to.saturating_mul(step), step)?;
    let after = sums.into_iter().filter(|(key, _)| place.is_none_or(|place| *key > place));
    let counts = after.filter_map(|((day, code), count)| Some((day, Code::find(code)?, count)));
    Ok(counts.take(page.limit.get() + 1).collect())
}
