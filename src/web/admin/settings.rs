//! A project's settings: its name, what its tokens start with, and what it demands of its keys.

use actix_web::http::StatusCode;
use askama::Template;

use super::answer::{Answer, PageResult};
use super::fields::Fields;
use super::page::{Choice, FieldErrors, Frame, Place, Toast};
use super::visit::Visit;
use crate::app::{Error, Permission};
use crate::model::limit::Zone;
use crate::model::project::{Contact, Prefix, Project, ProjectChange, ProjectName, ReasonShown, parse_days};
use crate::web::problem::Problem;
use crate::web::routes;

/// The lengths of time that the selects offer, as the shell writes them.
const LIFETIMES: [(&str, &str); 5] = [
    ("none", "No limit"),
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("180d", "180 days"),
    ("365d", "365 days"),
];
const UNUSED: [(&str, &str); 5] =
    [("none", "Never"), ("30d", "30 days"), ("60d", "60 days"), ("90d", "90 days"), ("180d", "180 days")];

/// The page, in words.
#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    name: String,
    /// `default` keeps its name.
    is_named: bool,
    prefix: String,
    timezone: String,
    contact: String,
    max_lifetimes: Vec<Choice>,
    unused: Vec<Choice>,
    shows_reason: bool,
    base_url: String,
    errors: FieldErrors,
}

/// The page.
pub(crate) fn show(visit: &Visit) -> PageResult {
    let project = visit.project()?;
    let known = visit.app.get_project(&visit.who(), &project)?;
    let mut frame = visit.frame(Place::Settings, &project)?;
    if visit.query().get("done") == "saved" {
        frame.toast = Some(saved(&project));
    }
    page(visit, StatusCode::OK, frame, &told(&known), FieldErrors::default())
}

/// Changes the project.
pub(crate) fn change(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let frame = visit.frame(Place::Settings, &project)?;
    let change = match read(visit.fields()) {
        Ok(change) => change,
        Err(errors) => {
            return page(visit, StatusCode::UNPROCESSABLE_ENTITY, frame, visit.fields(), errors);
        }
    };
    match visit.app.change_project(&visit.who(), &project, &change) {
        Ok(changed) => Ok(Answer::SeeOther(format!("{}?done=saved", routes::settings(&changed.name)))),
        Err(error @ (Error::Invalid(_) | Error::Taken { .. } | Error::InUse(_))) => {
            let errors = FieldErrors::at(error.field().unwrap_or("form"), error.to_string());
            page(visit, Problem::from(error).status(), frame, visit.fields(), errors)
        }
        Err(error) => Err(error.into()),
    }
}

fn read(fields: &Fields) -> Result<ProjectChange, FieldErrors> {
    let mut errors = FieldErrors::default();
    let change = ProjectChange {
        name: fields.filled("name").and_then(|name| errors.take(ProjectName::parse(name))),
        prefix: errors.take(Prefix::parse(fields.get("prefix").trim())),
        timezone: errors.take(Zone::parse(fields.get("timezone").trim())),
        contact: errors.take(Contact::parse(fields.get("contact"))),
        max_lifetime: errors.take(parse_days("max_lifetime", fields.get("max_lifetime"))),
        disable_unused: errors.take(parse_days("disable_unused", fields.get("disable_unused"))),
        reason: Some(if fields.get("show_reason") == "on" {
            ReasonShown::ToHolder
        } else {
            ReasonShown::Never
        }),
    };
    if errors.is_empty() { Ok(change) } else { Err(errors) }
}

/// The project as the form says it.
fn told(project: &Project) -> Fields {
    let days = |span: Option<crate::model::expiry::Span>| {
        span.map_or_else(|| "none".to_owned(), |span| span.to_string())
    };
    let rules = &project.rules;
    let reason = if rules.reason.is_shown() { "on" } else { "off" };
    Fields::of([
        ("name", project.name.to_string()),
        ("prefix", project.prefix.to_string()),
        ("timezone", project.timezone.as_str().to_owned()),
        ("contact", project.contact.as_ref().map_or("", Contact::as_str).to_owned()),
        ("max_lifetime", days(rules.max_lifetime)),
        ("disable_unused", days(rules.disable_unused)),
        ("show_reason", reason.to_owned()),
    ])
}

fn page(visit: &Visit, status: StatusCode, frame: Frame, fields: &Fields, errors: FieldErrors) -> PageResult {
    let typed = |name: &str| fields.typed(name).to_owned();
    let page = SettingsPage {
        is_named: frame.project != ProjectName::default(),
        name: fields.filled("name").unwrap_or(frame.project.as_str()).to_owned(),
        prefix: typed("prefix"),
        timezone: typed("timezone"),
        contact: typed("contact"),
        max_lifetimes: choices(&LIFETIMES, fields.get("max_lifetime")),
        unused: choices(&UNUSED, fields.get("disable_unused")),
        shows_reason: fields.get("show_reason") == "on",
        base_url: visit.base_url.clone(),
        errors: errors.beside(&["name", "prefix", "timezone", "contact", "max_lifetime", "disable_unused"]),
        frame,
    };
    Answer::page_with(status, &page)
}

/// The options, and the value that is set in the shell where it is none of them.
fn choices(offered: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        offered.iter().map(|(value, label)| Choice::new(value, label, *value == chosen)).collect();
    if !chosen.is_empty() && choices.iter().all(|choice| !choice.is_selected) {
        choices.push(Choice::new(chosen, chosen, true));
    }
    choices
}

fn saved(project: &ProjectName) -> Toast {
    let then = "They count from now on.";
    Toast::new("Saved the settings of", project.as_str(), then, routes::settings(project))
}
