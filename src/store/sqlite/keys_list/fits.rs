//! Whether one key fits a filter: conditions on a row of `keys`, cheap ones first.
//!
//! What an index can answer alone stands before what needs the row, and that before what needs
//! another table's, so that most rows that do not fit are passed over without being read.

use jiff::Timestamp;
use rusqlite::types::Value;

use super::super::rows::ms;
use super::super::search;
use super::Wanted;
use crate::model::key::{KeyRef, KeyStatus};

const ACCOUNT_WORKS: &str =
    "(k.account_seq IS NULL OR (SELECT a.enabled FROM accounts a WHERE a.seq = k.account_seq) = 1)";

/// What a condition is decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// What every index of a walk holds that covers statuses.
    Index,
    /// The key's row, or another table's.
    Row,
}

/// A row that fits, as an expression tells it.
pub(super) const FITS: i64 = 1;
/// A row that does not, and an index said so.
pub(super) const MISSED_BY_INDEX: i64 = 0;

/// Conditions that all hold for a key that fits, and their values in order.
#[derive(Default)]
pub(super) struct Conditions {
    all: Vec<(By, &'static str, Vec<Value>)>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    fn add(&mut self, by: By, condition: &'static str, values: impl IntoIterator<Item = Value>) {
        self.all.push((by, condition, values.into_iter().collect()));
    }

    /// What an index decides stands first.
    fn in_order(mut self) -> Self {
        self.all.sort_by_key(|(by, _, _)| *by);
        self.values = self.all.iter().flat_map(|(_, _, values)| values.clone()).collect();
        self
    }

    /// Whether every key fits.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// An expression that is [`FITS`] where all of them hold; it ends at the first that does not, with
    /// [`MISSED_BY_INDEX`] or another number.
    pub(super) fn expression(&self) -> String {
        if self.is_empty() {
            return FITS.to_string();
        }
        let fails = self.all.iter().map(|(by, condition, _)| {
            let missed = if *by == By::Index { MISSED_BY_INDEX } else { 2 };
            format!("WHEN ({condition}) IS NOT TRUE THEN {missed}")
        });
        format!("CASE {} ELSE {FITS} END", fails.collect::<Vec<_>>().join(" "))
    }
}

/// The conditions of a filter at `now`.
pub(super) fn conditions(wanted: &Wanted<'_>, now: Timestamp) -> Conditions {
    let filter = wanted.filter;
    let mut conditions = Conditions::default();
    if let Some(status) = filter.status {
        status_into(&mut conditions, status, now);
    }
    if let Some(account) = wanted.account {
        conditions.add(By::Index, "k.account_seq = ?", [account.into()]);
    }
    if let Some(by) = filter.expires_by {
        conditions.add(By::Index, "k.expires_at > ? AND k.expires_at <= ?", [ms(now).into(), ms(by).into()]);
    }
    if filter.never_ends {
        conditions.add(By::Index, "k.expires_at IS NULL", []);
    }
    if filter.never_used {
        conditions.add(By::Row, "k.last_used_at = 0", []);
    }
    if let Some(since) = filter.unused_since {
        // A key that is younger than that has had no time to be used.
        conditions.add(
            By::Row,
            "k.last_used_at < ? AND k.created_at < ?",
            [ms(since).into(), ms(since).into()],
        );
    }
    if let Some(scope) = &filter.scope {
        let holds = "EXISTS (SELECT 1 FROM key_scopes s
            WHERE s.project_seq = k.project_seq AND s.scope = ? AND s.key_seq = k.seq)";
        conditions.add(By::Row, holds, [scope.as_str().to_owned().into()]);
    }
    if let Some(q) = &filter.q {
        search_into(&mut conditions, q);
    }
    conditions.in_order()
}

fn status_into(conditions: &mut Conditions, status: KeyStatus, now: Timestamp) {
    let now: Value = ms(now).into();
    match status {
        KeyStatus::Disabled => conditions.add(By::Index, "k.enabled = 0", []),
        KeyStatus::AccountDisabled => {
            conditions.add(By::Index, "k.enabled = 1 AND k.account_seq IS NOT NULL", []);
            conditions.add(By::Row, "(SELECT a.enabled FROM accounts a WHERE a.seq = k.account_seq) = 0", []);
        }
        KeyStatus::Expired => {
            conditions.add(By::Index, "k.enabled = 1 AND k.expires_at <= ?", [now]);
            conditions.add(By::Row, ACCOUNT_WORKS, []);
        }
        KeyStatus::Active => {
            conditions.add(By::Index, "k.enabled = 1 AND (k.expires_at IS NULL OR k.expires_at > ?)", [now]);
            conditions.add(By::Row, ACCOUNT_WORKS, []);
        }
    }
}

/// Part of a name or of the account's name or external id, or the start of an id. A text that is too
/// short for the index is looked for at the start of names alone.
fn search_into(conditions: &mut Conditions, q: &str) {
    let pattern = search::like(q);
    if q.chars().count() < search::CHARS_MIN {
        conditions.add(By::Row, r"k.name LIKE ? ESCAPE '\'", [pattern]);
        return;
    }
    let (from, to) = ids(q);
    let anywhere = r"k.name LIKE ? ESCAPE '\' OR k.id BETWEEN ? AND ? OR EXISTS (SELECT 1 FROM accounts m
        WHERE m.seq = k.account_seq AND (m.name LIKE ? ESCAPE '\' OR m.external_id LIKE ? ESCAPE '\'))";
    conditions.add(By::Row, anywhere, [pattern.clone(), from, to, pattern.clone(), pattern]);
}

/// The first and the last id that a search may mean: those that start with it, or the one in it.
pub(super) fn ids(q: &str) -> (Value, Value) {
    if let Some(id) = KeyRef::parse(q).ok().and_then(|reference| reference.id()) {
        return (id.to_string().into(), id.to_string().into());
    }
    if q.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return (q.to_owned().into(), format!("{q}~").into());
    }
    (String::new().into(), String::new().into())
}
