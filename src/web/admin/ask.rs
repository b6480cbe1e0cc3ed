//! The question before something that cannot be taken back, on a page of its own that the script
//! shows as a dialog.

use askama::Template;

use super::page::Frame;

/// A question and its two answers.
#[derive(Template)]
#[template(path = "ask.html")]
pub(crate) struct AskPage {
    /// What stands around it.
    pub(crate) frame: Frame,
    /// "Delete anna?"
    pub(crate) question: String,
    /// What is at stake, in one sentence.
    pub(crate) stake: String,
    /// What happens next.
    pub(crate) then: &'static str,
    /// Where *Cancel* leads.
    pub(crate) cancel: String,
    /// Where the form goes.
    pub(crate) action: String,
    /// "Delete user"
    pub(crate) button: &'static str,
}
