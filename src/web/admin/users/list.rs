//! The table of the people who may sign in.

use askama::Template;
use jiff::Timestamp;

use super::role_words;
use crate::model::user::User;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::When;
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "users/list.html")]
struct UsersPage {
    frame: Frame,
    rows: Vec<UserRow>,
}

struct UserRow {
    name: String,
    /// Empty for a viewer, who sees no more of the others.
    href: String,
    role: &'static str,
    is_self: bool,
    created: When,
    last_sign_in: Option<When>,
}

/// Every user by name.
pub(crate) fn list(visit: &Visit) -> PageResult {
    let (frame, _) = visit.server_frame(Place::Users)?;
    let users = visit.app.list_users(&visit.who())?;
    let rows = users.iter().map(|user| UserRow::new(user, &frame, visit.now())).collect();
    Answer::page(&UsersPage { frame, rows })
}

impl UserRow {
    fn new(user: &User, frame: &Frame, now: Timestamp) -> Self {
        Self {
            name: user.name.to_string(),
            href: if frame.may_change { routes::user(&user.name) } else { String::new() },
            role: role_words(user.role),
            is_self: user.name == frame.user,
            created: When::new(user.created_at, now),
            last_sign_in: user.last_sign_in_at.map(|at| When::new(at, now)),
        }
    }
}
