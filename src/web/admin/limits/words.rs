//! A key's limits in words: what they are, how much is used, what would have been refused.

use jiff::Timestamp;

use crate::model::account::Account;
use crate::model::key::Key;
use crate::model::limit::{Limits, Mode, QuotaState, Watched, WatchedCount};
use crate::web::admin::when::{When, counted, grouped};

/// The limits of a key, and those that it shares.
pub(crate) struct KeyLimits {
    pub(crate) own: LimitWords,
    /// The account's name and its limits, where it has some.
    pub(crate) shared: Option<(String, LimitWords)>,
    /// Where the key may be used from; empty for anywhere.
    pub(crate) addresses: Vec<String>,
    pub(crate) addresses_only_watched: bool,
    pub(crate) watched: Vec<WatchedWords>,
}

/// The limits of a key or an account.
pub(crate) struct LimitWords {
    /// "100 requests per 60 seconds"; empty for none.
    pub(crate) rate: String,
    pub(crate) rate_only_watched: bool,
    pub(crate) quota: Option<QuotaWords>,
}

/// A quota and what is used of it.
pub(crate) struct QuotaWords {
    /// "10 000 requests per day".
    pub(crate) words: String,
    pub(crate) only_watched: bool,
    /// "6 200 used".
    pub(crate) used: String,
    /// 0 to 100.
    pub(crate) percent: u64,
    pub(crate) resets: When,
}

/// What one watched limit would have refused.
pub(crate) struct WatchedWords {
    /// "The rate limit".
    pub(crate) limit: &'static str,
    /// "12 requests".
    pub(crate) day: String,
    /// "340 in 30 days".
    pub(crate) month: String,
    /// The hours of the last day in which there were some, newest first.
    pub(crate) hours: Vec<(When, String)>,
}

impl KeyLimits {
    /// The limits of a key at `now`, with what was watched in the last 30 days.
    pub(crate) fn new(
        key: &Key,
        account: Option<&Account>,
        watched: &[WatchedCount],
        now: Timestamp,
    ) -> Self {
        let facts = &key.facts;
        let shared = account.filter(|account| !account.limits.is_unlimited());
        Self {
            own: LimitWords::new(&facts.limits, key.quota_state, now),
            shared: shared.map(|account| {
                let words = LimitWords::new(&account.limits, account.quota_state, now);
                (account.name.as_str().to_owned(), words)
            }),
            addresses: facts.allowed_ips.iter().map(ToString::to_string).collect(),
            addresses_only_watched: facts.limits.ips_mode == Mode::Watch,
            watched: watched_words(watched, now),
        }
    }
}

impl LimitWords {
    /// Limits at `now`, and how much of a quota is used.
    pub(crate) fn new(limits: &Limits, state: Option<QuotaState>, now: Timestamp) -> Self {
        let rate = limits.rate.map(|rate| {
            let requests = counted(rate.requests().into(), "request");
            format!("{requests} per {}", counted(rate.per_seconds().into(), "second"))
        });
        let quota = limits.quota.zip(state).map(|(quota, state)| QuotaWords {
            words: format!("{} per {}", counted(quota.requests(), "request"), quota.per().as_str()),
            only_watched: limits.quota_mode == Mode::Watch,
            used: grouped(state.used),
            percent: (state.used.saturating_mul(100) / quota.requests()).min(100),
            resets: When::new(state.resets_at, now),
        });
        Self { rate: rate.unwrap_or_default(), rate_only_watched: limits.rate_mode == Mode::Watch, quota }
    }
}

fn watched_words(counts: &[WatchedCount], now: Timestamp) -> Vec<WatchedWords> {
    let mut codes: Vec<Watched> = counts.iter().map(|count| count.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let since = now.checked_sub(jiff::SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    let words = |code: Watched| {
        let of_it: Vec<_> = counts.iter().filter(|count| count.code == code).collect();
        let in_a_day = || of_it.iter().rev().filter(|count| count.at >= since);
        WatchedWords {
            limit: name(code),
            day: counted(in_a_day().map(|count| count.count).sum(), "request"),
            month: grouped(of_it.iter().map(|count| count.count).sum()),
            hours: in_a_day().map(|count| (When::new(count.at, now), grouped(count.count))).collect(),
        }
    };
    codes.into_iter().map(words).collect()
}

fn name(code: Watched) -> &'static str {
    match code {
        Watched::IpDenied => "The list of addresses",
        Watched::RateLimited => "The rate limit",
        Watched::AccountRateLimited => "The account’s rate limit",
        Watched::QuotaExceeded => "The quota",
        Watched::AccountQuotaExceeded => "The account’s quota",
    }
}
