//! The answers that the framework's parser gives by itself, and what is sent instead.
//!
//! To something that is no HTTP, to a head that is too large and to one that does not come, it
//! sends a status and nothing else, past every middleware. That answer always is the last on its
//! connection, and no answer of ours looks like it: ours carry an id, and nothing that we send as
//! a body holds a line that ends in `\r\n`.

use std::sync::LazyLock;

use actix_web::http::header::CONNECTION;

use crate::model::code::Code;
use crate::web::headers::{RequestIds, X_REQUEST_ID};
use crate::web::problem::Problem;
use crate::web::{api, headers, wire};

/// The last line of a bare answer, before the empty one: `date: Tue, 24 Nov 2026 12:00:00 GMT`.
const DATE_BYTES: usize = 35;
const END: &[u8] = b"\r\n\r\n";
/// What can stand before the date in a bare answer. Ours has its own headers there.
const BEFORE_DATE: [&[u8]; 3] =
    [b"\r\ncontent-length: 0\r\n", b"\r\nconnection: close\r\n", b"\r\nconnection: keep-alive\r\n"];
const START: &[u8] = b"HTTP/1.1 ";
/// The bare answer is a status line and at most three short headers.
const BARE_BYTES_MAX: usize = 200;

static IDS: LazyLock<RequestIds> = LazyLock::new(RequestIds::default);

/// What is sent instead of bytes that end in a bare answer.
pub(super) struct Replacement {
    bytes: Vec<u8>,
    sent_bytes: usize,
    /// How many bytes it stands for.
    pub(super) replaced_bytes: usize,
}

impl Replacement {
    /// What to send instead of `bytes`; `None` when they do not end in a bare answer.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        // First what costs nothing: every answer passes here.
        let (before_date, end) = bytes.split_at_checked(bytes.len().checked_sub(DATE_BYTES + END.len())?)?;
        if !end.ends_with(END) || !BEFORE_DATE.iter().any(|line| before_date.ends_with(line)) {
            return None;
        }
        let start = bytes.windows(START.len()).rposition(|window| window == START)?;
        let (before, bare) = bytes.split_at_checked(start)?;
        let problem = problem_of(std::str::from_utf8(bare).ok()?)?;
        let bytes = [before, &answer(&problem)].concat();
        Some(Self { bytes, sent_bytes: 0, replaced_bytes: before.len() + bare.len() })
    }

    /// What is still to be sent; `None` at the end.
    pub(super) fn rest(&self) -> Option<&[u8]> {
        self.bytes.get(self.sent_bytes..).filter(|rest| !rest.is_empty())
    }

    /// Notes that this many more bytes were sent.
    pub(super) fn sent(&mut self, n: usize) {
        self.sent_bytes += n;
    }
}

fn problem_of(bare: &str) -> Option<Problem> {
    let is_bare = bare.len() <= BARE_BYTES_MAX
        && bare.contains("\r\ncontent-length: 0\r\n")
        && !bare.contains(X_REQUEST_ID);
    if !is_bare {
        return None;
    }
    match bare.get(START.len()..START.len() + 3)? {
        "400" => Some(Problem::new(Code::BadRequest, "the request is not HTTP that can be read")),
        "408" => Some(late_head()),
        "431" => Some(Problem::new(Code::HeadTooLarge, "the head of the request is larger than it may be")),
        "500" => Some(Problem::new(Code::Internal, "keysrv failed")),
        _ => None,
    }
}

/// The whole answer to a head that did not come in time, the last on its connection.
pub(super) fn to_a_late_head() -> Vec<u8> {
    answer(&late_head())
}

fn late_head() -> Problem {
    Problem::new(Code::RequestTimeout, "the head of the request took too long to arrive")
}

fn answer(problem: &Problem) -> Vec<u8> {
    let id = IDS.next();
    let mut bytes = Vec::new();
    headers::begin(&mut bytes, problem.status());
    wire::line(&mut bytes, X_REQUEST_ID, id.as_str());
    wire::line(&mut bytes, CONNECTION.as_str(), "close");
    bytes.extend_from_slice(&api::error::words(problem, id));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Tue, 24 Nov 2026 12:00:00 GMT\r\n\r\n";

    #[test]
    fn a_bare_answer_is_replaced_and_what_stands_before_it_is_kept() {
        let bytes = format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-request-id: a\r\n\r\n{{}}{BARE}");
        let replacement = Replacement::of(bytes.as_bytes()).unwrap();
        assert_eq!(replacement.replaced_bytes, bytes.len());
        let sent = std::str::from_utf8(replacement.rest().unwrap()).unwrap();
        assert!(sent.starts_with("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n"), "{sent}");
        assert!(sent.contains("{}HTTP/1.1 400 Bad Request\r\n"), "{sent}");
        assert!(sent.contains("content-security-policy: "), "{sent}");
        assert!(sent.ends_with('}'), "{sent}");
    }

    #[test]
    fn an_answer_of_ours_is_left_alone() {
        let ours = BARE.replace("\r\ndate", "\r\nx-request-id: 0123456789abcdef\r\ndate");
        for bytes in [ours.as_str(), "", "\r\n\r\n", "{\"a\":\"HTTP/1.1 400\"}"] {
            assert!(Replacement::of(bytes.as_bytes()).is_none(), "{bytes}");
        }
    }
}
