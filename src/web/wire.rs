//! Answers as they go over the wire: a status line, header lines, an empty line, a body.
//!
//! What is asked all the time is answered in this form, since most of it never changes: the head of each
//! status is one text, what is told of a key another (`told`). Where the framework sends an answer,
//! [`response`] takes the same bytes apart for it, so that there is one wording.

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue};

/// More than any answer of ours has.
const LINES_MAX: usize = 64;

/// Adds a header line. One whose value could end it is left out: everything that is told has been
/// checked or encoded long before.
pub(super) fn line(out: &mut Vec<u8>, name: &str, value: &str) {
    if value.bytes().any(|byte| byte.is_ascii_control()) {
        return;
    }
    for part in [name, ": ", value, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Adds the end of the header lines, and a body with the two that tell of it.
pub(super) fn body(out: &mut Vec<u8>, content_type: &str, body: &[u8]) {
    line(out, CONTENT_TYPE.as_str(), content_type);
    line(out, CONTENT_LENGTH.as_str(), &body.len().to_string());
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
}

/// Adds the end of the header lines of an answer that has no body, but could have one.
pub(super) const NO_BODY: &[u8] = b"content-length: 0\r\n\r\n";
/// The same where the status says already that there is none.
pub(super) const END: &[u8] = b"\r\n";

/// An answer for the framework; `None` when the bytes are none.
pub(super) fn response(bytes: &[u8]) -> Option<Response<BoxBody>> {
    let mut lines = [httparse::EMPTY_HEADER; LINES_MAX];
    let mut read = httparse::Response::new(&mut lines);
    let httparse::Status::Complete(head_bytes) = read.parse(bytes).ok()? else { return None };
    let status = StatusCode::from_u16(read.code?).ok()?;
    let body = bytes.get(head_bytes..)?.to_vec();
    let body = if body.is_empty() { BoxBody::new(()) } else { BoxBody::new(body) };
    let mut response = Response::with_body(status, body);
    insert(response.headers_mut(), read.headers);
    Some(response)
}

/// Puts lines into the framework's map.
pub(super) fn insert_lines(headers: &mut HeaderMap, bytes: &[u8]) {
    let mut lines = [httparse::EMPTY_HEADER; LINES_MAX];
    let whole = [bytes, END].concat();
    if let Ok(httparse::Status::Complete((_, lines))) = httparse::parse_headers(&whole, &mut lines) {
        insert(headers, lines);
    }
}

fn insert(headers: &mut HeaderMap, lines: &[httparse::Header<'_>]) {
    for line in lines {
        let name = HeaderName::from_bytes(line.name.as_bytes());
        let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(line.value)) else { continue };
        // The framework writes these two itself.
        if name != CONTENT_LENGTH && name != DATE {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_apart_as_it_was_put_together() {
        let mut bytes = b"HTTP/1.1 403 Forbidden\r\n".to_vec();
        line(&mut bytes, "x-a", "1");
        line(&mut bytes, "x-b", "split\r\nx-c: 2");
        body(&mut bytes, "text/plain", b"hello");
        let response = response(&bytes).unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        let mut names: Vec<&str> = response.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "x-a"]);
        let mut headers = HeaderMap::new();
        insert_lines(&mut headers, b"x-a: 1\r\nx-d: 2\r\n");
        assert_eq!(headers.get("x-d").unwrap(), "2");
    }
}
