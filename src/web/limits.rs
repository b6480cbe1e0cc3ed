//! The headers that tell a caller how the limits of its key stand, on allowed and refused answers.
//!
//! `RateLimit` and `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers-10
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/>), with every limit
//! that is enforced. `X-RateLimit-Limit`, `-Remaining` and `-Reset` are the older custom: the one limit
//! that matters most, its end in seconds since 1970.

use std::fmt::Write as _;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest};
use jiff::Timestamp;

use crate::app::limits::{Standing, Standings};
use crate::app::verify::Verdict;
use crate::model::limit::Watched;

/// Every limit, as it is.
pub const RATELIMIT_POLICY: &str = "ratelimit-policy";
/// Every limit, as it stands.
pub const RATELIMIT: &str = "ratelimit";
/// How much fits in all.
pub const X_RATELIMIT_LIMIT: &str = "x-ratelimit-limit";
/// How much still fits.
pub const X_RATELIMIT_REMAINING: &str = "x-ratelimit-remaining";
/// When all of it does again.
pub const X_RATELIMIT_RESET: &str = "x-ratelimit-reset";

/// How limits stand, on the way from a handler to its answer.
#[derive(Debug, Clone, Copy)]
struct Noted {
    standings: Standings,
    at: Timestamp,
}

/// Keeps a verdict's limits with the request, so that its answer tells them, whatever it is.
pub fn note(request: &HttpRequest, verdict: &Verdict) {
    let Some(key) = &verdict.key else { return };
    if verdict.limits.iter().next().is_some() {
        request.extensions_mut().insert(Noted { standings: verdict.limits, at: key.at });
    }
}

/// Adds the headers to the answer to a request.
pub fn complete(request: &HttpRequest, headers: &mut HeaderMap) {
    let Some(noted) = request.extensions().get::<Noted>().copied() else { return };
    let (mut policy, mut state) = (String::new(), String::new());
    for standing in noted.standings.iter() {
        let comma = if policy.is_empty() { "" } else { ", " };
        let window = standing.window_seconds.map(|seconds| format!(";w={seconds}")).unwrap_or_default();
        let Standing { of, limit, remaining, reset_seconds, .. } = standing;
        // Writing to a text does not fail.
        let _ok = write!(policy, "{comma}\"{}\";q={limit}{window}", name(*of));
        let _ok = write!(state, "{comma}\"{}\";r={remaining};t={reset_seconds}", name(*of));
    }
    insert(headers, RATELIMIT_POLICY, &policy);
    insert(headers, RATELIMIT, &state);
    if let Some(tightest) = noted.standings.tightest() {
        let reset_at = noted.at.as_second().saturating_add_unsigned(tightest.reset_seconds);
        insert(headers, X_RATELIMIT_LIMIT, &tightest.limit.to_string());
        insert(headers, X_RATELIMIT_REMAINING, &tightest.remaining.to_string());
        insert(headers, X_RATELIMIT_RESET, &reset_at.to_string());
    }
}

fn name(of: Watched) -> &'static str {
    match of {
        Watched::IpDenied | Watched::RateLimited => "key",
        Watched::AccountRateLimited => "account",
        Watched::QuotaExceeded => "key-quota",
        Watched::AccountQuotaExceeded => "account-quota",
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
