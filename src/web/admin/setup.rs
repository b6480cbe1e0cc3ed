//! The one-time page that makes the first user.

use askama::Template;

use crate::web::admin::page::FieldErrors;

/// The form, in words.
#[derive(Template)]
#[template(path = "setup.html")]
pub(crate) struct SetupPage {
    /// Where the form goes: the same one-time address.
    pub(crate) action: String,
    /// Whether the password would travel unencrypted over a network.
    pub(crate) is_plain_http: bool,
    /// The name as it was typed.
    pub(crate) user: String,
    /// What is wrong.
    pub(crate) errors: FieldErrors,
}
