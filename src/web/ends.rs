//! The headers that tell a caller when its key, or the old secret that it still uses, ends: on
//! every answer to a request with a key that has such an end. A proxy's answers have them always
//! (`proxy::identity`).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::app::verify::Verdict;

/// When the key expires.
pub const EXPIRES_AT: HeaderName = HeaderName::from_static("x-keysrv-expires-at");
/// When the secret that was presented ends.
pub const SECRET_ENDS_AT: HeaderName = HeaderName::from_static("x-keysrv-secret-ends-at");

/// Both ends, on the way from a verdict to its answer (`notes`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Noted {
    key: Option<Timestamp>,
    secret: Option<Timestamp>,
}

impl Noted {
    /// What there is to tell of a verdict.
    pub(super) fn of(verdict: &Verdict) -> Option<Self> {
        let key = verdict.key.as_ref()?;
        let secret = key.secret().and_then(|secret| secret.ends_at);
        let noted = Self { key: key.record.facts.expires_at, secret };
        noted.key.or(noted.secret).map(|_| noted)
    }

    /// Adds the headers to an answer.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        for (name, at) in [(EXPIRES_AT, self.key), (SECRET_ENDS_AT, self.secret)] {
            if let Some(value) = at.and_then(|at| HeaderValue::from_str(&at.to_string()).ok()) {
                headers.insert(name, value);
            }
        }
    }
}
