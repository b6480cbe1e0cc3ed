//! The form for one more person who may sign in.

use actix_web::http::StatusCode;
use askama::Template;

use super::roles;
use crate::app::{Error, Permission, require};
use crate::model::project::ProjectName;
use crate::model::user::{Role, UserName};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, FieldErrors, Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// The form, in words.
#[derive(Template)]
#[template(path = "users/new.html")]
struct NewUserPage {
    frame: Frame,
    name: String,
    roles: Vec<Choice>,
    errors: FieldErrors,
}

/// The empty form.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    require(&visit.who(), Permission::ManageServer, &ProjectName::default())?;
    show(visit, StatusCode::OK, FieldErrors::default())
}

/// Adds the user and leads to their page.
pub(crate) fn create(visit: &Visit) -> PageResult {
    require(&visit.who(), Permission::ManageServer, &ProjectName::default())?;
    let fields = visit.fields();
    let mut errors = FieldErrors::default();
    let name = errors.take(UserName::parse(fields.get("name").trim()));
    let role = errors.take(Role::parse(fields.get("role")));
    let (Some(name), Some(role)) = (name, role) else {
        return show(visit, StatusCode::UNPROCESSABLE_ENTITY, errors);
    };
    match visit.app.add_user(&visit.who(), &name, role, fields.get("password")) {
        Ok(user) => Ok(Answer::SeeOther(routes::user(&user.name))),
        Err(error) => again(visit, error),
    }
}

fn again(visit: &Visit, error: Error) -> PageResult {
    let Some(field) = error.field() else { return Err(error.into()) };
    let errors = FieldErrors::at(if field == "name" { "user" } else { field }, error.to_string());
    show(visit, Problem::from(error).status(), errors)
}

fn show(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let (frame, _) = visit.server_frame(Place::Users)?;
    let fields: &Fields = visit.fields();
    let role = Role::parse(fields.get("role")).unwrap_or(Role::Viewer);
    let name = fields.typed("name").to_owned();
    Answer::page_with(
        status,
        &NewUserPage {
            frame,
            name,
            roles: roles(role),
            errors: errors.beside(&["user", "role", "password"]),
        },
    )
}
