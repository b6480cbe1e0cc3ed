//! What of the audit log is shown or exported, as an address says it.

use jiff::Timestamp;

use crate::model::Invalid;
use crate::model::audit::AuditFilter;
use crate::model::moment::Edge;
use crate::model::page::{Limit, PageRequest};
use crate::model::principal::ActorKind;
use crate::model::project::ProjectName;
use crate::web::admin::fields::Fields;
use crate::web::admin::page::Choice;

/// The things of the filter *What*, as the first part of an action.
const THINGS: [(&str, &str); 8] = [
    ("", "Everything"),
    ("key", "Keys"),
    ("account", "Accounts"),
    ("project", "Projects"),
    ("scope", "Scopes"),
    ("route", "Routes"),
    ("user", "Users"),
    ("server", "Server"),
];

/// What the log shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AuditQuery {
    /// Id or name of what it was done to; empty for anything.
    pub(super) target: String,
    /// Id or name of who did it; empty for anybody.
    pub(super) by: String,
    /// What kind of principal did it.
    pub(super) who: Option<ActorKind>,
    /// The thing that it was done to; empty for any.
    what: String,
    /// In which project.
    pub(super) project: Option<ProjectName>,
    /// From when on, as it was written, and what that means.
    pub(super) from: Option<(String, Timestamp)>,
    /// Before when.
    pub(super) to: Option<(String, Timestamp)>,
    /// Where the page before ended.
    pub(super) cursor: Option<String>,
}

impl AuditQuery {
    /// Reads the part of an address after the `?`, at `now`.
    ///
    /// # Errors
    /// When a value is not one that its filter knows.
    pub(crate) fn parse(query: &str, now: Timestamp) -> Result<Self, Invalid> {
        let fields = Fields::parse(query.as_bytes());
        let text = |name| fields.filled(name).unwrap_or_default().to_owned();
        let moment = |edge: Edge, name: &'static str| {
            let read = |text: &str| edge.parse(name, text, now).map(|at| (text.to_owned(), at));
            fields.filled(name).map(read).transpose()
        };
        let what = text("what");
        if !THINGS.iter().any(|(thing, _)| *thing == what) {
            return Err(Invalid::new("what", &what, "is nothing that the log knows"));
        }
        Ok(Self {
            target: text("target"),
            by: text("by"),
            who: fields.filled("who").map(ActorKind::parse).transpose()?,
            what,
            project: fields.filled("project").map(ProjectName::parse).transpose()?,
            from: moment(Edge::From, "from")?,
            to: moment(Edge::To, "to")?,
            cursor: fields.filled("cursor").map(str::to_owned),
        })
    }

    /// The filter of the use case.
    pub(crate) fn filter(&self) -> AuditFilter {
        let filled = |text: &String| Some(text).filter(|text| !text.is_empty()).cloned();
        AuditFilter {
            project: self.project.clone(),
            actor_kind: self.who,
            actor: filled(&self.by),
            action: filled(&self.what).map(|thing| format!("{thing}.")),
            target: filled(&self.target),
            from: self.from.as_ref().map(|(_, at)| *at),
            to: self.to.as_ref().map(|(_, at)| *at),
            ..AuditFilter::default()
        }
    }

    /// The page of the use case.
    pub(super) fn page(&self) -> PageRequest {
        PageRequest { limit: Limit::default(), cursor: self.cursor.clone() }
    }

    /// The same, as it goes on after this cursor.
    pub(super) fn at(&self, cursor: Option<String>) -> Self {
        Self { cursor, ..self.clone() }
    }

    pub(super) fn is_filtered(&self) -> bool {
        *self != Self { cursor: self.cursor.clone(), ..Self::default() }
    }

    pub(super) fn to_text(&self) -> String {
        let filled = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let written = |moment: &'_ Option<(String, Timestamp)>| moment.as_ref().map(|(text, _)| text.clone());
        let (from, to) = (written(&self.from), written(&self.to));
        let pairs = [
            ("target", filled(&self.target)),
            ("by", filled(&self.by)),
            ("who", self.who.map(ActorKind::as_str)),
            ("what", filled(&self.what)),
            ("project", self.project.as_ref().map(ProjectName::as_str)),
            ("from", from.as_deref()),
            ("to", to.as_deref()),
            ("cursor", self.cursor.as_deref()),
        ];
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))));
        text.finish()
    }

    /// The options of the filter *Who*.
    pub(super) fn kinds(&self) -> Vec<Choice> {
        let kinds = [
            (ActorKind::User, "People"),
            (ActorKind::Key, "API keys"),
            (ActorKind::Operator, "The shell"),
            (ActorKind::Stranger, "Strangers"),
        ];
        let choice =
            |(kind, label): (ActorKind, &str)| Choice::new(kind.as_str(), label, self.who == Some(kind));
        let everybody = Choice::new("", "Everybody", self.who.is_none());
        std::iter::once(everybody).chain(kinds.map(choice)).collect()
    }

    /// The options of the filter *What*.
    pub(super) fn things(&self) -> Vec<Choice> {
        THINGS.iter().map(|(thing, label)| Choice::new(thing, label, *thing == self.what)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_survives_its_address() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let text = "target=acc_1&by=anna&who=user&what=key&project=default&from=2026-11-01&to=24h&cursor=x";
        let query = AuditQuery::parse(text, now).unwrap();
        assert_eq!(query.to_text(), text);
        let filter = query.filter();
        assert_eq!((filter.action.as_deref(), filter.actor.as_deref()), (Some("key."), Some("anna")));
        assert_eq!(filter.to.unwrap().to_string(), "2026-11-23T12:00:00Z");
        for bad in ["who=nobody", "what=weather", "project=A", "from=tomorrow"] {
            assert!(AuditQuery::parse(bad, now).is_err(), "{bad}");
        }
    }
}
