//! The audit log: who changed what, filtered (`query`), page by page, or as a file (`export`).

use askama::Template;
use jiff::Timestamp;

use crate::model::account::AccountId;
use crate::model::audit::AuditEvent;
use crate::model::key::KeyId;
use crate::model::page::Page;
use crate::model::project::ProjectName;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{Choice, Frame, Place, with_query};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{When, grouped};
use crate::web::routes;

pub(crate) mod change;
pub(crate) mod export;
mod query;
pub(crate) mod words;

use query::AuditQuery;
use words::Detail;

/// The page, in words.
#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct AuditPage {
    frame: Frame,
    rows: Vec<AuditRow>,
    target: String,
    by: String,
    from: Day,
    to: Day,
    who: Vec<Choice>,
    what: Vec<Choice>,
    projects: Vec<Choice>,
    is_filtered: bool,
    first: String,
    next: String,
    all: &'static str,
    csv: String,
    json: String,
    export_max: String,
}

/// A field for a day; what else an address may say is shown as it was written.
struct Day {
    value: String,
    input: &'static str,
}

/// An event in the table.
struct AuditRow {
    n: i64,
    when: When,
    by: String,
    kind: &'static str,
    done: String,
    target: String,
    /// Where the thing still can be looked at; empty where it has no page or is gone.
    target_href: String,
    action: String,
    details: Vec<Detail>,
    project: String,
}

/// The server's audit log.
pub(crate) fn list(visit: &Visit) -> PageResult {
    let (frame, projects) = visit.server_frame(Place::Audit)?;
    let query = AuditQuery::parse(&visit.asked.query, visit.now())?;
    let page = visit.app.list_audit(&visit.who(), &query.filter(), &query.page())?;
    Answer::page(&AuditPage::new(frame, &query, &page, &projects, visit.now()))
}

impl AuditPage {
    /// The page around what was found.
    pub(crate) fn new(
        frame: Frame,
        query: &AuditQuery,
        page: &Page<AuditEvent>,
        all: &[ProjectName],
        now: Timestamp,
    ) -> Self {
        let link = |cursor| with_query(routes::AUDIT, &query.at(cursor).to_text());
        let shown = query.at(None).to_text();
        let export = |format| {
            let query = format!("{shown}&format={format}");
            with_query(routes::AUDIT_EXPORT, query.trim_start_matches('&'))
        };
        Self {
            frame,
            rows: page.items.iter().map(|event| AuditRow::new(event, now)).collect(),
            target: query.target.clone(),
            by: query.by.clone(),
            from: Day::new(query.from.as_ref()),
            to: Day::new(query.to.as_ref()),
            who: query.kinds(),
            what: query.things(),
            csv: export("csv"),
            json: export("json"),
            export_max: grouped(export::EVENTS_MAX as u64),
            projects: projects(query.project.as_ref(), all),
            is_filtered: query.is_filtered(),
            first: query.cursor.as_ref().map(|_| link(None)).unwrap_or_default(),
            next: page.next_cursor.clone().map(|cursor| link(Some(cursor))).unwrap_or_default(),
            all: routes::AUDIT,
        }
    }
}

impl Day {
    fn new(moment: Option<&(String, Timestamp)>) -> Self {
        let value = moment.map(|(text, _)| text.clone()).unwrap_or_default();
        let is_day = value.is_empty() || value.parse::<jiff::civil::Date>().is_ok() && value.len() == 10;
        Self { value, input: if is_day { "date" } else { "text" } }
    }
}

impl AuditRow {
    fn new(event: &AuditEvent, now: Timestamp) -> Self {
        Self {
            n: event.n,
            when: When::new(event.at, now),
            by: words::by(&event.actor),
            kind: words::kind(event.actor.kind),
            done: words::done(event),
            target: event.target.name.clone(),
            target_href: href(event).unwrap_or_default(),
            action: event.action.clone(),
            details: words::details(event),
            project: event.project.clone().unwrap_or_default(),
        }
    }
}

/// The page of a key or an account, unless this is the event of its end.
fn href(event: &AuditEvent) -> Option<String> {
    let project = ProjectName::parse(event.project.as_deref()?).ok()?;
    let id = Some(event.target.id.as_str()).filter(|_| !event.action.ends_with(".deleted"))?;
    match event.target.kind.as_str() {
        "key" => Some(routes::key(&project, &KeyId::parse(id).ok()?)),
        "account" => Some(routes::account(&project, &AccountId::parse(id).ok()?)),
        _ => None,
    }
}

fn projects(current: Option<&ProjectName>, all: &[ProjectName]) -> Vec<Choice> {
    if all.len() < 2 {
        return Vec::new();
    }
    let choice = |name: &ProjectName| Choice::new(name.as_str(), name.as_str(), current == Some(name));
    std::iter::once(Choice::new("", "All projects", current.is_none()))
        .chain(all.iter().map(choice))
        .collect()
}
