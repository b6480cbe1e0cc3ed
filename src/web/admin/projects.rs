//! The form that makes another project.

use actix_web::http::StatusCode;
use askama::Template;

use super::answer::{Answer, PageResult};
use super::fields::Fields;
use super::page::{Choice, FieldErrors, Frame, Place};
use super::visit::Visit;
use crate::app::{Error, Permission};
use crate::model::Invalid;
use crate::model::project::{Prefix, ProjectName};
use crate::model::scope::Catalogue;
use crate::web::problem::Problem;
use crate::web::routes;

/// The form, in words.
#[derive(Template)]
#[template(path = "project_new.html")]
struct NewProjectPage {
    frame: Frame,
    name: String,
    prefix: String,
    catalogues: Vec<Choice>,
    errors: FieldErrors,
}

/// What a project's catalogue starts from, as the shell names it.
const CATALOGUES: [(&str, &str); 2] = [
    ("example", "The example: six resources that show what scopes are for"),
    ("empty", "Empty: only what guards keysrv’s own API"),
];

/// The empty form.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    page(visit, StatusCode::OK, &Fields::default(), FieldErrors::default())
}

/// Makes the project, and leads to its keys.
pub(crate) fn create(visit: &Visit) -> PageResult {
    let fields = visit.fields();
    let mut errors = FieldErrors::default();
    let name = errors.take(ProjectName::parse(fields.get("name").trim()));
    let prefix = errors.take(Prefix::parse(fields.filled("prefix").unwrap_or(Prefix::DEFAULT)));
    let catalogue = errors.take(catalogue(fields.filled("catalogue").unwrap_or("example")));
    let (Some(name), Some(prefix), Some(catalogue)) = (name, prefix, catalogue) else {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, fields, errors);
    };
    match visit.app.create_project(&visit.who(), &name, &prefix, &catalogue) {
        Ok(project) => Ok(Answer::SeeOther(routes::keys(&project.name))),
        Err(error @ (Error::Taken { .. } | Error::InUse(_))) => {
            let errors = FieldErrors::at(error.field().unwrap_or("form"), error.to_string());
            page(visit, Problem::from(error).status(), fields, errors)
        }
        Err(error) => Err(error.into()),
    }
}

fn catalogue(name: &str) -> Result<Catalogue, Invalid> {
    match name {
        "example" => Ok(Catalogue::example()),
        "empty" => Ok(Catalogue::empty()),
        other => Err(Invalid::new("catalogue", other, "is not `example` or `empty`")),
    }
}

fn page(visit: &Visit, status: StatusCode, fields: &Fields, errors: FieldErrors) -> PageResult {
    crate::app::require(&visit.who(), Permission::WriteProject, &ProjectName::default())?;
    let (frame, _) = visit.server_frame(Place::Settings)?;
    let chosen = fields.filled("catalogue").unwrap_or("example");
    Answer::page_with(
        status,
        &NewProjectPage {
            frame,
            name: fields.typed("name").to_owned(),
            prefix: fields.filled("prefix").map_or(Prefix::DEFAULT, |_| fields.typed("prefix")).to_owned(),
            catalogues: CATALOGUES.map(|(value, label)| Choice::new(value, label, value == chosen)).into(),
            errors: errors.beside(&["name", "prefix", "catalogue"]),
        },
    )
}
