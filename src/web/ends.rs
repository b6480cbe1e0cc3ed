//! The headers that tell a caller when its key, or the old secret that it still uses, ends: on
//! every answer to a request with a key that has such an end. A proxy's answers have them always
//! (`proxy::identity`).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};
use jiff::Timestamp;

use crate::app::verify::Verdict;

/// When the key expires.
pub const EXPIRES_AT: HeaderName = HeaderName::from_static("x-keysrv-expires-at");
/// When the secret that was presented ends.
pub const SECRET_ENDS_AT: HeaderName = HeaderName::from_static("x-keysrv-secret-ends-at");

/// Both ends, on the way from a handler to its answer.
#[derive(Debug, Clone, Copy)]
struct Noted {
    key: Option<Timestamp>,
    secret: Option<Timestamp>,
}

/// Keeps the ends of a verdict's key with the request.
pub fn note(request: &HttpRequest, verdict: &Verdict) {
    let Some(key) = &verdict.key else { return };
    let secret = key.secret().and_then(|secret| secret.ends_at);
    let noted = Noted { key: key.record.facts.expires_at, secret };
    if noted.key.or(noted.secret).is_some() {
        request.extensions_mut().insert(noted);
    }
}

/// Adds the headers to the answer to a request.
pub fn complete(request: &HttpRequest, headers: &mut HeaderMap) {
    let Some(noted) = request.extensions().get::<Noted>().copied() else { return };
    for (name, at) in [(EXPIRES_AT, noted.key), (SECRET_ENDS_AT, noted.secret)] {
        if let Some(value) = at.and_then(|at| HeaderValue::from_str(&at.to_string()).ok()) {
            headers.insert(name, value);
        }
    }
}
