//! The table of a project's accounts.

use askama::Template;
use jiff::Timestamp;

use crate::model::Invalid;
use crate::model::account::{Account, AccountFilter, AccountId};
use crate::model::page::{Limit, Page, PageRequest};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, Frame, Place, cli_project, with_query};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{When, counted};
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "accounts/list.html")]
pub(crate) struct AccountsPage {
    frame: Frame,
    rows: Vec<AccountRow>,
    q: String,
    statuses: Vec<Choice>,
    is_filtered: bool,
    /// Whether the project has an account at all.
    has_accounts: bool,
    back: String,
    first: String,
    next: String,
    all: String,
    cli_project: String,
}

/// An account in the table.
struct AccountRow {
    id: AccountId,
    name: String,
    external_id: String,
    /// "2 keys".
    keys: String,
    has_keys: bool,
    keys_href: String,
    created: When,
    enabled: bool,
}

/// What the table shows, as its address says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AccountsQuery {
    q: String,
    enabled: Option<bool>,
    cursor: Option<String>,
}

impl AccountsQuery {
    /// Reads the part of an address after the `?`.
    ///
    /// # Errors
    /// When a value is not one that its filter knows.
    pub(crate) fn parse(query: &str) -> Result<Self, Invalid> {
        let fields = Fields::parse(query.as_bytes());
        let enabled = match fields.filled("status") {
            None => None,
            Some("enabled") => Some(true),
            Some("disabled") => Some(false),
            Some(other) => return Err(Invalid::new("status", other, "is neither `enabled` nor `disabled`")),
        };
        let q = fields.filled("q").unwrap_or_default().to_owned();
        Ok(Self { q, enabled, cursor: fields.filled("cursor").map(str::to_owned) })
    }

    /// The filter of the use case.
    pub(crate) fn filter(&self) -> AccountFilter {
        let q = (!self.q.is_empty()).then(|| self.q.clone());
        AccountFilter { q, enabled: self.enabled, ..AccountFilter::default() }
    }

    /// The page of the use case.
    pub(crate) fn page(&self) -> PageRequest {
        PageRequest { limit: Limit::default(), cursor: self.cursor.clone() }
    }

    /// Whether any filter holds accounts back.
    pub(crate) fn is_filtered(&self) -> bool {
        !self.q.is_empty() || self.enabled.is_some()
    }

    /// The query again; empty for the plain table.
    pub(crate) fn to_text(&self) -> String {
        let status = self.enabled.map(|is_on| if is_on { "enabled" } else { "disabled" });
        let q = Some(self.q.as_str()).filter(|q| !q.is_empty());
        let pairs = [("q", q), ("status", status), ("cursor", self.cursor.as_deref())];
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))));
        text.finish()
    }

    fn at(&self, cursor: Option<String>) -> Self {
        Self { cursor, ..self.clone() }
    }
}

/// The table of a project's accounts.
pub(crate) fn list(visit: &Visit) -> PageResult {
    let project = visit.project()?;
    let frame = visit.frame(Place::Accounts, &project)?;
    let query = AccountsQuery::parse(&visit.asked.query)?;
    let page = visit.app.list_accounts(&visit.who(), &project, &query.filter(), &query.page())?;
    Answer::page(&AccountsPage::new(frame, &query, &page, visit.now()))
}

impl AccountsPage {
    /// The page around what was found.
    pub(crate) fn new(frame: Frame, query: &AccountsQuery, page: &Page<Account>, now: Timestamp) -> Self {
        let base = routes::accounts(&frame.project);
        let link = |query: &AccountsQuery| with_query(&base, &query.to_text());
        let next = page.next_cursor.clone().map(|cursor| link(&query.at(Some(cursor))));
        Self {
            rows: page.items.iter().map(|account| AccountRow::new(account, now)).collect(),
            q: query.q.clone(),
            statuses: statuses(query.enabled),
            is_filtered: query.is_filtered(),
            has_accounts: query.is_filtered() || query.cursor.is_some() || !page.items.is_empty(),
            back: query.to_text(),
            first: query.cursor.as_ref().map(|_| link(&query.at(None))).unwrap_or_default(),
            next: next.unwrap_or_default(),
            all: base.clone(),
            cli_project: cli_project(&frame.project),
            frame,
        }
    }
}

impl AccountRow {
    fn new(account: &Account, now: Timestamp) -> Self {
        let keys = routes::keys(&account.project);
        Self {
            id: account.id.clone(),
            name: account.name.as_str().to_owned(),
            external_id: account.external_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            keys: counted(account.n_keys, "key"),
            has_keys: account.n_keys > 0,
            keys_href: with_query(&keys, &format!("account={}", account.id)),
            created: When::new(account.created_at, now),
            enabled: account.enabled,
        }
    }
}

fn statuses(current: Option<bool>) -> Vec<Choice> {
    vec![
        Choice::new("", "All statuses", current.is_none()),
        Choice::new("enabled", "Enabled", current == Some(true)),
        Choice::new("disabled", "Disabled", current == Some(false)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_survives_its_address() {
        let query = AccountsQuery::parse("q=acme&status=disabled&cursor=x").unwrap();
        assert_eq!(query.to_text(), "q=acme&status=disabled&cursor=x");
        assert!(AccountsQuery::parse("status=asleep").is_err());
        assert_eq!(AccountsQuery::parse("").unwrap().to_text(), "");
    }
}
