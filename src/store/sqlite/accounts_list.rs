//! The list of accounts in `SQLite`: filters and places, newest first.
//!
//! As lists of keys do, it walks an index in its order and looks at a bounded number of rows a page. A
//! search of three characters or more finds them anywhere in name, external id and id; a shorter one
//! only finds names that start with it.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::accounts::{SELECT, account};
use super::search;
use super::walk::{self, Conditions, Found, Walk};
use crate::model::account::{Account, AccountFilter, AccountId};
use crate::model::page::{Page, PageAfter};
use crate::store::Result;
use crate::store::accounts::ACCOUNT_ORDER;
use crate::store::projects::ProjectSeq;

/// The most rows that a page looks at; about 5 µs each.
pub(super) const ROWS_MAX: usize = if cfg!(test) { 10 } else { 3_000 };

const ANYWHERE: &str =
    r"a.name LIKE ? ESCAPE '\' OR a.external_id LIKE ? ESCAPE '\' OR a.id LIKE ? ESCAPE '\'";

pub(super) fn list_accounts(
    connection: &Connection,
    project: ProjectSeq,
    filter: &AccountFilter,
    page: &PageAfter,
) -> Result<Page<Account>> {
    let found = find(connection, project, filter, page)?;
    let sql = format!("{SELECT} WHERE a.seq = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    found.page(ACCOUNT_ORDER, |seq| statement.query_row([seq], account))
}

fn find(
    connection: &Connection,
    project: ProjectSeq,
    filter: &AccountFilter,
    page: &PageAfter,
) -> Result<Found> {
    let Some(source) = source(connection, project, filter, page)? else { return Ok(Found::default()) };
    let fits = conditions(filter);
    let sql = format!("SELECT a.seq, {} FROM {}", fits.expression(), source.sql);
    let mut statement = connection.prepare_cached(&sql)?;
    let values = fits.values.iter().chain(&source.values);
    let walk = Walk::start(statement.query(params_from_iter(values))?)?;
    walk::along(vec![walk], page.limit, ROWS_MAX)
}

/// Where all accounts are that fit, before the place where the page starts.
struct Source {
    sql: &'static str,
    values: Vec<Value>,
}

fn source(
    connection: &Connection,
    project: ProjectSeq,
    filter: &AccountFilter,
    page: &PageAfter,
) -> Result<Option<Source>> {
    let before = page.after.as_ref().map_or(i64::MAX, |after| after.seq);
    let some = |sql, values| Ok(Some(Source { sql, values }));
    let in_project = |value: Value| vec![project.0.into(), value, before.into()];
    if let Some(id) = &filter.only {
        let sql = "accounts a WHERE a.project_seq = ? AND a.id = ? AND a.seq < ?";
        return some(sql, in_project(id.as_str().to_owned().into()));
    }
    if let Some(external_id) = &filter.external_id {
        let sql = "accounts a WHERE a.project_seq = ? AND a.external_id = ? AND a.seq < ?";
        return some(sql, in_project(external_id.clone().into()));
    }
    match &filter.q {
        Some(q) if is_short(q) => {
            if let Some(few) = starting(connection, project, q)? {
                // Read in its own order.
                let sql = "json_each(?) few CROSS JOIN accounts a ON a.seq = few.value
                    WHERE a.project_seq = ? AND a.seq < ?";
                return some(sql, vec![few.into(), project.0.into(), before.into()]);
            }
        }
        Some(q) => {
            // No text has what the index cannot be asked for.
            let Some(triples) = search::triples(q) else { return Ok(None) };
            let sql = "account_search f CROSS JOIN accounts a ON a.seq = (f.rowid & ((1 << 40) - 1))
                WHERE f.account_search MATCH ? AND f.rowid > ? AND f.rowid < ? ORDER BY f.rowid DESC";
            let end =
                page.after.as_ref().map_or(search::end(project), |after| search::number(project, after.seq));
            return some(sql, vec![triples.into(), search::number(project, 0).into(), end.into()]);
        }
        None => {}
    }
    let sql = match filter.enabled {
        Some(false) => {
            "accounts a INDEXED BY accounts_disabled
                WHERE a.project_seq = ? AND a.enabled = 0 AND a.seq < ? ORDER BY a.seq DESC"
        }
        _ => {
            "accounts a INDEXED BY accounts_of_project
                WHERE a.project_seq = ? AND a.seq < ? ORDER BY a.seq DESC"
        }
    };
    some(sql, vec![project.0.into(), before.into()])
}

fn is_short(q: &str) -> bool {
    q.chars().count() < search::CHARS_MIN
}

/// The accounts whose names start with a short text, newest first, when they are few: as a list in JSON.
fn starting(connection: &Connection, project: ProjectSeq, q: &str) -> Result<Option<String>> {
    let sql = "SELECT a.seq FROM accounts a INDEXED BY accounts_by_name
        WHERE a.project_seq = ?1 AND a.name COLLATE NOCASE >= ?2 AND a.name COLLATE NOCASE < ?3 LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let end = format!("{q}{}", char::MAX);
    let rows_max = i64::try_from(ROWS_MAX).unwrap_or(i64::MAX);
    let values = [project.0.into(), q.to_owned().into(), end.into(), Value::from(rows_max + 1)];
    let seqs = statement.query_map(params_from_iter(values), |row| row.get(0))?;
    let mut seqs = seqs.collect::<rusqlite::Result<Vec<i64>>>()?;
    seqs.sort_unstable_by(|a, b| b.cmp(a));
    let few = seqs.len() <= ROWS_MAX;
    Ok(few.then(|| serde_json::json!(seqs).to_string()))
}

fn conditions(filter: &AccountFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.add_text("a.id = ?", filter.only.as_ref().map(AccountId::as_str));
    conditions.add_text("a.external_id = ?", filter.external_id.as_deref());
    if let Some(enabled) = filter.enabled {
        conditions.add("a.enabled = ?", [i64::from(enabled).into()]);
    }
    match &filter.q {
        Some(q) if is_short(q) => conditions.add(r"a.name LIKE ? ESCAPE '\'", [search::like(q)]),
        Some(q) => conditions.add(ANYWHERE, [search::like(q), search::like(q), search::like(q)]),
        None => {}
    }
    conditions
}
