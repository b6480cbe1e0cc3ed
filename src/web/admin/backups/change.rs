//! Making, proving and deleting a backup.
//!
//! A large one takes longer than a request may. So it is made on a thread of its own: whoever asked
//! waits for some seconds, then sees the table, which says that it goes on and, at the end, how it ended.

use std::sync::mpsc;
use std::time::Duration;

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

/// How long a person waits before the page says that it goes on; a request ends after fifteen seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// Makes a backup.
pub(crate) fn make(visit: &Visit) -> PageResult {
    let (app, who) = (visit.app.clone(), visit.who());
    let made = within(PATIENCE, move || app.make_backup(&who));
    after(visit, made.map(|made| made.map(|name| Done::Made.address(&name))))
}

/// Reads a backup as a restore would.
pub(crate) fn prove(visit: &Visit) -> PageResult {
    let name = named(visit)?;
    let (app, who, which) = (visit.app.clone(), visit.who(), name.clone());
    let found = within(PATIENCE, move || app.prove_backup(&who, &which));
    let told = |finding| match finding {
        Finding::Restores { .. } => Done::Proven.address(&name),
        Finding::Damaged(_) => Done::Damaged.address(&name),
    };
    after(visit, found.map(|found| found.map(told)))
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

/// What the work answers, or `None` if it goes on without anybody waiting.
fn within<T: Send + 'static>(patience: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let worker = std::thread::Builder::new().name("backup".to_owned()).spawn(move || {
        // Whoever waited may be gone.
        let _sent = sender.send(work());
    });
    worker.ok().and_then(|_| receiver.recv_timeout(patience).ok())
}

/// The table, with what a person can do something about.
fn after(visit: &Visit, done: Option<Result<String, Error>>) -> PageResult {
    match done {
        None => Ok(Answer::SeeOther(routes::BACKUPS.to_owned())),
        Some(Ok(address)) => Ok(Answer::SeeOther(address)),
        Some(Err(error)) => {
            let problem = Problem::from(error);
            if !matches!(problem.code, Code::InUse | Code::StorageFull) {
                return Err(problem);
            }
            list_with(visit, problem.status(), FieldErrors::at("form", problem.detail.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_takes_longer_than_anybody_waits_goes_on_to_its_end() {
        let ((go, may_go), (done, is_done)) = (mpsc::channel::<()>(), mpsc::channel());
        let work = move || {
            may_go.recv().unwrap();
            done.send("done").unwrap();
        };
        assert_eq!(within(Duration::ZERO, work), None);
        go.send(()).unwrap();
        assert_eq!(is_done.recv(), Ok("done"));
        assert_eq!(within(Duration::from_mins(1), || 7), Some(7));
    }
}
