//! Going along an index from the newest row on, for lists whose rows are in the order of their numbers.
//!
//! Where several stretches of an index together have all rows of a list, they are gone along as one.
//! How many rows a page looks at is bounded by whoever asks; the next one goes on where it stopped.

use rusqlite::Rows;
use rusqlite::types::Value;

use crate::model::page::{Cursor, Limit, Page};
use crate::store::Result;

/// The numbers of what a page shows, and after which one the next page starts.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) numbers: Vec<i64>,
    pub(super) next: Option<i64>,
}

impl Found {
    /// The page, whose rows `get` reads.
    pub(super) fn page<T>(self, order: char, get: impl FnMut(i64) -> rusqlite::Result<T>) -> Result<Page<T>> {
        let items = self.numbers.into_iter().map(get).collect::<rusqlite::Result<_>>()?;
        let next_cursor = self.next.map(|seq| Cursor { order, value: String::new(), seq }.encode());
        Ok(Page { items, next_cursor })
    }
}

/// One stretch, largest number first: a query for numbers, and whether each fits.
pub(super) struct Walk<'a> {
    rows: Rows<'a>,
    head: Option<(i64, bool)>,
}

impl<'a> Walk<'a> {
    pub(super) fn start(rows: Rows<'a>) -> Result<Self> {
        let mut walk = Self { rows, head: None };
        walk.advance()?;
        Ok(walk)
    }

    fn advance(&mut self) -> Result<()> {
        let row = self.rows.next()?;
        self.head = row.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?;
        Ok(())
    }
}

/// Goes along several stretches as along one, until the page is full or so many rows were looked at.
pub(super) fn along(mut walks: Vec<Walk<'_>>, limit: Limit, rows_max: usize) -> Result<Found> {
    let (mut found, mut n_rows) = (Found::default(), 0);
    while let Some((number, fits)) = walks.iter().filter_map(|walk| walk.head).max() {
        if n_rows >= rows_max {
            // One that was not looked at: the next page starts with it.
            found.next = Some(number + 1);
            break;
        }
        if fits && found.numbers.len() == limit.get() {
            found.next = found.numbers.last().copied();
            break;
        }
        if fits {
            found.numbers.push(number);
        }
        // The same row may stand in two of them.
        for walk in walks.iter_mut().filter(|walk| walk.head.is_some_and(|head| head.0 == number)) {
            n_rows += 1;
            walk.advance()?;
        }
    }
    Ok(found)
}

/// Conditions that all hold for a row that fits, and their values in order.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    sql: Vec<&'static str>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    pub(super) fn add(&mut self, condition: &'static str, values: impl IntoIterator<Item = Value>) {
        self.sql.push(condition);
        self.values.extend(values);
    }

    /// Adds a condition on a text, where there is one.
    pub(super) fn add_text(&mut self, condition: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.add(condition, [text.to_owned().into()]);
        }
    }

    /// An expression that is 1 where all of them hold, else 0.
    pub(super) fn expression(&self) -> String {
        let all = self.sql.iter().map(|condition| format!("({condition}) IS TRUE"));
        all.reduce(|all, one| format!("{all} AND {one}")).unwrap_or_else(|| "1".to_owned())
    }
}
