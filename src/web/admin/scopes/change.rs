//! Adding, changing and removing a scope of the catalogue.

use actix_web::http::StatusCode;

use super::form::{ScopePage, read};
use crate::app::{Error, Permission};
use crate::model::project::ProjectName;
use crate::model::scope::{Catalogue, Resource, Scope, ScopeDetail};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::ask::{AskPage, Yes};
use crate::web::admin::page::{FieldErrors, Place};
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// The empty form.
pub(crate) fn ask_new(visit: &Visit) -> PageResult {
    show_new(visit, StatusCode::OK, FieldErrors::default())
}

/// Adds the scope and leads to the catalogue.
pub(crate) fn create(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let scope = match Scope::parse(visit.fields().get("scope").trim()) {
        Ok(scope) => scope,
        Err(invalid) => {
            let errors = FieldErrors::at("scopes", invalid.to_string());
            return show_new(visit, StatusCode::UNPROCESSABLE_ENTITY, errors);
        }
    };
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let about = read(visit.fields(), &catalogue);
    match visit.app.add_scope(&visit.who(), &project, &scope, &about) {
        Ok(_) => Ok(Answer::SeeOther(after(&project, &scope))),
        Err(error) => {
            let (status, errors) = told(error)?;
            show_new(visit, status, errors)
        }
    }
}

/// The form for a scope that is there.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    show_known(visit, StatusCode::OK, FieldErrors::default())
}

/// Changes what is said about the scope.
pub(crate) fn change(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let scope = named(visit)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    let about = read(visit.fields(), &catalogue);
    match visit.app.change_scope(&visit.who(), &project, &scope, &about) {
        Ok(_) => Ok(Answer::SeeOther(after(&project, &scope))),
        Err(error) => {
            let (status, errors) = told(error)?;
            show_known(visit, status, errors)
        }
    }
}

/// Asks whether to remove the scope.
pub(crate) fn ask_remove(visit: &Visit) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let scope = named(visit)?;
    let frame = visit.frame(Place::Scopes, &project)?;
    let held = visit.app.count_scope_holders(&visit.who(), &project)?;
    let held = held.into_iter().find(|(of, _)| *of == scope).map(|(_, held)| held).unwrap_or_default();
    let stake = if held.is_none() {
        "No key holds it.".to_owned()
    } else {
        format!("{held} {} it: take it from them first.", held.hold())
    };
    Answer::page(&AskPage {
        frame,
        question: format!("Remove {scope}?"),
        stake,
        then: vec![
            "It goes from the catalogue and from every preset. Keys can’t be given it any more.".to_owned(),
        ],
        cancel: routes::scope(&project, &scope),
        reason: None,
        instead: None,
        yes: Yes::new("Remove scope", routes::scope_remove(&project, &scope)),
    })
}

/// Removes the scope, and its resource with the last one.
pub(crate) fn remove(visit: &Visit) -> PageResult {
    let (project, scope) = (visit.project_for(Permission::WriteProject)?, named(visit)?);
    match visit.app.remove_scope(&visit.who(), &project, &scope) {
        Ok(_) => Ok(Answer::SeeOther(routes::scopes(&project))),
        Err(error) => {
            let (status, errors) = told(error)?;
            show_known(visit, status, errors)
        }
    }
}

fn show_new(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let frame = visit.frame(Place::Scopes, &project)?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    Answer::page_with(status, &ScopePage::blank(frame, &catalogue, visit.fields(), errors))
}

fn show_known(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let project = visit.project_for(Permission::WriteProject)?;
    let frame = visit.frame(Place::Scopes, &project)?;
    let (scope, catalogue) = (named(visit)?, visit.app.get_catalogue(&visit.who(), &project)?);
    let found = find(&catalogue, &scope).ok_or_else(|| Error::no_such("scope", scope.as_str()))?;
    Answer::page_with(status, &ScopePage::filled(frame, &catalogue, found, errors))
}

fn find<'a>(catalogue: &'a Catalogue, scope: &Scope) -> Option<(&'a Resource, &'a ScopeDetail)> {
    catalogue.resources.iter().find_map(|resource| {
        let detail = resource.scopes.iter().find(|detail| detail.scope == *scope)?;
        Some((resource, detail))
    })
}

/// What a person can do something about, at its field or above the form.
pub(super) fn told(error: Error) -> Result<(StatusCode, FieldErrors), Problem> {
    let field = match &error {
        Error::Invalid(_) | Error::Taken { .. } => error.field().unwrap_or("form"),
        Error::InUse(_) => "form",
        _ => return Err(error.into()),
    };
    let errors = FieldErrors::at(field, error.to_string());
    Ok((Problem::from(error).status(), errors))
}

fn named(visit: &Visit) -> Result<Scope, Problem> {
    let scope = &visit.asked.id;
    Scope::parse(scope).map_err(|_| Error::no_such("scope", scope).into())
}

/// The catalogue at the scope's row.
fn after(project: &ProjectName, scope: &Scope) -> String {
    format!("{}#{scope}", routes::scopes(project))
}
