//! Adding and removing route rules.

use actix_web::http::StatusCode;
use askama::Template;

use super::needs;
use crate::app::{Error, Permission};
use crate::model::project::ProjectName;
use crate::model::route::{PathPattern, RouteMethod, RouteRule};
use crate::model::scope::ScopeSet;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::ask::{AskPage, Yes};
use crate::web::admin::page::{Choice, FieldErrors, Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// What the form offers for a method; the shell takes any.
const METHODS: [&str; 8] = ["*", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];

/// The form for a new rule, in words.
#[derive(Template)]
#[template(path = "routes/new.html")]
struct NewRoutePage {
    frame: Frame,
    methods: Vec<Choice>,
    pattern: String,
    /// The scopes of the catalogue.
    scopes: Vec<Choice>,
    errors: FieldErrors,
}

/// The empty form.
pub(crate) fn ask_new(visit: &Visit) -> PageResult {
    show_new(visit, StatusCode::OK, FieldErrors::default())
}

/// Adds the rule, or with a preset's name all of its rules.
pub(crate) fn add(visit: &Visit) -> PageResult {
    let (project, fields) = (visit.project_for(Permission::WriteProject)?, visit.fields());
    let rules = match fields.get("preset") {
        "example" => RouteRule::example(),
        _ => match read(visit) {
            Ok(rule) => vec![rule],
            Err(errors) => return show_new(visit, StatusCode::UNPROCESSABLE_ENTITY, errors),
        },
    };
    match visit.app.add_routes(&visit.who(), &project, &rules) {
        Ok(_) => Ok(Answer::SeeOther(routes::route_rules(&project))),
        Err(error @ (Error::Invalid(_) | Error::Taken { .. } | Error::InUse(_))) => {
            let errors = FieldErrors::at(error.field().unwrap_or("form"), error.to_string());
            show_new(visit, Problem::from(error).status(), errors)
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks whether to remove a rule.
pub(crate) fn ask_remove(visit: &Visit) -> PageResult {
    let (project, query) = (visit.project_for(Permission::WriteProject)?, visit.query());
    let rules = visit.app.all_routes(&visit.who(), &project)?;
    let (method, pattern) = (query.get("method"), query.get("pattern"));
    let found =
        rules.into_iter().find(|rule| rule.method.as_str() == method && rule.pattern.as_str() == pattern);
    let rule = found.ok_or_else(|| Error::no_such("route rule", format!("{method} {pattern}")))?;
    let then = "From now on another rule decides about these requests; where none matches, they are refused.";
    Answer::page(&AskPage {
        frame: visit.frame(Place::Routes, &project)?,
        question: format!("Remove {}?", rule.name()),
        stake: needs(&rule.scopes),
        then: vec![then.to_owned()],
        cancel: routes::route_rules(&project),
        reason: None,
        instead: None,
        yes: Yes::new("Remove rule", routes::route_rule_remove(&project))
            .with("method", rule.method.as_str())
            .with("pattern", rule.pattern.as_str()),
    })
}

/// Removes a rule.
pub(crate) fn remove(visit: &Visit) -> PageResult {
    let (project, fields) = (visit.project_for(Permission::WriteProject)?, visit.fields());
    let method = RouteMethod::parse(fields.get("method"))?;
    let pattern = PathPattern::parse(fields.get("pattern"))?;
    visit.app.remove_route(&visit.who(), &project, &method, &pattern)?;
    Ok(Answer::SeeOther(routes::route_rules(&project)))
}

fn read(visit: &Visit) -> Result<RouteRule, FieldErrors> {
    let (fields, mut errors) = (visit.fields(), FieldErrors::default());
    let method = errors.take(RouteMethod::parse(fields.get("method")));
    let pattern = errors.take(PathPattern::parse(fields.get("pattern").trim()));
    let scopes = errors.take(ScopeSet::parse(fields.all("scope")));
    match (method, pattern, scopes) {
        (Some(method), Some(pattern), Some(scopes)) => Ok(RouteRule { method, pattern, scopes }),
        _ => Err(errors),
    }
}

fn show_new(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let project: ProjectName = visit.project_for(Permission::WriteProject)?;
    let (frame, fields) = (visit.frame(Place::Routes, &project)?, visit.fields());
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let chosen: Vec<&str> = fields.all("scope").collect();
    let scope = |scope: &str| Choice::new(scope, scope, chosen.contains(&scope));
    let page = NewRoutePage {
        methods: METHODS
            .iter()
            .map(|method| Choice::new(method, label(method), *method == fields.get("method")))
            .collect(),
        pattern: fields.typed("pattern").to_owned(),
        scopes: catalogue.scopes().map(|detail| scope(detail.scope.as_str())).collect(),
        errors: errors.beside(&["method", "pattern", "scopes"]),
        frame,
    };
    Answer::page_with(status, &page)
}

fn label(method: &'static str) -> &'static str {
    match method {
        "*" => "Any method",
        "GET" => "GET and HEAD",
        other => other,
    }
}
