//! Making, proving and deleting a backup.

use super::list::{Done, list_with};
use super::named;
use crate::app::Error;
use crate::app::backups::Finding;
use crate::model::code::Code;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::ask::{AskPage, Yes};
use crate::web::admin::page::{FieldErrors, Place};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{When, sized};
use crate::web::problem::Problem;
use crate::web::routes;

/// Makes a backup.
pub(crate) fn make(visit: &Visit) -> PageResult {
    let made = visit.app.make_backup(&visit.who());
    after(visit, made.map(|name| Done::Made.address(&name)))
}

/// Reads a backup as a restore would.
pub(crate) fn prove(visit: &Visit) -> PageResult {
    let name = named(visit)?;
    let found = visit.app.prove_backup(&visit.who(), &name).map(|finding| match finding {
        Finding::Restores { .. } => Done::Proven.address(&name),
        Finding::Damaged(_) => Done::Damaged.address(&name),
    });
    after(visit, found)
}

/// Asks whether to delete a backup.
pub(crate) fn ask_delete(visit: &Visit) -> PageResult {
    let backup = visit.app.get_backup(&visit.who(), &named(visit)?)?;
    let (frame, _) = visit.server_frame(Place::Backups)?;
    let made = When::new(backup.name.at(), visit.now());
    Answer::page(&AskPage {
        frame,
        question: "Delete this backup?".to_owned(),
        stake: format!("It was made on {} and has {}.", made.exact, sized(backup.bytes)),
        then: vec!["Nothing can be restored from it any more. This can’t be undone.".to_owned()],
        cancel: routes::BACKUPS.to_owned(),
        reason: None,
        instead: None,
        yes: Yes::new("Delete backup", routes::backup_delete(&backup.name)),
    })
}

/// Deletes a backup.
pub(crate) fn delete(visit: &Visit) -> PageResult {
    let name = named(visit)?;
    visit.app.delete_backup(&visit.who(), &name)?;
    Ok(Answer::SeeOther(Done::Deleted.address(&name)))
}

/// The table, with what a person can do something about.
fn after(visit: &Visit, done: Result<String, Error>) -> PageResult {
    match done {
        Ok(address) => Ok(Answer::SeeOther(address)),
        Err(error) => {
            let problem = Problem::from(error);
            if !matches!(problem.code, Code::InUse | Code::StorageFull) {
                return Err(problem);
            }
            list_with(visit, problem.status(), FieldErrors::at("form", problem.detail.to_string()))
        }
    }
}
