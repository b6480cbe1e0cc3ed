//! The headers that tell a caller how the limits of its key stand, on allowed and refused answers.
//!
//! `RateLimit` and `RateLimit-Policy` are those of draft-ietf-httpapi-ratelimit-headers-10
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/>), with every limit
//! that is enforced. `X-RateLimit-Limit`, `-Remaining` and `-Reset` are the older custom: the one limit
//! that matters most, its end in seconds since 1970.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::wire;
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

/// How limits stand, on the way from a verdict to its answer (`notes`).
#[derive(Debug, Clone)]
pub(super) struct Noted {
    standings: Standings,
    at: Timestamp,
}

impl Noted {
    /// What there is to tell of a verdict.
    pub(super) fn of(verdict: &Verdict) -> Option<Self> {
        let key = verdict.key.as_ref()?;
        verdict.limits.iter().next()?;
        Some(Self { standings: verdict.limits.clone(), at: key.at })
    }

    /// Adds the lines to an answer.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let (mut policy, mut state) = (String::new(), String::new());
        for standing in self.standings.iter() {
            let comma = if policy.is_empty() { "" } else { ", " };
            let Standing { of, limit, remaining, reset_seconds, .. } = standing;
            // Writing to a text does not fail.
            let _ok = write!(policy, "{comma}\"{}\";q={limit}", name(*of));
            if let Some(seconds) = standing.window_seconds {
                let _ok = write!(policy, ";w={seconds}");
            }
            let _ok = write!(state, "{comma}\"{}\";r={remaining};t={reset_seconds}", name(*of));
        }
        wire::line(out, RATELIMIT_POLICY, &policy);
        wire::line(out, RATELIMIT, &state);
        if let Some(tightest) = self.standings.tightest() {
            let reset_at = self.at.as_second().saturating_add_unsigned(tightest.reset_seconds);
            wire::line(out, X_RATELIMIT_LIMIT, &tightest.limit.to_string());
            wire::line(out, X_RATELIMIT_REMAINING, &tightest.remaining.to_string());
            wire::line(out, X_RATELIMIT_RESET, &reset_at.to_string());
        }
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
