//! The table of a project's keys: search, filters, order, paging.

use std::collections::HashMap;

use askama::Template;
use jiff::Timestamp;

use super::back::Back;
use super::query::{KeysQuery, Unused};
use super::row::{KeyRow, StatusWords};
use super::toast::toast;
use crate::model::account::{Account, AccountFilter, ExternalId};
use crate::model::key::{Key, KeyCounts, KeyId, KeyOrder, KeyStatus};
use crate::model::outcome::{Outcomes, last};
use crate::model::page::{Limit, Page, PageRequest};
use crate::model::scope::{Catalogue, Scope};
use crate::model::usage::UsageStep;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::chart::Spark;
use crate::web::admin::page::{Choice, Frame, Place, cli_project, with_query};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{counted, grouped};
use crate::web::routes;

/// How many days of requests a row shows.
const SPARK_DAYS: u16 = 30;

/// The page, in words.
#[derive(Template)]
#[template(path = "keys/list.html")]
pub(crate) struct KeysPage {
    frame: Frame,
    rows: Vec<KeyRow>,
    filters: Filters,
    /// "6 keys · 1 never used".
    counts: String,
    /// Whether the project has a key at all.
    has_keys: bool,
    /// The query, for forms that come back to this view.
    back: String,
    /// The same view by name and by last use; back to newest first where that is the order.
    by_name: SortLink,
    by_last_used: SortLink,
    /// From the start again; empty on the first page.
    first: String,
    /// The next page; empty on the last.
    next: String,
    /// All keys, without any filter.
    all: String,
    /// What the shell's command needs to reach this project.
    cli_project: String,
}

/// The controls above the table.
struct Filters {
    q: String,
    statuses: Vec<Choice>,
    scopes: Vec<Choice>,
    /// Empty where the project has no account.
    accounts: Vec<Choice>,
    unused: Vec<Choice>,
    ends: Vec<Choice>,
    order: &'static str,
    is_filtered: bool,
}

/// A column's heading that orders the table.
struct SortLink {
    href: String,
    /// For `aria-sort`; `none` while another order holds.
    sort: &'static str,
}

/// What the page is made of.
pub(crate) struct KeysView<'a> {
    /// The query.
    pub(crate) query: &'a KeysQuery,
    /// The page of keys that it found.
    pub(crate) page: &'a Page<Key>,
    /// All keys, counted.
    pub(crate) counts: KeyCounts,
    /// The project's scopes.
    pub(crate) catalogue: &'a Catalogue,
    /// Accounts to filter by.
    pub(crate) accounts: &'a [Account],
    /// The requests of the page's keys in the last days.
    pub(crate) outcomes: &'a HashMap<KeyId, Outcomes>,
    /// Now.
    pub(crate) now: Timestamp,
}

/// The table of a project's keys.
pub(crate) fn list(visit: &Visit) -> PageResult {
    let (app, who, project) = (&visit.app, visit.who(), visit.project()?);
    let mut frame = visit.frame(Place::Keys, &project)?;
    let keys = KeysQuery::parse(&visit.asked.query)?;
    frame.toast = toast(visit, &project, &Back::Table(keys.clone()));
    let page = app.list_keys(&who, &project, &keys.filter(visit.now()), &keys.page())?;
    let accounts = PageRequest { limit: Limit::max(), cursor: None };
    let accounts = app.list_accounts(&who, &project, &AccountFilter::default(), &accounts)?;
    let days = last(UsageStep::Day, SPARK_DAYS, visit.now());
    let view = KeysView {
        query: &keys,
        page: &page,
        counts: app.count_keys(&who, &project)?,
        catalogue: &app.get_catalogue(&who, &project)?,
        accounts: &accounts.items,
        outcomes: &app.outcomes_of(&who, &project, &page.items, &days)?,
        now: visit.now(),
    };
    Answer::page(&KeysPage::new(frame, &view))
}

impl KeysPage {
    /// The page around what was found.
    pub(crate) fn new(frame: Frame, view: &KeysView<'_>) -> Self {
        let base = routes::keys(&frame.project);
        let link = |query: &KeysQuery| with_query(&base, &query.to_text());
        let first = view.query.cursor.as_ref().map(|_| link(&view.query.at(None)));
        let next = view.page.next_cursor.clone().map(|cursor| link(&view.query.at(Some(cursor))));
        Self {
            rows: view.page.items.iter().map(|key| row(key, view)).collect(),
            filters: filters(view),
            counts: counts(view.counts),
            has_keys: view.counts.total > 0,
            back: view.query.to_text(),
            by_name: sort_link(view.query, KeyOrder::Name, "ascending", link),
            by_last_used: sort_link(view.query, KeyOrder::LastUsed, "descending", link),
            first: first.unwrap_or_default(),
            next: next.unwrap_or_default(),
            all: base.clone(),
            cli_project: cli_project(&frame.project),
            frame,
        }
    }
}

fn row(key: &Key, view: &KeysView<'_>) -> KeyRow {
    let spark = view.outcomes.get(&key.facts.id).map(Spark::new);
    KeyRow { spark, ..KeyRow::new(key, view.catalogue, view.now) }
}

fn counts(counts: KeyCounts) -> String {
    let total = counted(counts.total, "key");
    if counts.never_used == 0 {
        total
    } else {
        format!("{total} · {} never used", grouped(counts.never_used))
    }
}

fn sort_link(
    query: &KeysQuery,
    order: KeyOrder,
    sort: &'static str,
    link: impl Fn(&KeysQuery) -> String,
) -> SortLink {
    if query.order == order {
        SortLink { href: link(&query.sorted(KeyOrder::Created)), sort }
    } else {
        SortLink { href: link(&query.sorted(order)), sort: "none" }
    }
}

fn filters(view: &KeysView<'_>) -> Filters {
    let query = view.query;
    Filters {
        q: query.q.clone(),
        statuses: statuses(query.status),
        scopes: scopes(view),
        accounts: accounts(view),
        unused: unused(&query.unused),
        ends: ends(query.ends.as_str().unwrap_or_default()),
        order: if query.order == KeyOrder::default() { "" } else { query.order.as_str() },
        is_filtered: query.is_filtered(),
    }
}

fn statuses(current: Option<KeyStatus>) -> Vec<Choice> {
    let choice =
        |status: KeyStatus| Choice::new(status.as_str(), StatusWords::label(status), current == Some(status));
    let all = Choice::new("", "All statuses", current.is_none());
    std::iter::once(all).chain(KeyStatus::ALL.map(choice)).collect()
}

fn scopes(view: &KeysView<'_>) -> Vec<Choice> {
    let current = view.query.scope.as_ref();
    let known = view.catalogue.scopes().map(|detail| &detail.scope);
    let other = current.filter(|scope| !view.catalogue.scopes().any(|detail| detail.scope == **scope));
    let any = Choice::new("", "Any scope", current.is_none());
    let choice = |scope| Choice::new(Scope::as_str(scope), scope.as_str(), current == Some(scope));
    std::iter::once(any).chain(known.chain(other).map(choice)).collect()
}

fn accounts(view: &KeysView<'_>) -> Vec<Choice> {
    let current = view.query.account.as_deref();
    let is_current = |account: &Account| {
        let external_id = account.external_id.as_ref().map(ExternalId::as_str);
        current == Some(account.id.as_str()) || (current.is_some() && current == external_id)
    };
    let known = view
        .accounts
        .iter()
        .map(|account| Choice::new(account.id.as_str(), account.name.as_str(), is_current(account)));
    let other = current.filter(|_| !view.accounts.iter().any(is_current));
    let other = other.map(|id| Choice::new(id, id, true));
    let choices: Vec<Choice> = known.chain(other).collect();
    if choices.is_empty() {
        return choices;
    }
    std::iter::once(Choice::new("", "Any account", current.is_none())).chain(choices).collect()
}

fn unused(current: &Unused) -> Vec<Choice> {
    let value = current.as_str().unwrap_or_default();
    let known = [
        ("", "Last used: any time"),
        ("30d", "Unused for 30 days"),
        ("90d", "Unused for 90 days"),
        ("never", "Never used"),
    ];
    let other = (!known.iter().any(|(known, _)| *known == value)).then(|| format!("Unused for {value}"));
    let known = known.iter().map(|(known, label)| Choice::new(known, label, *known == value));
    known.chain(other.map(|label| Choice::new(value, &label, true))).collect()
}

fn ends(current: &str) -> Vec<Choice> {
    let known = [
        ("", "Any expiry"),
        ("14d", "Expires within 14 days"),
        ("30d", "Expires within 30 days"),
        ("never", "Never expires"),
    ];
    let other =
        (!known.iter().any(|(known, _)| *known == current)).then(|| format!("Expires within {current}"));
    let known = known.iter().map(|(known, label)| Choice::new(known, label, *known == current));
    known.chain(other.map(|label| Choice::new(current, &label, true))).collect()
}
