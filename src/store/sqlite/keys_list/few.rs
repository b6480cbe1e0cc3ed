//! A filter that few keys fit: all of them at once, in no order.
//!
//! Each part of a filter has an index that tells its keys. When one of them has at most
//! [`FEW_MAX`], those are looked at one by one; which one it is does not change what a list shows.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::super::rows::ms;
use super::super::search;
use super::{Wanted, fits};
use crate::model::key::KeyStatus;
use crate::store::Result;
use crate::store::projects::ProjectSeq;

/// The most keys that are looked at one by one; about 3 µs each.
pub(super) const FEW_MAX: usize = if cfg!(test) { 5 } else { 3_000 };

/// The numbers of a few keys among which are all that fit, or `None` when no part of the filter has
/// so few.
pub(super) fn find(connection: &Connection, wanted: &Wanted<'_>, now: Timestamp) -> Result<Option<Vec<i64>>> {
    for part in parts(wanted, now) {
        if let Some(few) = part.find(connection)? {
            return Ok(Some(few));
        }
    }
    match &wanted.filter.q {
        Some(q) => searched(connection, wanted.project, q),
        None => Ok(None),
    }
}

/// A query for numbers; a row without one counts as looked at.
struct Part {
    sql: &'static str,
    values: Vec<Value>,
}

impl Part {
    fn new(sql: &'static str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { sql, values: values.into_iter().collect() }
    }

    fn find(self, connection: &Connection) -> Result<Option<Vec<i64>>> {
        let mut few = Vec::new();
        Ok(self.add(connection, &mut few)?.then_some(few))
    }

    /// Adds what it finds, and answers whether all together are still few.
    fn add(self, connection: &Connection, few: &mut Vec<i64>) -> Result<bool> {
        let mut statement = connection.prepare_cached(self.sql)?;
        let mut rows = statement.query(params_from_iter(self.values))?;
        let mut n = few.len();
        while let Some(row) = rows.next()? {
            n += 1;
            if n > FEW_MAX {
                return Ok(false);
            }
            few.extend(row.get::<_, Option<i64>>(0)?);
        }
        Ok(true)
    }
}

fn parts(wanted: &Wanted<'_>, now: Timestamp) -> Vec<Part> {
    let (filter, project) = (wanted.filter, Value::from(wanted.project.0));
    let account = wanted.account.map(|account| {
        Part::new("SELECT k.seq FROM keys k WHERE k.account_seq = ? ORDER BY k.seq DESC", [account.into()])
    });
    let scope = filter.scope.as_ref().map(|scope| {
        let sql = "SELECT s.key_seq FROM key_scopes s WHERE s.project_seq = ? AND s.scope = ?";
        Part::new(sql, [project.clone(), scope.as_str().to_owned().into()])
    });
    let status = filter.status.and_then(|status| of_status(status, &project, now));
    let expires = filter.expires_by.map(|by| {
        let sql = "SELECT k.seq FROM keys k INDEXED BY keys_by_end
            WHERE k.project_seq = ? AND k.expires_at > ? AND k.expires_at <= ? AND k.expires_at IS NOT NULL";
        Part::new(sql, [project.clone(), ms(now).into(), ms(by).into()])
    });
    let never_used = filter.never_used.then(|| {
        let sql = "SELECT k.seq FROM keys k WHERE k.project_seq = ? AND k.last_used_at = 0";
        Part::new(sql, [project.clone()])
    });
    let unused = filter.unused_since.map(|since| {
        let sql = "SELECT k.seq FROM keys k WHERE k.project_seq = ? AND k.last_used_at < ?";
        Part::new(sql, [project.clone(), ms(since).into()])
    });
    [account, scope, status, expires, never_used, unused].into_iter().flatten().collect()
}

fn of_status(status: KeyStatus, project: &Value, now: Timestamp) -> Option<Part> {
    match status {
        KeyStatus::Active => None,
        KeyStatus::Disabled => {
            let sql = "SELECT k.seq FROM keys k INDEXED BY keys_disabled
                WHERE k.project_seq = ? AND k.enabled = 0";
            Some(Part::new(sql, [project.clone()]))
        }
        KeyStatus::Expired => {
            let sql = "SELECT k.seq FROM keys k INDEXED BY keys_by_end
                WHERE k.project_seq = ? AND k.expires_at <= ? AND k.expires_at IS NOT NULL";
            Some(Part::new(sql, [project.clone(), ms(now).into()]))
        }
        KeyStatus::AccountDisabled => {
            // An account without keys is a row too, so that their number is bounded as well.
            let sql = "SELECT k.seq FROM accounts a INDEXED BY accounts_disabled
                LEFT JOIN keys k INDEXED BY keys_of_account ON k.account_seq = a.seq
                WHERE a.project_seq = ? AND a.enabled = 0";
            Some(Part::new(sql, [project.clone()]))
        }
    }
}

fn searched(connection: &Connection, project: ProjectSeq, q: &str) -> Result<Option<Vec<i64>>> {
    if q.chars().count() < search::CHARS_MIN {
        return starting(connection, project, q);
    }
    // No name has what the index cannot be asked for.
    let Some(triples) = search::triples(q) else { return Ok(Some(Vec::new())) };
    let Some(mut few) = beside_names(connection, project, q)? else { return Ok(None) };
    let sql = "SELECT f.rowid & ((1 << 40) - 1) FROM key_search f
        WHERE f.key_search MATCH ? AND f.rowid > ? AND f.rowid < ? ORDER BY f.rowid DESC";
    let range = [search::number(project, 0), search::end(project)].map(Value::from);
    let names = Part::new(sql, std::iter::once(Value::from(triples)).chain(range));
    if !names.add(connection, &mut few)? {
        return Ok(None);
    }
    few.sort_unstable_by(|a, b| b.cmp(a));
    few.dedup();
    Ok(Some(few))
}

/// What a search may find besides the names in the index: names that wait for it, ids, and keys of
/// accounts; newest first. `None` when they are not few.
pub(super) fn beside_names(
    connection: &Connection,
    project: ProjectSeq,
    q: &str,
) -> Result<Option<Vec<i64>>> {
    let Some(triples) = search::triples(q) else { return Ok(None) };
    let (from, to) = fits::ids(q);
    let ids = Part::new("SELECT k.seq FROM keys k WHERE k.id BETWEEN ? AND ?", [from, to]);
    let tail = "SELECT k.seq FROM keys k WHERE k.seq > ?";
    let tail = Part::new(tail, [search::indexed_to(connection)?.into()]);
    let of_accounts = "SELECT k.seq FROM account_search f
        LEFT JOIN keys k INDEXED BY keys_of_account ON k.account_seq = (f.rowid & ((1 << 40) - 1))
        WHERE f.account_search MATCH ? AND f.rowid > ? AND f.rowid < ? ORDER BY f.rowid DESC";
    let range = [search::number(project, 0), search::end(project)].map(Value::from);
    let of_accounts = Part::new(of_accounts, std::iter::once(Value::from(triples)).chain(range));
    let mut few = Vec::new();
    for part in [ids, tail, of_accounts] {
        if !part.add(connection, &mut few)? {
            return Ok(None);
        }
    }
    few.sort_unstable_by(|a, b| b.cmp(a));
    few.dedup();
    Ok(Some(few))
}

fn starting(connection: &Connection, project: ProjectSeq, q: &str) -> Result<Option<Vec<i64>>> {
    let mut few = Vec::new();
    for (from, to) in search::starts(q) {
        let sql = "SELECT k.seq FROM keys k WHERE k.project_seq = ? AND k.name >= ? AND k.name < ?";
        let part = Part::new(sql, [project.0.into(), from.into(), to.into()]);
        if !part.add(connection, &mut few)? {
            return Ok(None);
        }
    }
    Ok(Some(few))
}
