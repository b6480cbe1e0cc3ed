//! What a search finds besides the names in its index, in its place within a walk.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, params_from_iter};

use super::fits::{self, Conditions};
use super::walk::Source;
use super::{Found, Price, Wanted};
use crate::model::page::Cursor;
use crate::store::Result;

/// Keys that a search finds besides the names in its index, newest first, to be shown where they
/// belong among those.
pub(super) struct Beside<'a> {
    statement: Option<CachedStatement<'a>>,
    conditions: Conditions,
    project: i64,
    seqs: std::iter::Peekable<std::vec::IntoIter<i64>>,
}

impl<'a> Beside<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        wanted: &Wanted<'_>,
        source: &Source,
        after: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Self> {
        let mut seqs = match source {
            Source::Search { beside, .. } => beside.clone(),
            _ => Vec::new(),
        };
        seqs.retain(|seq| after.is_none_or(|after| *seq < after.seq));
        let conditions = fits::conditions(wanted, now);
        let sql = super::one_key_sql(wanted, &conditions);
        let statement = if seqs.is_empty() { None } else { Some(connection.prepare_cached(&sql)?) };
        Ok(Self { statement, conditions, project: wanted.project.0, seqs: seqs.into_iter().peekable() })
    }

    /// Shows those before this number, and that one not again; answers whether to go on.
    pub(super) fn before(&mut self, seq: i64, found: &mut Found) -> Result<bool> {
        let Some(statement) = &mut self.statement else { return Ok(true) };
        while let Some(one) = self.seqs.next_if(|one| *one >= seq) {
            if one == seq {
                continue;
            }
            let key = [Value::from(one), self.project.into()];
            let mut rows = statement.query(params_from_iter(self.conditions.values.iter().chain(&key)))?;
            if let Some(row) = rows.next()?
                && !found.visit(row, Price::Read)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
