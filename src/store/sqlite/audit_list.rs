//! The list of audit events in `SQLite`: filters and places.
//!
//! A filter's most telling part has an index that holds its events in the order of their numbers. That
//! is walked from the newest on, what else the filter says is looked at row by row, and [`ROWS_MAX`]
//! bounds how many: a page may hold fewer events than were asked for and still name the next one.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::audit::{COLUMNS, event};
use super::rows::ms;
use super::walk::{self, Conditions, Found, Walk};
use crate::model::account::AccountId;
use crate::model::audit::{AuditEvent, AuditFilter};
use crate::model::page::{Page, PageAfter};
use crate::model::principal::ActorKind;
use crate::model::project::ProjectName;
use crate::store::Result;
use crate::store::audit::AUDIT_ORDER;

/// The most rows that a page looks at; about 1 µs each.
pub(super) const ROWS_MAX: usize = if cfg!(test) { 20 } else { 20_000 };
/// The most actions that one thing has.
const ACTIONS_MAX: usize = 64;

pub(super) fn list_audit(
    connection: &Connection,
    filter: &AuditFilter,
    page: &PageAfter,
) -> Result<Page<AuditEvent>> {
    let found = find(connection, filter, page)?;
    let sql = format!("SELECT {COLUMNS} FROM audit WHERE n = ?");
    let mut statement = connection.prepare_cached(&sql)?;
    found.page(AUDIT_ORDER, |n| statement.query_row([n], event))
}

fn find(connection: &Connection, filter: &AuditFilter, page: &PageAfter) -> Result<Found> {
    let between = between(connection, filter, page)?;
    let fits = conditions(filter);
    let sources = sources(connection, filter)?;
    let sqls: Vec<String> = sources.iter().map(|source| source.sql(&fits)).collect();
    let mut statements =
        sqls.iter().map(|sql| connection.prepare_cached(sql)).collect::<rusqlite::Result<Vec<_>>>()?;
    let mut walks = Vec::new();
    for (statement, source) in statements.iter_mut().zip(&sources) {
        let place = between.map(Value::from);
        let values = fits.values.iter().chain(&source.value).chain(&place);
        walks.push(Walk::start(statement.query(params_from_iter(values))?)?);
    }
    walk::along(walks, page.limit, ROWS_MAX)
}

/// The numbers between which a page's events are, both excluded.
fn between(connection: &Connection, filter: &AuditFilter, page: &PageAfter) -> Result<[i64; 2]> {
    let number = |sql: &str, at: Timestamp| -> Result<Option<i64>> {
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.query_row([ms(at)], |row| row.get(0)).optional()?)
    };
    let last_before = "SELECT n FROM audit WHERE at < ? ORDER BY at DESC, n DESC LIMIT 1";
    let first_after = "SELECT n FROM audit WHERE at >= ? ORDER BY at, n LIMIT 1";
    let from = filter.from.map(|at| number(last_before, at)).transpose()?.flatten();
    let to = filter.to.map(|at| number(first_after, at)).transpose()?.flatten();
    let after = page.after.as_ref().map_or(i64::MAX, |after| after.seq);
    Ok([from.unwrap_or_default(), after.min(to.unwrap_or(i64::MAX))])
}

/// An index, and the value in it whose events are walked; all events where there is none.
struct Source {
    from: &'static str,
    value: Option<Value>,
}

impl Source {
    fn new(from: &'static str, value: &str) -> Self {
        Self { from, value: Some(value.to_owned().into()) }
    }

    fn sql(&self, fits: &Conditions) -> String {
        let (from, fits) = (self.from, fits.expression());
        format!("SELECT n, {fits} FROM audit {from} n > ? AND n < ? ORDER BY n DESC")
    }
}

/// The sources that together have all events that fit: those of one part of the filter.
fn sources(connection: &Connection, filter: &AuditFilter) -> Result<Vec<Source>> {
    const TARGET_ID: &str = "INDEXED BY audit_of_target WHERE target_id = ? AND";
    const TARGET_NAME: &str = "INDEXED BY audit_of_target_name WHERE target_name = ? AND";
    const ACCOUNT: &str = "INDEXED BY audit_of_account WHERE account = ? AND";
    const ACTOR_ID: &str = "INDEXED BY audit_of_actor WHERE actor_id = ? AND";
    const ACTOR_NAME: &str = "INDEXED BY audit_of_actor_name WHERE actor_name = ? AND";
    const PROJECT: &str = "INDEXED BY audit_of_project WHERE project = ? AND";
    if let Some(id) = &filter.target_id {
        return Ok(vec![Source::new(TARGET_ID, id)]);
    }
    if let Some(target) = &filter.target {
        return Ok(vec![Source::new(TARGET_ID, target), Source::new(TARGET_NAME, target)]);
    }
    if let Some(account) = &filter.account {
        return Ok(vec![Source::new(ACCOUNT, account.as_str())]);
    }
    if let Some(actor) = &filter.actor {
        return Ok(vec![Source::new(ACTOR_ID, actor), Source::new(ACTOR_NAME, actor)]);
    }
    if let Some(action) = &filter.action {
        return of_actions(connection, action);
    }
    let project = filter.project.as_ref().map(|project| Source::new(PROJECT, project.as_str()));
    Ok(vec![project.unwrap_or(Source { from: "NOT INDEXED WHERE", value: None })])
}

fn of_actions(connection: &Connection, action: &str) -> Result<Vec<Source>> {
    const ACTION: &str = "INDEXED BY audit_of_action WHERE action = ? AND";
    let Some(thing) = action.strip_suffix('.') else { return Ok(vec![Source::new(ACTION, action)]) };
    let sql = "SELECT action FROM audit WHERE action > ? AND action < ? ORDER BY action LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let (mut after, end) = (action.to_owned(), format!("{thing}/"));
    let mut sources = Vec::new();
    while sources.len() < ACTIONS_MAX
        && let Some(found) = statement.query_row([&after, &end], |row| row.get::<_, String>(0)).optional()?
    {
        sources.push(Source::new(ACTION, &found));
        after = found;
    }
    Ok(sources)
}

fn conditions(filter: &AuditFilter) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.add_text("project = ?", filter.project.as_ref().map(ProjectName::as_str));
    conditions.add_text("actor_kind = ?", filter.actor_kind.map(ActorKind::as_str));
    conditions.add_text("account = ?", filter.account.as_ref().map(AccountId::as_str));
    conditions.add_text("target_id = ?", filter.target_id.as_deref());
    conditions.add_text("? IN (target_id, target_name)", filter.target.as_deref());
    conditions.add_text("? IN (actor_id, actor_name)", filter.actor.as_deref());
    match filter.action.as_deref() {
        Some(thing) if thing.ends_with('.') => {
            conditions.add_text("substr(action, 1, instr(action, '.')) = ?", Some(thing));
        }
        action => conditions.add_text("action = ?", action),
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::audit::AuditTarget;
    use crate::model::page::{Cursor, Limit};
    use crate::model::principal::Actor;
    use crate::store::Store;
    use crate::store::sqlite::SqliteStore;

    fn event(n: i64) -> AuditEvent {
        let text = |words: [&str; 3]| words[usize::try_from(n).unwrap() % 3].to_owned();
        let kind = if n % 2 == 0 { ActorKind::User } else { ActorKind::Operator };
        AuditEvent {
            n,
            at: Timestamp::from_second(n / 4).unwrap(),
            project: (n % 5 > 0).then(|| "default".to_owned()),
            actor: Actor { kind, id: text(["u1", "u2", "ann"]), name: text(["ann", "bob", "ann"]) },
            action: ["key.created", "keys.x", "key.deleted", "user.created"][usize::try_from(n).unwrap() % 4]
                .to_owned(),
            target: AuditTarget {
                kind: "key".to_owned(),
                id: text(["a", "b", "c"]),
                name: format!("t{}", n % 7),
            },
            detail: serde_json::json!({}),
            account: (n % 6 == 0).then(|| AccountId::parse("acc_000000000001").unwrap()),
            hash: [0; 32],
        }
    }

    fn fits(event: &AuditEvent, filter: &AuditFilter) -> bool {
        let is = |wanted: &Option<String>, all: [&str; 2]| {
            wanted.as_deref().is_none_or(|wanted| all.contains(&wanted))
        };
        filter.project.as_ref().is_none_or(|project| event.project.as_deref() == Some(project.as_str()))
            && filter.actor_kind.is_none_or(|kind| event.actor.kind == kind)
            && is(&filter.actor, [&event.actor.id, &event.actor.name])
            && filter.action.as_deref().is_none_or(|action| {
                event.action == action || (action.ends_with('.') && event.action.starts_with(action))
            })
            && filter.account.as_ref().is_none_or(|account| event.account.as_ref() == Some(account))
            && is(&filter.target_id, [&event.target.id, &event.target.id])
            && is(&filter.target, [&event.target.id, &event.target.name])
            && filter.from.is_none_or(|from| event.at >= from)
            && filter.to.is_none_or(|to| event.at < to)
    }

    fn filters() -> impl Iterator<Item = AuditFilter> {
        let some = |yes: bool, text: &str| yes.then(|| text.to_owned());
        (0..512).map(move |n: u32| {
            let bit = |at: u32| n >> at & 1 == 1;
            AuditFilter {
                project: bit(0).then(ProjectName::default),
                actor_kind: bit(1).then_some(ActorKind::User),
                actor: some(bit(2), "ann"),
                action: some(bit(3), if bit(0) { "key." } else { "key.deleted" }),
                account: bit(4).then(|| AccountId::parse("acc_000000000001").unwrap()),
                target_id: some(bit(5), "a"),
                target: some(bit(6), if bit(1) { "t3" } else { "a" }),
                from: bit(7).then(|| Timestamp::from_second(3).unwrap()),
                to: bit(8).then(|| Timestamp::from_second(19).unwrap()),
            }
        })
    }

    #[test]
    fn every_filter_shows_each_event_that_fits_once_newest_first_page_by_page() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(dir.path(), &mut |_| Ok(())).unwrap();
        let events: Vec<AuditEvent> = (1..=100).map(event).collect();
        let mut tx = store.write().unwrap();
        for event in &events {
            tx.append_audit(event).unwrap();
        }
        tx.commit().unwrap();
        let tx = store.read().unwrap();
        for filter in filters() {
            let expected: Vec<i64> =
                events.iter().rev().filter(|event| fits(event, &filter)).map(|event| event.n).collect();
            let (mut shown, mut after) = (Vec::new(), None);
            loop {
                let page = PageAfter { limit: Limit::parse("7").unwrap(), after: after.take() };
                let found = tx.list_audit(&filter, &page).unwrap();
                shown.extend(found.items.iter().map(|event| event.n));
                let Some(next) = found.next_cursor else { break };
                after = Some(Cursor::parse(&next, AUDIT_ORDER).unwrap());
            }
            assert_eq!(shown, expected, "{filter:?}");
        }
    }
}
