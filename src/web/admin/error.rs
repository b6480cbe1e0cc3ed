//! The page for whatever goes wrong: what, what to do, the request's id, and a way back.

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue};
use askama::Template;

use super::answer::{document, retry_after};
use crate::web::headers::RequestId;
use crate::web::problem::Problem;
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
    pub(crate) command: &'static str,
    /// The request's id; empty where nobody needs it.
    pub(crate) request_id: String,
    /// Where the button leads; empty for no button.
    pub(crate) way_back: String,
    /// The button's words.
    pub(crate) way_back_label: &'static str,
}

/// The answer that tells a person what went wrong.
pub(crate) fn render(problem: &Problem, id: RequestId) -> HttpResponse<BoxBody> {
    let page = ErrorPage {
        title: problem.code.title().to_owned(),
        detail: problem.detail.to_string(),
        hint: problem.fix.as_deref().unwrap_or_default().to_owned(),
        command: "",
        request_id: id.to_string(),
        way_back: routes::HOME.to_owned(),
        way_back_label: "Back to API keys",
    };
    let mut response = retry_after(page.answer(problem.status()), problem.retry_after_seconds);
    let methods = problem.allow.as_deref().and_then(|methods| HeaderValue::from_str(methods).ok());
    if let Some(methods) = methods {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

impl ErrorPage {
    /// The page as an answer.
    pub(crate) fn answer(&self, status: StatusCode) -> HttpResponse {
        // A template over strings does not fail; if it did, the sentence alone would still help.
        document(status, self.render().unwrap_or_else(|_| self.detail.clone()))
    }
}
