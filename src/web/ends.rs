//! The headers that tell a caller when its key, or the old secret that it still uses, ends: on
//! every answer to a request with a key that has such an end. A proxy's answers have them always
//! (`proxy::identity`).

use jiff::Timestamp;

use super::wire;
use crate::app::verify::Verdict;

/// When the key expires.
pub const EXPIRES_AT: &str = "x-keysrv-expires-at";
/// When the secret that was presented ends.
pub const SECRET_ENDS_AT: &str = "x-keysrv-secret-ends-at";

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

    /// Adds the lines to an answer.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for (name, at) in [(EXPIRES_AT, self.key), (SECRET_ENDS_AT, self.secret)] {
            if let Some(at) = at {
                wire::line(out, name, &at.to_string());
            }
        }
    }
}
