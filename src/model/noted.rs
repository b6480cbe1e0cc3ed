//! What the pages watch besides counts: refusals with their circumstances, the scopes that are asked
//! for, and strangers.
//!
//! A batch is what gathered in memory since the last flush (`app::noted`). Nothing here holds a token.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

use super::code::Code;
use super::key::KeyId;
use super::route::OriginalRequest;
use super::scope::Scope;
use super::text::contains_token;
use super::usage::Hour;

/// The most characters of a path that are kept.
const PATH_CHARS_MAX: usize = 120;
/// What stands for a path that holds a token.
const HIDDEN: &str = "(hidden, it holds a token)";

/// One request of a key that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub code: Code,
    /// From where, if known.
    pub ip: Option<IpAddr>,
    /// Which request it was, where a proxy said so.
    pub request: Option<RefusedRequest>,
}

/// Method and path of a request, fit to be kept and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRequest {
    /// The method.
    pub method: String,
    /// The path without the query, cut where it is long.
    pub path: String,
}

impl RefusedRequest {
    /// What is kept of a request: nothing after the `?`, no control characters, and nothing of a path
    /// that holds a token, be it percent-encoded.
    pub fn of(request: &OriginalRequest<'_>) -> Self {
        let method = request.method.chars().filter(char::is_ascii_alphabetic).take(16).collect();
        let end = request.target.iter().position(|byte| matches!(byte, b'?' | b'#'));
        let path = end.and_then(|end| request.target.get(..end)).unwrap_or(request.target);
        Self { method, path: fit(path) }
    }
}

fn fit(path: &[u8]) -> String {
    let decoded = percent_encoding::percent_decode(path).decode_utf8_lossy();
    let text = String::from_utf8_lossy(path);
    if contains_token(&text) || contains_token(&decoded) {
        return HIDDEN.to_owned();
    }
    let mut kept: String = text
        .chars()
        .map(|c| if c.is_ascii_graphic() { c } else { '\u{fffd}' })
        .take(PATH_CHARS_MAX)
        .collect();
    if text.chars().nth(PATH_CHARS_MAX).is_some() {
        kept.push('…');
    }
    kept
}

/// A day in UTC, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// The day in which an instant lies.
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_second().div_euclid(86_400))
    }

    /// When it begins.
    pub fn begins_at(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(86_400)).unwrap_or_default()
    }
}

/// A scope of a key that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedScope {
    /// The scope.
    pub scope: Scope,
    /// On which day first, as far as anybody noted.
    pub first: Day,
    /// On which day last.
    pub last: Day,
}

/// Requests without a key that exists, of one hour and network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrangerCount {
    /// The last hour in which there were some.
    pub hour: Hour,
    /// From where; `None` where nobody knows, or for all networks beyond those that are counted by
    /// themselves.
    pub network: Option<IpNet>,
    /// [`Code::NotFound`] or [`Code::Malformed`].
    pub code: Code,
    /// How many.
    pub count: u64,
}

/// Keys of a project by what they are now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Those that work.
    pub active: u64,
    /// Those that are switched off.
    pub disabled: u64,
    /// Those that have ended.
    pub expired: u64,
    /// Those whose account is switched off.
    pub account_disabled: u64,
}

/// How many keys fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// So many.
    pub n: u64,
    /// Whether these are all: nobody looks at ever so many keys for a count.
    pub is_all: bool,
}

/// What gathered since the last flush.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotedBatch {
    /// Refusals, each key's oldest first.
    pub refusals: Vec<(KeyId, Refusal)>,
    /// Scopes of keys that were asked for on a day.
    pub asked: Vec<(KeyId, Scope, Day)>,
    /// Strangers.
    pub strangers: Vec<StrangerCount>,
}

impl NotedBatch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.refusals.is_empty() && self.asked.is_empty() && self.strangers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(target: &str) -> String {
        RefusedRequest::of(&OriginalRequest { method: "GET", target: target.as_bytes() }).path
    }

    #[test]
    fn a_path_is_kept_without_its_query_and_short() {
        assert_eq!(kept("/a/b?token=x#y"), "/a/b");
        assert_eq!(kept("/a\u{1b}[2J\n"), "/a\u{fffd}[2J\u{fffd}");
        assert_eq!(kept(&format!("/{}", "a".repeat(500))).chars().count(), PATH_CHARS_MAX + 1);
    }
}
