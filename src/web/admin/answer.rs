//! What a page answers with: its HTML, or where to go next.
//!
//! Every change answers with a redirect (303), so that a reload repeats nothing.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use crate::model::code::Code;
use crate::priority::step_aside;
use crate::web::problem::Problem;

/// The answer of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A page with this status.
    Page {
        /// 200, or what the form that it shows again deserves.
        status: StatusCode,
        /// The whole document.
        html: String,
    },
    /// The address to go to.
    SeeOther(String),
}

/// An answer, or what the error page tells.
pub(crate) type PageResult = Result<Answer, Problem>;

impl Answer {
    /// A page that shows what was asked for.
    ///
    /// # Errors
    /// When the template fails, which it does not.
    pub(crate) fn page(page: &impl Template) -> PageResult {
        Self::page_with(StatusCode::OK, page)
    }

    /// A form that comes back since something in it is wrong, with the status of that.
    ///
    /// # Errors
    /// As [`Answer::page`].
    pub(crate) fn page_with(status: StatusCode, page: &impl Template) -> PageResult {
        let failed = |_| Problem::new(Code::Internal, "keysrv failed");
        let mut html = Paced::default();
        page.render_into(&mut html).map_err(failed)?;
        Ok(Self::Page { status, html: html.text })
    }
}

/// A text that grows on a thread that gives way: long pages take a millisecond.
#[derive(Default)]
struct Paced {
    text: String,
    stepped_aside_at: usize,
}

/// Bytes between two moments at which the thread steps aside: some ten microseconds.
const BYTES_BETWEEN: usize = 8 * 1024;

impl fmt::Write for Paced {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.text.push_str(piece);
        if self.text.len() - self.stepped_aside_at >= BYTES_BETWEEN {
            self.stepped_aside_at = self.text.len();
            step_aside();
        }
        Ok(())
    }
}

impl Responder for Answer {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match self {
            Self::Page { status, html } => document(status, html),
            Self::SeeOther(address) => HttpResponse::SeeOther().insert_header((LOCATION, address)).finish(),
        }
    }
}

/// An HTML document with this status.
pub(crate) fn document(status: StatusCode, html: String) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html)
}

/// Says after how many seconds another try may succeed.
pub(crate) fn retry_after(mut response: HttpResponse, seconds: Option<u64>) -> HttpResponse {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::priority::count_steps;

    #[derive(Template)]
    #[template(source = "{% for n in 0..5000 %}{{ n }} {% endfor %}", ext = "txt")]
    struct Long;

    #[test]
    fn a_long_page_is_whole_and_steps_aside_while_it_is_written() {
        let n_steps = count_steps(|| {
            let Answer::Page { html, .. } = Answer::page(&Long).unwrap() else { panic!("no page") };
            assert_eq!(html, Long.render().unwrap());
        });
        assert_eq!(n_steps, Long.render().unwrap().len() / BYTES_BETWEEN);
    }
}
