//! Signing in and out.

use askama::Template;

/// The form, in words.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage {
    /// Whether the password would travel unencrypted over a network.
    pub(crate) is_plain_http: bool,
    /// Why the page is shown, where that helps.
    pub(crate) message: &'static str,
    /// What went wrong.
    pub(crate) error: String,
    /// The page to go to afterwards.
    pub(crate) next: String,
    /// The name as it was typed.
    pub(crate) user: String,
}
