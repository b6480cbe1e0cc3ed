//! The audit log: who changed what, filtered and page by page.

use askama::Template;
use jiff::Timestamp;

use crate::model::Invalid;
use crate::model::audit::{AuditEvent, AuditFilter};
use crate::model::key::KeyId;
use crate::model::page::{Limit, Page, PageRequest};
use crate::model::principal::ActorKind;
use crate::model::project::ProjectName;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, Frame, Place, with_query};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::When;
use crate::web::routes;

pub(crate) mod words;

use words::Detail;

/// The page, in words.
#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct AuditPage {
    frame: Frame,
    rows: Vec<AuditRow>,
    target: String,
    who: Vec<Choice>,
    what: Vec<Choice>,
    projects: Vec<Choice>,
    is_filtered: bool,
    first: String,
    next: String,
    all: &'static str,
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

/// What the log shows, as its address says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AuditQuery {
    target: String,
    who: Option<ActorKind>,
    what: String,
    project: Option<ProjectName>,
    cursor: Option<String>,
}

/// The things of the filter *What*, as the first part of an action.
const THINGS: [(&str, &str); 7] = [
    ("", "Everything"),
    ("key", "Keys"),
    ("account", "Accounts"),
    ("project", "Projects"),
    ("scope", "Scopes"),
    ("user", "Users"),
    ("server", "Server"),
];

/// The server's audit log.
pub(crate) fn list(visit: &Visit) -> PageResult {
    let (frame, projects) = visit.server_frame(Place::Audit)?;
    let query = AuditQuery::parse(&visit.asked.query)?;
    let page = visit.app.list_audit(&visit.who(), &query.filter(), &query.page())?;
    Answer::page(&AuditPage::new(frame, &query, &page, &projects, visit.now()))
}

impl AuditQuery {
    /// Reads the part of an address after the `?`.
    ///
    /// # Errors
    /// When a value is not one that its filter knows.
    pub(crate) fn parse(query: &str) -> Result<Self, Invalid> {
        let fields = Fields::parse(query.as_bytes());
        let who = fields.filled("who").map(ActorKind::parse);
        let what = fields.filled("what").unwrap_or_default();
        if !THINGS.iter().any(|(thing, _)| *thing == what) {
            return Err(Invalid::new("what", what, "is nothing that the log knows"));
        }
        Ok(Self {
            target: fields.filled("target").unwrap_or_default().to_owned(),
            who: who.transpose()?,
            what: what.to_owned(),
            project: fields.filled("project").map(ProjectName::parse).transpose()?,
            cursor: fields.filled("cursor").map(str::to_owned),
        })
    }

    /// The filter of the use case.
    pub(crate) fn filter(&self) -> AuditFilter {
        AuditFilter {
            project: self.project.clone(),
            actor_kind: self.who,
            action: (!self.what.is_empty()).then(|| format!("{}.", self.what)),
            target: (!self.target.is_empty()).then(|| self.target.clone()),
            ..AuditFilter::default()
        }
    }

    /// The page of the use case.
    pub(crate) fn page(&self) -> PageRequest {
        PageRequest { limit: Limit::default(), cursor: self.cursor.clone() }
    }

    fn is_filtered(&self) -> bool {
        *self != Self { cursor: self.cursor.clone(), ..Self::default() }
    }

    fn to_text(&self) -> String {
        let filled = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let pairs = [
            ("target", filled(&self.target)),
            ("who", self.who.map(ActorKind::as_str)),
            ("what", filled(&self.what)),
            ("project", self.project.as_ref().map(ProjectName::as_str)),
            ("cursor", self.cursor.as_deref()),
        ];
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))));
        text.finish()
    }
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
        let link = |cursor| with_query(routes::AUDIT, &AuditQuery { cursor, ..query.clone() }.to_text());
        Self {
            frame,
            rows: page.items.iter().map(|event| AuditRow::new(event, now)).collect(),
            target: query.target.clone(),
            who: who(query.who),
            what: THINGS
                .iter()
                .map(|(thing, label)| Choice::new(thing, label, *thing == query.what))
                .collect(),
            projects: projects(query.project.as_ref(), all),
            is_filtered: query.is_filtered(),
            first: query.cursor.as_ref().map(|_| link(None)).unwrap_or_default(),
            next: page.next_cursor.clone().map(|cursor| link(Some(cursor))).unwrap_or_default(),
            all: routes::AUDIT,
        }
    }
}

impl AuditRow {
    fn new(event: &AuditEvent, now: Timestamp) -> Self {
        Self {
            n: event.n,
            when: When::new(event.at, now),
            by: event.actor.name.clone(),
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

/// A key's page, unless this is the event of its end.
fn href(event: &AuditEvent) -> Option<String> {
    let project = ProjectName::parse(event.project.as_deref()?).ok()?;
    let is_key = event.target.kind == "key" && !event.action.ends_with(".deleted");
    let id = KeyId::parse(&event.target.id).ok().filter(|_| is_key)?;
    Some(routes::key(&project, &id))
}

fn who(current: Option<ActorKind>) -> Vec<Choice> {
    let kinds =
        [(ActorKind::User, "People"), (ActorKind::Key, "API keys"), (ActorKind::Operator, "The shell")];
    let choice = |(kind, label): (ActorKind, &str)| Choice::new(kind.as_str(), label, current == Some(kind));
    std::iter::once(Choice::new("", "Everybody", current.is_none())).chain(kinds.map(choice)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_survives_its_address() {
        let text = "target=acc_1&who=user&what=key&project=default&cursor=x";
        let query = AuditQuery::parse(text).unwrap();
        assert_eq!(query.to_text(), text);
        assert_eq!(query.filter().action.as_deref(), Some("key."));
        for bad in ["who=nobody", "what=weather", "project=A"] {
            assert!(AuditQuery::parse(bad).is_err(), "{bad}");
        }
    }
}
