//! One person who may sign in: role, password, sessions, and the end of it.

use actix_web::http::StatusCode;
use askama::Template;

use super::{named, role_words, roles};
use crate::model::user::UserName;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{Choice, FieldErrors, Frame, Place, Toast};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::When;
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "users/show.html")]
struct UserPage {
    frame: Frame,
    name: UserName,
    is_self: bool,
    role: &'static str,
    roles: Vec<Choice>,
    created: When,
    last_sign_in: Option<When>,
    sessions: Vec<SessionRow>,
    errors: FieldErrors,
}

/// A session that goes on.
struct SessionRow {
    since: When,
    seen: When,
}

/// What was done to a user, as the address says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Role,
    Password,
    Sessions,
}

impl Done {
    const ALL: [(Self, &'static str, &'static str, &'static str); 3] = [
        (Self::Role, "role", "Changed the role of", "It counts from the next click on."),
        (Self::Password, "password", "Changed the password of", "Every session of theirs has ended."),
        (Self::Sessions, "sessions", "Ended the sessions of", "They have to sign in again."),
    ];

    /// The user's page with the message.
    pub(super) fn address(self, name: &UserName) -> String {
        let word = Self::ALL.iter().find(|(done, ..)| *done == self).map_or("", |(_, word, ..)| word);
        format!("{}?done={word}", routes::user(name))
    }

    fn toast(word: &str, name: &UserName) -> Option<Toast> {
        let (_, _, done, then) = Self::ALL.into_iter().find(|(_, known, ..)| *known == word)?;
        Some(Toast::new(done, name.as_str(), then, routes::user(name)))
    }
}

/// One user.
pub(crate) fn show(visit: &Visit) -> PageResult {
    show_with(visit, StatusCode::OK, FieldErrors::default())
}

/// The page with what was wrong about a form on it.
pub(super) fn show_with(visit: &Visit, status: StatusCode, errors: FieldErrors) -> PageResult {
    let name = named(visit)?;
    let (user, sessions) = visit.app.get_user(&visit.who(), &name)?;
    let (mut frame, _) = visit.server_frame(Place::Users)?;
    frame.toast = Done::toast(visit.query().get("done"), &name);
    let when = |at| When::new(at, visit.now());
    let row = |session: &crate::model::session::Session| SessionRow {
        since: when(session.created_at),
        seen: when(session.last_seen_at),
    };
    let page = UserPage {
        is_self: name == visit.user.name,
        name,
        role: role_words(user.role),
        roles: roles(user.role),
        created: when(user.created_at),
        last_sign_in: user.last_sign_in_at.map(when),
        sessions: sessions.iter().map(row).collect(),
        errors: errors.beside(&["role", "password"]),
        frame,
    };
    Answer::page_with(status, &page)
}
