//! The page for whatever goes wrong: what, what to do, the request's id, and a way back.

use askama::Template;

use crate::web::routes;

/// The page, in words.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    /// What is wrong, in a few words.
    pub(crate) title: String,
    /// The sentence for the person.
    pub(crate) detail: String,
    /// What to do; empty where nothing helps.
    pub(crate) hint: String,
    /// A command to paste; empty for none.
    pub(crate) code: String,
    /// The request's id; empty where there is none.
    pub(crate) request_id: String,
    /// Where the button leads.
    pub(crate) way_back: String,
    /// The button's words.
    pub(crate) way_back_label: &'static str,
}

impl ErrorPage {
    /// A page that leads back to the start.
    pub(crate) fn new(title: &str, detail: String, request_id: &str) -> Self {
        Self {
            title: title.to_owned(),
            detail,
            hint: String::new(),
            code: String::new(),
            request_id: request_id.to_owned(),
            way_back: routes::HOME.to_owned(),
            way_back_label: "Back to API keys",
        }
    }
}
