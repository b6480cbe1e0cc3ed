//! Fetching a backup: it holds everything, so that a session alone does not open it.

use std::fs::File;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::named;
use crate::app::backups::KeptBackup;
use crate::model::backup::BackupName;
use crate::model::code::Code;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::download::send_file;
use crate::web::admin::page::{FieldErrors, Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::{When, sized};
use crate::web::problem::Problem;
use crate::web::{blocking, context};

/// The question, in words.
#[derive(Template)]
#[template(path = "backups/download.html")]
struct DownloadPage {
    frame: Frame,
    backup: KeptBackup,
    made: When,
    size: String,
    errors: FieldErrors,
}

/// What the password opened.
enum Opened {
    Backup(BackupName, (File, u64)),
    Nothing(Answer),
}

/// Asks for the password.
pub(crate) fn ask(visit: &Visit) -> PageResult {
    ask_with(visit, StatusCode::OK, FieldErrors::default())
}

/// Hands the backup out.
pub(crate) async fn download(request: HttpRequest, visit: Visit) -> Result<HttpResponse, actix_web::Error> {
    let context = context::of(&request)?;
    match blocking::run(context, move |_| open(&visit)).await? {
        Opened::Backup(name, file) => Ok(send_file(context.clone(), name.as_str(), file)?),
        Opened::Nothing(answer) => Ok(answer.respond_to(&request)),
    }
}

fn open(visit: &Visit) -> Result<Opened, Problem> {
    let name = named(visit)?;
    let opened = visit.app.open_backup(&visit.user, &name, visit.fields().get("current"), visit.ip);
    let problem = match opened {
        Ok(file) => return Ok(Opened::Backup(name, file)),
        Err(error) => Problem::from(error),
    };
    // A 401 would make the browser ask for Basic credentials.
    let (status, sentence) = match problem.code {
        Code::SignInFailed => (StatusCode::UNPROCESSABLE_ENTITY, "this is not your password".to_owned()),
        Code::TooManyAttempts => (problem.status(), problem.detail.to_string()),
        _ => return Err(problem),
    };
    Ok(Opened::Nothing(ask_with(visit, status, FieldErrors::at("current", sentence))?))
}

fn ask_with(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let backup = visit.app.get_backup(&visit.who(), &named(visit)?)?;
    let (frame, _) = visit.server_frame(Place::Backups)?;
    let (made, size) = (When::new(backup.name.at(), visit.now()), sized(backup.bytes));
    Answer::page_with(status, &DownloadPage { frame, backup, made, size, errors })
}
