//! What every page shares: the frame around its content, the message after a change, the way
//! from a page struct to an answer.

use crate::model::Invalid;
use crate::model::principal::UserPrincipal;
use crate::model::project::ProjectName;
use crate::model::user::{Role, UserName};
use crate::web::routes;

/// Which entry of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// What a project's keys do.
    Overview,
    /// A project's keys.
    Keys,
    /// A project's accounts.
    Accounts,
    /// A project's catalogue.
    Scopes,
    /// A project's route rules.
    Routes,
    /// A project's settings.
    Settings,
    /// The people who may sign in.
    Users,
    /// The server's audit log.
    Audit,
    /// The backups that are kept.
    Backups,
    /// The signed-in person.
    Me,
}

/// What stands around the content of every page behind the sign-in.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The navigation, group by group.
    pub(crate) nav: Vec<NavGroup>,
    /// The project that the page is about.
    pub(crate) project: ProjectName,
    /// All projects to choose from; empty when there is only one.
    pub(crate) projects: Vec<NavItem>,
    /// Who is signed in.
    pub(crate) user: UserName,
    /// False for a viewer, whose controls are disabled or absent.
    pub(crate) may_change: bool,
    /// What has just been done.
    pub(crate) toast: Option<Toast>,
}

/// A group of the navigation under its heading.
#[derive(Debug, Clone)]
pub(crate) struct NavGroup {
    /// For example "Project settings".
    pub(crate) label: &'static str,
    /// Its pages.
    pub(crate) items: Vec<NavItem>,
}

/// A link of the navigation.
#[derive(Debug, Clone)]
pub(crate) struct NavItem {
    /// Where it leads.
    pub(crate) href: String,
    /// Its words.
    pub(crate) label: String,
    /// The name of its icon in the stylesheet; empty for none.
    pub(crate) icon: &'static str,
    /// Whether the page is this one.
    pub(crate) is_current: bool,
}

/// A message about a change that was just made, and the way back where there is one.
#[derive(Debug, Clone)]
pub(crate) struct Toast {
    /// "Disabled", "Deleted".
    pub(crate) done: &'static str,
    /// The name of the thing.
    pub(crate) name: String,
    /// What follows from it.
    pub(crate) then: &'static str,
    /// Where a form undoes it.
    pub(crate) undo: Option<String>,
    /// What that form carries.
    pub(crate) hidden: Vec<(&'static str, String)>,
    /// The query of the list to come back to after the undo.
    pub(crate) back: String,
    /// This page without the message.
    pub(crate) dismiss: String,
}

impl Toast {
    /// A message about something that no click undoes.
    pub(crate) fn new(
        done: &'static str,
        name: impl Into<String>,
        then: &'static str,
        dismiss: String,
    ) -> Self {
        Self { done, name: name.into(), then, undo: None, hidden: Vec::new(), back: String::new(), dismiss }
    }
}

impl Frame {
    /// The frame of a page about `project`, one of `all`, shown to `user`.
    pub(crate) fn new(
        place: Place,
        project: &ProjectName,
        all: &[ProjectName],
        user: &UserPrincipal,
    ) -> Self {
        let several = if all.len() > 1 { all } else { &[] };
        let projects = several.iter().map(|name| {
            let href = match place {
                Place::Overview => routes::overview(name),
                Place::Accounts => routes::accounts(name),
                Place::Scopes => routes::scopes(name),
                Place::Routes => routes::route_rules(name),
                Place::Settings => routes::settings(name),
                Place::Keys | Place::Users | Place::Audit | Place::Backups | Place::Me => routes::keys(name),
            };
            NavItem { href, label: name.to_string(), icon: "", is_current: name == project }
        });
        Self {
            nav: nav(place, project),
            project: project.clone(),
            projects: projects.collect(),
            user: user.name.clone(),
            may_change: user.role == Role::Admin,
            toast: None,
        }
    }
}

fn nav(place: Place, project: &ProjectName) -> Vec<NavGroup> {
    let item = |href: String, label: &str, icon: &'static str, of: Place| NavItem {
        href,
        label: label.to_owned(),
        icon,
        is_current: place == of,
    };
    let settings = vec![
        item(routes::overview(project), "Overview", "overview", Place::Overview),
        item(routes::keys(project), "API keys", "key", Place::Keys),
        item(routes::accounts(project), "Accounts", "account", Place::Accounts),
        item(routes::scopes(project), "Scopes", "scope", Place::Scopes),
        item(routes::route_rules(project), "Routes", "route", Place::Routes),
        item(routes::settings(project), "Settings", "settings", Place::Settings),
    ];
    let server = vec![
        item(routes::USERS.to_owned(), "Users", "user", Place::Users),
        item(routes::AUDIT.to_owned(), "Audit log", "audit", Place::Audit),
        item(routes::BACKUPS.to_owned(), "Backups", "backup", Place::Backups),
        NavItem {
            href: routes::DOCS.to_owned(),
            label: "API docs".to_owned(),
            icon: "docs",
            is_current: false,
        },
    ];
    vec![NavGroup { label: "Project settings", items: settings }, NavGroup { label: "Server", items: server }]
}

/// One option of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is read.
    pub(crate) label: String,
    /// Whether it is the one.
    pub(crate) is_selected: bool,
}

impl Choice {
    /// An option.
    pub(crate) fn new(value: &str, label: &str, is_selected: bool) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), is_selected }
    }
}

/// An address with this query; the bare address where it is empty.
pub(crate) fn with_query(address: &str, query: &str) -> String {
    if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") }
}

/// The option that a shell command needs for this project, with a space before it.
pub(crate) fn cli_project(project: &ProjectName) -> String {
    if *project == ProjectName::default() { String::new() } else { format!(" --project {project}") }
}

/// What is wrong with the fields of a form, each in a sentence.
///
/// An error keeps its own field's name. A page says with [`FieldErrors::beside`] which fields it shows;
/// what none of them shows stands above the form, so that no error is ever lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldErrors {
    errors: Vec<(String, String)>,
    shown: &'static [&'static str],
}

impl FieldErrors {
    /// The form as a whole, as [`FieldErrors::of`] asks for it.
    const FORM: &'static str = "form";

    /// One error, at the field that the contract names.
    pub(crate) fn at(field: &str, sentence: String) -> Self {
        let mut errors = Self::default();
        errors.add(field, sentence);
        errors
    }

    /// The same errors on a page that shows these fields.
    pub(crate) fn beside(self, shown: &'static [&'static str]) -> Self {
        Self { shown, ..self }
    }

    /// Adds an error.
    pub(crate) fn add(&mut self, field: &str, sentence: String) {
        let field = match field {
            "account_id" => "account",
            "scope" => "scopes",
            "project" => "name",
            other => other,
        };
        self.errors.push((field.to_owned(), sentence));
    }

    /// The value of a field, or its error noted here.
    pub(crate) fn take<T>(&mut self, read: Result<T, Invalid>) -> Option<T> {
        read.map_err(|invalid| self.add(invalid.field(), invalid.to_string())).ok()
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// What is wrong with this field, or everything about the `form` that no field of the page shows;
    /// empty where nothing is.
    pub(crate) fn of(&self, field: &str) -> String {
        let is_here = |at: &str| {
            if field == Self::FORM { !self.shown.contains(&at) } else { at == field }
        };
        let here = self.errors.iter().filter(|(at, _)| is_here(at));
        here.map(|(_, sentence)| sentence.as_str()).collect::<Vec<_>>().join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_field_of_the_page_shows_stands_above_the_form() {
        let mut errors = FieldErrors::at("scope", "one".to_owned());
        errors.add("new_thing", "two".to_owned());
        errors.add("form", "three".to_owned());
        assert_eq!(errors.of("form"), "one; two; three");
        let errors = errors.beside(&["name", "scopes"]);
        assert_eq!((errors.of("scopes"), errors.of("name")), ("one".to_owned(), String::new()));
        assert_eq!(errors.of("form"), "two; three");
    }
}
