//! A filter that many keys fit: a walk along an index that already has the list's order.
//!
//! The index is the one that tells the keys of one part of the filter in that order, where there is
//! one, else that of all keys. A row costs little when the index alone says that it does not fit;
//! [`COST_MAX`] bounds what one page may cost, and the next one goes on where it stopped.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::super::rows::ms;
use super::super::search;
use super::beside::Beside;
use super::fits::{self, Conditions};
use super::{Found, Price, Step, Wanted, few};
use crate::model::key::{KeyFilter, KeyOrder, KeyStatus};
use crate::model::page::Cursor;
use crate::store::Result;

/// What one page may cost, in rows that an index alone answers for; about 0.3 µs each.
pub(super) const COST_MAX: usize = if cfg!(test) { 60 } else { 100_000 };
/// What a row costs that must be read; about 10 µs.
pub(super) const ROW_COST: usize = if cfg!(test) { 10 } else { 30 };

/// Where a walk leads along.
pub(super) enum Source {
    Account(i64),
    Scope(String),
    Search { triples: String, beside: Vec<i64> },
    Starts(String, String),
    Disabled,
    NeverUsed,
    UnusedSince(i64),
    All,
}

/// Walks in the list's order until the page is full or has cost enough.
pub(super) fn along(
    connection: &Connection,
    wanted: &Wanted<'_>,
    after: Option<&Cursor>,
    now: Timestamp,
    found: &mut Found,
) -> Result<()> {
    let (sources, rest) = sources(connection, wanted)?;
    let filter = KeyFilter { order: wanted.filter.order, ..rest.filter };
    let rest = Wanted { project: wanted.project, filter: &filter, account: rest.account };
    let conditions = fits::conditions(&rest, now);
    for source in sources {
        if !one(connection, wanted, &source, &conditions, (after, now), found)? {
            break;
        }
    }
    Ok(())
}

/// Whether a walk meets no key that does not fit.
pub(super) fn is_enough(wanted: &Wanted<'_>) -> bool {
    if wanted.filter.q.is_some() {
        return false;
    }
    let (_, rest) = plain_source(wanted);
    rest.account.is_none() && rest.filter == KeyFilter { order: rest.filter.order, ..KeyFilter::default() }
}

/// What is left of a filter besides what the source of a walk says.
struct Rest {
    filter: KeyFilter,
    account: Option<i64>,
}

/// The sources of a walk, one after the other, and what is left to be looked at.
fn sources(connection: &Connection, wanted: &Wanted<'_>) -> Result<(Vec<Source>, Rest)> {
    let by_account = wanted.account.is_some() && wanted.filter.order != KeyOrder::LastUsed;
    let searching = if by_account { None } else { searching(connection, wanted)? };
    if let Some(sources) = searching {
        let rest = Rest { filter: wanted.filter.clone(), account: wanted.account };
        return Ok((sources, rest));
    }
    let (source, rest) = plain_source(wanted);
    Ok((vec![source], rest))
}

fn plain_source(wanted: &Wanted<'_>) -> (Source, Rest) {
    let order = wanted.filter.order;
    let mut rest = Rest { filter: wanted.filter.clone(), account: wanted.account };
    if let Some(account) = rest.account.take_if(|_| order != KeyOrder::LastUsed) {
        return (Source::Account(account), rest);
    }
    if let Some(scope) = rest.filter.scope.take_if(|_| order == KeyOrder::Created) {
        return (Source::Scope(scope.as_str().to_owned()), rest);
    }
    if rest.filter.status.take_if(|status| *status == KeyStatus::Disabled).is_some() {
        return (Source::Disabled, rest);
    }
    if rest.filter.never_used && order != KeyOrder::Name {
        rest.filter.never_used = false;
        return (Source::NeverUsed, rest);
    }
    let source = match rest.filter.unused_since {
        Some(since) if order == KeyOrder::LastUsed => Source::UnusedSince(ms(since)),
        _ => Source::All,
    };
    (source, rest)
}

/// A search has an order of its own where its text is long, and names that start with a short one
/// stand together.
fn searching(connection: &Connection, wanted: &Wanted<'_>) -> Result<Option<Vec<Source>>> {
    let Some(q) = &wanted.filter.q else { return Ok(None) };
    match (wanted.filter.order, search::triples(q)) {
        (KeyOrder::Created, Some(triples)) => {
            let beside = few::beside_names(connection, wanted.project, q)?;
            Ok(beside.map(|beside| vec![Source::Search { triples, beside }]))
        }
        (KeyOrder::Name, None) => {
            let starts = search::starts(q).into_iter();
            Ok(Some(starts.map(|(from, to)| Source::Starts(from, to)).collect()))
        }
        _ => Ok(None),
    }
}

/// Walks along one source; answers whether there is room for what the next one finds.
fn one(
    connection: &Connection,
    wanted: &Wanted<'_>,
    source: &Source,
    conditions: &Conditions,
    (after, now): (Option<&Cursor>, Timestamp),
    found: &mut Found,
) -> Result<bool> {
    let mut beside = Beside::new(connection, wanted, source, after, now)?;
    for path in Path::all(wanted, source, after) {
        if !path.walk(connection, wanted.filter.order, conditions, &mut beside, found)? {
            return Ok(false);
        }
    }
    beside.before(0, found)
}

/// The column in which a row's place in the order stands; the number alone where it is the order.
pub(super) fn order_place(order: KeyOrder) -> &'static str {
    match order {
        KeyOrder::Created => "''",
        KeyOrder::Name => "k.name",
        KeyOrder::LastUsed => "k.last_used_at",
    }
}

/// A source in words of SQL.
struct Path {
    seq: &'static str,
    from: &'static str,
    conditions: String,
    values: Vec<Value>,
    order: &'static str,
    is_covering: bool,
}

impl Path {
    /// The paths that together go along a source from a place on.
    fn all(wanted: &Wanted<'_>, source: &Source, after: Option<&Cursor>) -> Vec<Self> {
        let order = wanted.filter.order;
        let place = after.filter(|_| order == KeyOrder::LastUsed && !matches!(source, Source::NeverUsed));
        let Some(place) = place else { return vec![Self::new(wanted, source, after)] };
        // How long they have not been used is among the conditions that each row is asked.
        let source = if matches!(source, Source::UnusedSince(_)) { &Source::All } else { source };
        // A comparison of both at once would walk through all that were used at the same instant:
        // `sqlite::plans` reads that each of these starts at its place.
        let (mut same, mut earlier) = (Self::new(wanted, source, None), Self::new(wanted, source, None));
        same.add("k.last_used_at = ? AND k.seq < ?", [used(place).into(), place.seq.into()]);
        earlier.add("k.last_used_at < ?", [used(place).into()]);
        vec![same, earlier]
    }

    fn new(wanted: &Wanted<'_>, source: &Source, after: Option<&Cursor>) -> Self {
        let mut path = match wanted.filter.order {
            KeyOrder::Created => by_age(source),
            KeyOrder::Name => by_name(source),
            KeyOrder::LastUsed => by_last_use(source),
        };
        if !matches!(source, Source::Account(_) | Source::Search { .. }) {
            path.values.insert(0, wanted.project.0.into());
        }
        if let Source::Search { .. } = source {
            path.values.push(search::number(wanted.project, 0).into());
            let end =
                after.map_or(search::end(wanted.project), |after| search::number(wanted.project, after.seq));
            path.values.push(end.into());
        } else if let Some(after) = after {
            path.start_after(wanted.filter.order, source, after);
        }
        path
    }

    fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.conditions.push_str(" AND ");
        self.conditions.push_str(condition);
        self.values.extend(values);
    }

    fn start_after(&mut self, order: KeyOrder, source: &Source, after: &Cursor) {
        match order {
            KeyOrder::Created if matches!(source, Source::Scope(_)) => {
                self.add("s.key_seq < ?", [after.seq.into()]);
            }
            KeyOrder::Name => match source {
                // One bound alone is walked from: the first name after the place, in a list of names
                // that hold no zero.
                Source::Starts(from, to) if after.value >= *from => {
                    self.values.truncate(1);
                    self.values.extend([format!("{}\0", after.value).into(), to.clone().into()]);
                }
                Source::Starts(..) => {}
                _ => self.add("k.name > ?", [after.value.clone().into()]),
            },
            // Those that never were used come last, so that a place before them is before all.
            KeyOrder::LastUsed if used(after) > 0 => {}
            KeyOrder::Created | KeyOrder::LastUsed => self.add("k.seq < ?", [after.seq.into()]),
        }
    }

    /// Goes along it; answers whether there is room for what comes next.
    fn walk(
        &self,
        connection: &Connection,
        order: KeyOrder,
        conditions: &Conditions,
        beside: &mut Beside<'_>,
        found: &mut Found,
    ) -> Result<bool> {
        let sql = format!(
            "SELECT {}, {}, {} FROM {} WHERE {} ORDER BY {}",
            self.seq,
            order_place(order),
            conditions.expression(),
            self.from,
            self.conditions,
            self.order,
        );
        let price = match conditions.is_empty() {
            true => Price::Free,
            false if self.is_covering => Price::Covered,
            false => Price::Read,
        };
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(conditions.values.iter().chain(&self.values)))?;
        while let Some(row) = rows.next()? {
            if !beside.before(row.get(0)?, found)? || !found.visit(row, price)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// When the key at a place was last used; 0 for never.
pub(super) fn used(place: &Cursor) -> i64 {
    place.value.parse().unwrap_or_default()
}

fn path(from: &'static str, conditions: &str, values: Vec<Value>, order: &'static str) -> Path {
    let is_covering =
        ["keys_by_age", "keys_by_name", "keys_by_last_use"].iter().any(|index| from.ends_with(index));
    Path { seq: "k.seq", from, conditions: conditions.to_owned(), values, order, is_covering }
}

fn by_age(source: &Source) -> Path {
    let order = "k.seq DESC";
    match source {
        Source::Account(account) => {
            let values = vec![(*account).into()];
            path("keys k INDEXED BY keys_of_account", "k.account_seq = ?", values, order)
        }
        Source::Scope(scope) => {
            let from = "key_scopes s CROSS JOIN keys k ON k.seq = s.key_seq";
            let values = vec![scope.clone().into()];
            let path = path(from, "s.project_seq = ? AND s.scope = ?", values, "s.key_seq DESC");
            Path { seq: "s.key_seq", ..path }
        }
        Source::Search { triples, .. } => {
            let from = "key_search f CROSS JOIN keys k ON k.seq = (f.rowid & ((1 << 40) - 1))";
            let conditions = "f.key_search MATCH ? AND f.rowid > ? AND f.rowid < ?";
            path(from, conditions, vec![triples.clone().into()], "f.rowid DESC")
        }
        Source::Disabled => {
            path("keys k INDEXED BY keys_disabled", "k.project_seq = ? AND k.enabled = 0", vec![], order)
        }
        Source::NeverUsed => path(
            "keys k INDEXED BY keys_by_last_use",
            "k.project_seq = ? AND k.last_used_at = 0",
            vec![],
            order,
        ),
        Source::Starts(..) | Source::UnusedSince(_) | Source::All => {
            path("keys k INDEXED BY keys_by_age", "k.project_seq = ?", vec![], order)
        }
    }
}

fn by_name(source: &Source) -> Path {
    let order = "k.name";
    match source {
        Source::Account(account) => {
            let values = vec![(*account).into()];
            path("keys k INDEXED BY keys_of_account_by_name", "k.account_seq = ?", values, order)
        }
        Source::Disabled => path(
            "keys k INDEXED BY keys_disabled_by_name",
            "k.project_seq = ? AND k.enabled = 0",
            vec![],
            order,
        ),
        Source::Starts(from, to) => {
            let values = vec![from.clone().into(), to.clone().into()];
            path(
                "keys k INDEXED BY keys_by_name",
                "k.project_seq = ? AND k.name >= ? AND k.name < ?",
                values,
                order,
            )
        }
        Source::Scope(_)
        | Source::Search { .. }
        | Source::NeverUsed
        | Source::UnusedSince(_)
        | Source::All => path("keys k INDEXED BY keys_by_name", "k.project_seq = ?", vec![], order),
    }
}

fn by_last_use(source: &Source) -> Path {
    let order = "k.last_used_at DESC, k.seq DESC";
    match source {
        Source::Disabled => path(
            "keys k INDEXED BY keys_disabled_by_last_use",
            "k.project_seq = ? AND k.enabled = 0",
            vec![],
            order,
        ),
        Source::NeverUsed => path(
            "keys k INDEXED BY keys_by_last_use",
            "k.project_seq = ? AND k.last_used_at = 0",
            vec![],
            "k.seq DESC",
        ),
        Source::UnusedSince(since) => path(
            "keys k INDEXED BY keys_by_last_use",
            "k.project_seq = ? AND k.last_used_at < ?",
            vec![(*since).into()],
            order,
        ),
        Source::Account(_) | Source::Scope(_) | Source::Search { .. } | Source::Starts(..) | Source::All => {
            path("keys k INDEXED BY keys_by_last_use", "k.project_seq = ?", vec![], order)
        }
    }
}

/// One row of a walk: number, place, and whether it fits.
pub(super) fn step(row: &Row<'_>, order: KeyOrder) -> rusqlite::Result<Step> {
    let place = match order {
        KeyOrder::Created => Step { seq: row.get(0)?, name: String::new(), used: 0 },
        KeyOrder::Name => Step { seq: row.get(0)?, name: row.get(1)?, used: 0 },
        KeyOrder::LastUsed => Step { seq: row.get(0)?, name: String::new(), used: row.get(1)? },
    };
    Ok(place)
}
