//! What a signed-in person may do about themselves: another password, and an end to the sessions of
//! other browsers.

use actix_web::http::StatusCode;
use askama::Template;

use super::answer::{Answer, PageResult};
use super::page::{FieldErrors, Frame, Place, Toast};
use super::visit::Visit;
use super::when::{When, counted};
use crate::app::Error;
use crate::app::sessions::Whose;
use crate::model::code::Code;
use crate::web::problem::Problem;
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    frame: Frame,
    sessions: Vec<SessionRow>,
    /// "2 sessions"; empty where there is no other.
    others: String,
    errors: FieldErrors,
}

/// A session that goes on.
struct SessionRow {
    since: When,
    seen: When,
    is_this: bool,
}

/// The page.
pub(crate) fn show(visit: &Visit) -> PageResult {
    show_with(visit, StatusCode::OK, FieldErrors::default())
}

/// Changes the person's password; everybody with the old one has to sign in again, they too.
pub(crate) fn password(visit: &Visit) -> PageResult {
    let fields = visit.fields();
    let words = (fields.get("current"), fields.get("password"));
    match visit.app.change_own_password(&visit.user, words, visit.ip) {
        Ok(()) => Ok(Answer::SeeOther(routes::sign_in(routes::ME))),
        Err(error) => again(visit, error),
    }
}

/// Ends the person's sessions but this one.
pub(crate) fn end_others(visit: &Visit) -> PageResult {
    visit.app.end_other_sessions(&visit.user, &visit.session)?;
    Ok(Answer::SeeOther(format!("{}?done=sessions", routes::ME)))
}

fn again(visit: &Visit, error: Error) -> PageResult {
    let problem = Problem::from(error);
    let (field, sentence) = match problem.code {
        Code::SignInFailed => ("current", "this is not your password".to_owned()),
        Code::TooManyAttempts => ("current", problem.detail.to_string()),
        Code::InvalidValue => ("password", problem.detail.to_string()),
        _ => return Err(problem),
    };
    // A 401 would make the browser ask for Basic credentials.
    let status = match problem.code {
        Code::TooManyAttempts => problem.status(),
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    show_with(visit, status, FieldErrors::at(field, sentence))
}

fn show_with(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let (mut frame, _) = visit.server_frame(Place::Me)?;
    if visit.query().get("done") == "sessions" {
        frame.toast = Some(toast(&frame));
    }
    let sessions = visit.app.list_own_sessions(&visit.user, &visit.session)?;
    let when = |at| When::new(at, visit.now());
    let rows: Vec<SessionRow> = sessions
        .iter()
        .map(|(session, whose)| SessionRow {
            since: when(session.created_at),
            seen: when(session.last_seen_at),
            is_this: *whose == Whose::This,
        })
        .collect();
    let n_others = rows.iter().filter(|row| !row.is_this).count() as u64;
    let others = if n_others == 0 { String::new() } else { counted(n_others, "session") };
    Answer::page_with(
        status,
        &MePage { frame, sessions: rows, others, errors: errors.beside(&["current", "password"]) },
    )
}

fn toast(frame: &Frame) -> Toast {
    let then = "Those browsers have to sign in again.";
    Toast::new("Ended the other sessions of", frame.user.as_str(), then, routes::ME.to_owned())
}
