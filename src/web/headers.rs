//! What every answer carries, whoever made it: the headers that keep a browser from doing what no
//! page of ours needs, and the request's id.
//!
//! No `Server`, no CORS: nobody needs to know the one, and pages of others have no business here.
//! `static` files set their own `Cache-Control`; everything else is never stored.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, DATE, HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use super::client_ip::Transport;
use super::context::Context;
use super::{date, wire};

/// The header with the request's id.
pub const X_REQUEST_ID: &str = "x-request-id";
const REQUEST_ID: HeaderName = HeaderName::from_static(X_REQUEST_ID);

/// The headers of every answer. Inline style and script stay forbidden, so that text which slips
/// into a page stays text. `same-origin` as referrer policy: with `no-referrer` Chromium sends
/// `Origin: null` with a form, which the check of `csrf` must refuse.
pub const SECURITY: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];
/// What an answer says about keeping it, unless it says something itself.
pub const NO_STORE: &str = "no-store";
// One year; without `includeSubDomains`, since other hosts are not ours to decide about.
const HSTS: (&str, &str) = ("strict-transport-security", "max-age=31536000");

static PARSED: LazyLock<Vec<(HeaderName, HeaderValue)>> = LazyLock::new(|| {
    SECURITY
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
});

/// Adds what an answer lacks.
pub fn complete(headers: &mut HeaderMap, id: RequestId, transport: Transport) {
    headers.reserve(PARSED.len() + 3);
    for (name, value) in PARSED.iter() {
        headers.insert(name.clone(), value.clone());
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    }
    complete_own(headers, id, transport);
}

/// The statuses of the hot path's answers.
const OFTEN: [StatusCode; 8] = [
    StatusCode::OK,
    StatusCode::NO_CONTENT,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_REQUEST,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// Each with the status line and the lines behind it that [`complete`] adds to every answer.
static HEADS: LazyLock<[(StatusCode, Vec<u8>); OFTEN.len()]> =
    LazyLock::new(|| OFTEN.map(|status| (status, head_of(status))));

fn head_of(status: StatusCode) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    for (name, value) in SECURITY.iter().chain([&(CACHE_CONTROL.as_str(), NO_STORE)]) {
        wire::line(&mut head, name, value);
    }
    head
}

/// Begins an answer that goes over the wire as it is written: its status, and the lines of every answer that
/// are the same in each.
pub(super) fn begin(out: &mut Vec<u8>, status: StatusCode) {
    match HEADS.iter().find(|(often, _)| *often == status) {
        Some((_, head)) => out.extend_from_slice(head),
        None => out.extend_from_slice(&head_of(status)),
    }
}

/// What an answer carries that is its own: with it an answer begins that goes over the wire as it is written
/// (`wire`), with the same lines that [`complete`] gives those that the framework sends.
#[derive(Debug, Clone, Copy)]
pub struct Seal {
    /// The request's id.
    pub id: RequestId,
    transport: Transport,
    at: Timestamp,
}

impl Seal {
    /// The seal of the answer to a request that has just arrived.
    pub(super) fn new(context: &Context, transport: Transport) -> Self {
        Self { id: context.request_ids.next(), transport, at: context.app.now() }
    }

    /// Begins an answer: its status, and the lines of every answer.
    pub(super) fn begin(&self, out: &mut Vec<u8>, status: StatusCode) {
        begin(out, status);
        if self.transport == Transport::Tls {
            wire::line(out, HSTS.0, HSTS.1);
        }
        wire::line(out, X_REQUEST_ID, self.id.as_str());
        date::worded(self.at, |date| wire::line(out, DATE.as_str(), date));
    }
}

fn complete_own(headers: &mut HeaderMap, id: RequestId, transport: Transport) {
    if transport == Transport::Tls {
        headers.insert(HeaderName::from_static(HSTS.0), HeaderValue::from_static(HSTS.1));
    }
    if let Ok(value) = HeaderValue::from_bytes(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
}

/// Names one request in its answer, in pages and in the log: 16 characters `[0-9a-f]`. It is not
/// a secret and means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 16]);

impl RequestId {
    fn new(n: u64) -> Self {
        let mut text = [b'0'; 16];
        for (at, digit) in text.iter_mut().enumerate() {
            let nibble = (n >> (60 - 4 * at)) & 0xf;
            *digit = b"0123456789abcdef".get(usize::try_from(nibble).unwrap_or(0)).copied().unwrap_or(b'0');
        }
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes request ids: a counter, hashed under a key that each start chooses anew, so that ids
/// of two runs do not meet in one log and tell nobody how many requests there were.
#[derive(Debug, Default)]
pub struct RequestIds {
    next: AtomicU64,
    key: RandomState,
}

impl RequestIds {
    /// The next one.
    pub fn next(&self) -> RequestId {
        RequestId::new(self.key.hash_one(self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_sixteen_hexadecimal_digits_and_no_two_are_the_same() {
        assert_eq!(RequestId::new(0x0123_4567_89ab_cdef).as_str(), "0123456789abcdef");
        let ids = RequestIds::default();
        let made: std::collections::HashSet<String> = (0..1000).map(|_| ids.next().to_string()).collect();
        assert_eq!(made.len(), 1000);
        assert!(!made.contains(&RequestIds::default().next().to_string()));
    }

    #[test]
    fn an_answer_may_say_itself_how_long_it_is_kept() {
        let ids = RequestIds::default();
        let mut headers = HeaderMap::new();
        complete(&mut headers, ids.next(), Transport::Plain);
        assert_eq!(headers.get(CACHE_CONTROL).unwrap(), NO_STORE);
        assert!(!headers.contains_key(HSTS.0));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("immutable"));
        complete(&mut headers, ids.next(), Transport::Tls);
        assert_eq!(headers.get(CACHE_CONTROL).unwrap(), "immutable");
        assert_eq!(headers.get_all(X_REQUEST_ID).count(), 1);
        assert!(headers.contains_key(HSTS.0));
    }
}
