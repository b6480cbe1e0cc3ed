//! Lists of keys in `SQLite`: filters, orders and places.
//!
//! Every order walks an index and starts after a place in it, never at an offset.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::keys::{add_secrets, key, select_keys};
use super::rows::{like, ms};
use crate::model::key::{Key, KeyFilter, KeyOrder, KeyRef, KeyStatus};
use crate::model::page::{Cursor, Page, PageAfter};
use crate::store::Result;
use crate::store::projects::ProjectSeq;

const ACCOUNT_WORKS: &str = "(a.seq IS NULL OR a.enabled = 1)";

/// Conditions that are joined by AND, and their values.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push(condition.to_owned());
        self.values.extend(values);
    }
}

pub(super) fn list_keys(
    connection: &Connection,
    project: ProjectSeq,
    filter: &KeyFilter,
    page: &PageAfter,
    now: Timestamp,
) -> Result<Page<Key>> {
    let mut conditions = Conditions::default();
    conditions.add("k.project_seq = ?", [project.0.into()]);
    filter_into(&mut conditions, filter, now);
    start_after(&mut conditions, filter.order, page.after.as_ref());
    let order = match filter.order {
        KeyOrder::Created => "k.seq DESC",
        KeyOrder::Name => "k.name",
        KeyOrder::LastUsed => "k.last_used_at DESC, k.seq DESC",
    };
    let sql = format!("{} WHERE {} ORDER BY {order} LIMIT ?", select_keys(), conditions.sql.join(" AND "));
    conditions.values.push(Value::from(i64::try_from(page.limit.get()).unwrap_or(i64::MAX) + 1));
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(conditions.values), key)?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut keys = Page::from_rows(rows, page.limit, |key| place(filter.order, key));
    keys.items =
        keys.items.into_iter().map(|key| add_secrets(connection, key, Some(now))).collect::<Result<_>>()?;
    Ok(keys)
}

fn place(order: KeyOrder, key: &Key) -> Cursor {
    let value = match order {
        KeyOrder::Created => String::new(),
        KeyOrder::Name => key.facts.name.as_str().to_owned(),
        KeyOrder::LastUsed => key.last_used_at.map_or(0, ms).to_string(),
    };
    Cursor { order: order.letter(), value, seq: key.seq }
}

fn start_after(conditions: &mut Conditions, order: KeyOrder, after: Option<&Cursor>) {
    let Some(after) = after else { return };
    match order {
        KeyOrder::Created => conditions.add("k.seq < ?", [after.seq.into()]),
        KeyOrder::Name => conditions.add("k.name > ?", [after.value.clone().into()]),
        KeyOrder::LastUsed => {
            let used: i64 = after.value.parse().unwrap_or_default();
            conditions.add("(k.last_used_at, k.seq) < (?, ?)", [used.into(), after.seq.into()]);
        }
    }
}

fn filter_into(conditions: &mut Conditions, filter: &KeyFilter, now: Timestamp) {
    if let Some(status) = filter.status {
        status_into(conditions, status, now);
    }
    if let Some(scope) = &filter.scope {
        let holds = "EXISTS (SELECT 1 FROM key_scopes s
            WHERE s.project_seq = k.project_seq AND s.scope = ? AND s.key_seq = k.seq)";
        conditions.add(holds, [scope.as_str().to_owned().into()]);
    }
    if let Some(account) = &filter.account {
        let account: Value = account.clone().into();
        conditions.add("(a.id = ? OR a.external_id = ?)", [account.clone(), account]);
    }
    if let Some(since) = filter.unused_since {
        // A key that is younger than that has had no time to be used.
        conditions.add("k.last_used_at < ? AND k.created_at < ?", [ms(since).into(), ms(since).into()]);
    }
    if let Some(by) = filter.expires_by {
        conditions.add("k.expires_at > ? AND k.expires_at <= ?", [ms(now).into(), ms(by).into()]);
    }
    if filter.never_used {
        conditions.add("k.last_used_at = 0", []);
    }
    if let Some(q) = &filter.q {
        search_into(conditions, q);
    }
}

fn status_into(conditions: &mut Conditions, status: KeyStatus, now: Timestamp) {
    let now: Value = ms(now).into();
    match status {
        KeyStatus::Disabled => conditions.add("k.enabled = 0", []),
        KeyStatus::AccountDisabled => conditions.add("k.enabled = 1 AND a.enabled = 0", []),
        KeyStatus::Expired => {
            conditions.add(&format!("k.enabled = 1 AND {ACCOUNT_WORKS} AND k.expires_at <= ?"), [now]);
        }
        KeyStatus::Active => {
            let lives = "(k.expires_at IS NULL OR k.expires_at > ?)";
            conditions.add(&format!("k.enabled = 1 AND {ACCOUNT_WORKS} AND {lives}"), [now]);
        }
    }
}

fn search_into(conditions: &mut Conditions, q: &str) {
    let id = KeyRef::parse(q).ok().and_then(|reference| reference.id());
    let pattern: Value = like(q).into();
    // The accounts that match are found once, not once a key: four comparisons for each of a
    // hundred thousand keys take twice the time of two.
    let anywhere = r"(k.id = ? OR k.name LIKE ? ESCAPE '\' OR k.id LIKE ? ESCAPE '\' OR k.account_seq IN (
        SELECT m.seq FROM accounts m WHERE m.name LIKE ? ESCAPE '\' OR m.external_id LIKE ? ESCAPE '\'))";
    let id = Value::from(id.map_or(String::new(), |id| id.to_string()));
    conditions.add(anywhere, [id, pattern.clone(), pattern.clone(), pattern.clone(), pattern]);
}
