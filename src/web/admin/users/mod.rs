//! The people who may sign in: the table of them, the form for one more (`new`), and one of them
//! (`show`, `change`).

pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod show;

use crate::model::user::{Role, UserName};
use crate::web::admin::page::Choice;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;

/// The user whom the address names.
fn named(visit: &Visit) -> Result<UserName, Problem> {
    let name = &visit.asked.id;
    UserName::parse(name).map_err(|_| crate::app::Error::no_such("user", name).into())
}

/// A role in words.
fn role_words(role: Role) -> &'static str {
    match role {
        Role::Admin => "Admin",
        Role::Viewer => "Viewer",
    }
}

/// The roles to choose from.
fn roles(chosen: Role) -> Vec<Choice> {
    let choice = |role: Role, label| Choice::new(role.as_str(), label, role == chosen);
    vec![
        choice(Role::Admin, "Admin: may do everything"),
        choice(Role::Viewer, "Viewer: sees everything, changes nothing"),
    ]
}
