//! Changing one user: role, password, sessions, deletion.

use super::named;
use super::show::{Done, show_with};
use crate::app::Error;
use crate::model::user::Role;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::ask::{AskPage, Yes};
use crate::web::admin::page::{FieldErrors, Place};
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;
use crate::web::routes;

/// Gives the user another role.
pub(crate) fn role(visit: &Visit) -> PageResult {
    let (name, role) = (named(visit)?, Role::parse(visit.fields().get("role"))?);
    let changed = visit.app.set_role(&visit.who(), &name, role);
    after(visit, changed.map(|_| Done::Role), "role")
}

/// Gives the user another password.
pub(crate) fn password(visit: &Visit) -> PageResult {
    let name = named(visit)?;
    let changed = visit.app.set_password(&visit.who(), &name, visit.fields().get("password"));
    after(visit, changed.map(|_| Done::Password), "password")
}

/// Ends the user's sessions.
pub(crate) fn sign_out(visit: &Visit) -> PageResult {
    let name = named(visit)?;
    let ended = visit.app.end_sessions(&visit.who(), &name);
    after(visit, ended.map(|_| Done::Sessions), "form")
}

/// Asks whether to delete the user.
pub(crate) fn ask_delete(visit: &Visit) -> PageResult {
    let (user, _) = visit.app.get_user(&visit.who(), &named(visit)?)?;
    let (frame, _) = visit.server_frame(Place::Users)?;
    Answer::page(&AskPage {
        frame,
        question: format!("Delete {}?", user.name),
        stake: "They are signed out at once and can’t sign in any more.".to_owned(),
        then: vec!["Keys that they made go on working. What they did stays in the audit log.".to_owned()],
        cancel: routes::user(&user.name),
        reason: None,
        instead: None,
        yes: Yes::new("Delete user", routes::user_delete(&user.name)),
    })
}

/// Deletes the user and leads to the table.
pub(crate) fn delete(visit: &Visit) -> PageResult {
    match visit.app.delete_user(&visit.who(), &named(visit)?) {
        Ok(_) => Ok(Answer::SeeOther(routes::USERS.to_owned())),
        Err(error) => again(visit, error, "form"),
    }
}

fn after(visit: &Visit, done: Result<Done, Error>, field: &'static str) -> PageResult {
    match done {
        Ok(done) => Ok(Answer::SeeOther(done.address(&named(visit)?))),
        Err(error) => again(visit, error, field),
    }
}

/// The user's page with what was wrong, where a person can do something about it.
fn again(visit: &Visit, error: Error, field: &'static str) -> PageResult {
    if !matches!(error, Error::InUse(_) | Error::Invalid(_)) {
        return Err(error.into());
    }
    let errors = FieldErrors::at(field, error.to_string());
    show_with(visit, Problem::from(error).status(), errors)
}
