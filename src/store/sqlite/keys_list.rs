//! Lists of keys in `SQLite`: filters, orders and places.
//!
//! No page reads more than a bounded number of rows, whatever the filter and however many keys there
//! are: where an index tells that few keys can fit, those are looked at one by one (`few`), else an
//! index is walked in the list's order (`walk`). Either starts after a place in that order, never at
//! an offset, so that a key which is there all the while is shown exactly once.

use std::cmp::Ordering;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::keys::{key, select_keys};
use super::secrets::add_secrets;
use crate::model::key::{Key, KeyFilter, KeyOrder};
use crate::model::page::{Cursor, Limit, Page, PageAfter};
use crate::store::Result;
use crate::store::projects::ProjectSeq;

mod beside;
mod few;
mod fits;
#[cfg(test)]
mod tests;
mod walk;

/// A filter whose account has been found.
struct Wanted<'a> {
    project: ProjectSeq,
    filter: &'a KeyFilter,
    account: Option<i64>,
}

pub(super) fn list_keys(
    connection: &Connection,
    project: ProjectSeq,
    filter: &KeyFilter,
    page: &PageAfter,
    now: Timestamp,
) -> Result<Page<Key>> {
    let found = list_seqs(connection, project, filter, page, now)?;
    let mut items = Vec::with_capacity(found.steps.len());
    let sql = format!("{} WHERE k.seq = ?", select_keys());
    let mut statement = connection.prepare_cached(&sql)?;
    for step in &found.steps {
        let key = statement.query_row([step.seq], key)?;
        items.push(add_secrets(connection, key, Some(now))?);
    }
    Ok(Page { items, next_cursor: found.next.map(|step| step.cursor(filter.order).encode()) })
}

/// The numbers of a page's keys, and where the next page starts.
fn list_seqs(
    connection: &Connection,
    project: ProjectSeq,
    filter: &KeyFilter,
    page: &PageAfter,
    now: Timestamp,
) -> Result<Found> {
    let account = match &filter.account {
        Some(reference) => match find_account(connection, project, reference)? {
            Some(account) => Some(account),
            None => return Ok(Found::new(filter.order, page.limit)),
        },
        None => None,
    };
    let wanted = Wanted { project, filter, account };
    let mut found = Found::new(filter.order, page.limit);
    let few = if walk::is_enough(&wanted) { None } else { few::find(connection, &wanted, now)? };
    match few {
        Some(few) => look_at(connection, &wanted, few, (page.after.as_ref(), now), &mut found)?,
        None => walk::along(connection, &wanted, page.after.as_ref(), now, &mut found)?,
    }
    Ok(found)
}

fn find_account(connection: &Connection, project: ProjectSeq, reference: &str) -> Result<Option<i64>> {
    let sql = "SELECT seq FROM accounts WHERE project_seq = ?1 AND (id = ?2 OR external_id = ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![project.0, reference], |row| row.get(0)).optional()?)
}

/// A key's place in the order of a list; what the order does not need is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    seq: i64,
    name: String,
    used: i64,
}

impl Step {
    fn cursor(&self, order: KeyOrder) -> Cursor {
        let value = match order {
            KeyOrder::Created => String::new(),
            KeyOrder::Name => self.name.clone(),
            KeyOrder::LastUsed => self.used.to_string(),
        };
        Cursor { order: order.letter(), value, seq: self.seq }
    }

    fn of(cursor: &Cursor) -> Self {
        Self { seq: cursor.seq, name: cursor.value.clone(), used: walk::used(cursor) }
    }

    fn compare(&self, other: &Self, order: KeyOrder) -> Ordering {
        match order {
            KeyOrder::Created => other.seq.cmp(&self.seq),
            KeyOrder::Name => self.name.cmp(&other.name),
            KeyOrder::LastUsed => (other.used, other.seq).cmp(&(self.used, self.seq)),
        }
    }
}

/// What it costs to tell whether a row of a walk fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Price {
    /// Each one fits.
    Free,
    /// The walk's index holds what statuses are made of; the row is read for the rest.
    Covered,
    /// The row is read.
    Read,
}

/// What a page shows, and where the next one starts.
struct Found {
    order: KeyOrder,
    limit: Limit,
    steps: Vec<Step>,
    next: Option<Step>,
    cost: usize,
}

impl Found {
    fn new(order: KeyOrder, limit: Limit) -> Self {
        Self { order, limit, steps: Vec::new(), next: None, cost: 0 }
    }

    /// Takes the next row of the order, if it fits; answers whether there is room for another.
    fn visit(&mut self, row: &Row<'_>, price: Price) -> Result<bool> {
        let verdict: i64 = row.get(2)?;
        self.cost += match price {
            Price::Covered if verdict == fits::MISSED_BY_INDEX => 1,
            Price::Free => 1,
            Price::Covered | Price::Read => walk::ROW_COST,
        };
        let fits = verdict == fits::FITS;
        if fits && self.steps.len() == self.limit.get() {
            self.next = self.steps.last().cloned();
            return Ok(false);
        }
        if fits {
            self.steps.push(walk::step(row, self.order)?);
        }
        if self.cost >= walk::COST_MAX {
            self.next = Some(walk::step(row, self.order)?);
            return Ok(false);
        }
        Ok(true)
    }
}

/// The number, place and fitness of one key of the project.
fn one_key_sql(wanted: &Wanted<'_>, conditions: &fits::Conditions) -> String {
    let (place, fits) = (walk::order_place(wanted.filter.order), conditions.expression());
    format!("SELECT k.seq, {place}, {fits} FROM keys k WHERE k.seq = ? AND k.project_seq = ?")
}

/// Looks at a few keys and shows those that fit, from a place on, in the list's order.
fn look_at(
    connection: &Connection,
    wanted: &Wanted<'_>,
    few: Vec<i64>,
    (after, now): (Option<&Cursor>, Timestamp),
    found: &mut Found,
) -> Result<()> {
    let (order, after) = (wanted.filter.order, after.map(Step::of));
    let conditions = fits::conditions(wanted, now);
    let mut statement = connection.prepare_cached(&one_key_sql(wanted, &conditions))?;
    let mut steps = Vec::new();
    for seq in few {
        let key = [Value::from(seq), wanted.project.0.into()];
        let mut rows = statement.query(params_from_iter(conditions.values.iter().chain(&key)))?;
        let Some(row) = rows.next()? else { continue };
        if row.get::<_, i64>(2)? == fits::FITS {
            steps.push(walk::step(row, order)?);
        }
    }
    steps.retain(|step| after.as_ref().is_none_or(|after| after.compare(step, order) == Ordering::Less));
    steps.sort_unstable_by(|a, b| a.compare(b, order));
    if steps.len() > found.limit.get() {
        steps.truncate(found.limit.get());
        found.next = steps.last().cloned();
    }
    found.steps = steps;
    Ok(())
}
