//! The question before something that cannot be taken back or that somebody would notice, on a page
//! of its own that the script shows as a dialog.

use askama::Template;

use super::page::Frame;

/// A question and its answers.
#[derive(Template)]
#[template(path = "ask.html")]
pub(crate) struct AskPage {
    /// What stands around it.
    pub(crate) frame: Frame,
    /// "Delete anna?"
    pub(crate) question: String,
    /// What is at stake, in one sentence.
    pub(crate) stake: String,
    /// What happens next, a paragraph each.
    pub(crate) then: Vec<String>,
    /// Where *Cancel* leads.
    pub(crate) cancel: String,
    /// A field for the reason, with who reads it; `None` for no such field.
    pub(crate) reason: Option<&'static str>,
    /// What may be done in its place.
    pub(crate) instead: Option<Yes>,
    /// What is asked about.
    pub(crate) yes: Yes,
}

/// A button that does something.
#[derive(Debug, Clone)]
pub(crate) struct Yes {
    /// "Delete user"
    pub(crate) button: &'static str,
    /// Where the form goes.
    pub(crate) action: String,
    /// What it carries.
    pub(crate) hidden: Vec<(&'static str, String)>,
}

impl Yes {
    /// A button whose form carries nothing.
    pub(crate) fn new(button: &'static str, action: String) -> Self {
        Self { button, action, hidden: Vec::new() }
    }

    /// The same, carrying a value.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// The same, saying that nothing more is to be asked.
    #[must_use]
    pub(crate) fn sure(self) -> Self {
        self.with("sure", "yes")
    }
}
