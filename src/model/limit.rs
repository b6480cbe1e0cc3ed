//! Limits: how often a key or an account may be used, and from where.
//!
//! A rate limit is a burst that refills evenly; a quota is a number for a calendar day or month.
//! Each is enforced, or only watched: then what it would have refused is counted and let through.
//!
//! Not here: what has been used of a limit (`app::limits`).

use super::Invalid;

mod addresses;
mod set;
mod watched;
mod zone;

pub use addresses::{ADDRESSES_MAX, parse_allowed_ips};
pub use set::{Limits, LimitsChange, QuotaState};
pub use watched::{Watched, WatchedCount, WatchedTotal};
pub use zone::{Window, Zone};

/// The most that one verification may cost.
pub const COST_MAX: u32 = 1_000_000;

/// Whether a limit refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It does.
    #[default]
    Enforce,
    /// It only counts what it would have refused.
    Watch,
}

impl Mode {
    /// Its name in JSON, in the shell and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Watch => "watch",
        }
    }

    /// Reads a mode.
    ///
    /// # Errors
    /// When it is neither word.
    pub fn parse(field: &'static str, value: &str) -> Result<Self, Invalid> {
        match value {
            "enforce" => Ok(Self::Enforce),
            "watch" => Ok(Self::Watch),
            other => Err(Invalid::new(field, other, "is neither `enforce` nor `watch`")),
        }
    }
}

/// At most so many requests at once, refilled evenly over so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct RateLimit {
    requests: u32,
    per_seconds: u32,
}

impl RateLimit {
    /// The contract's name of the field.
    pub const FIELD: &'static str = "rate_limit";
    /// The most requests.
    pub const REQUESTS_MAX: u32 = 1_000_000;
    /// The longest time, a day.
    pub const SECONDS_MAX: u32 = 86_400;
    const RULE: &'static str =
        "is not N/SECONDS such as `100/60`, with N from 1 to 1000000 and SECONDS from 1 to 86400";

    /// A limit of `requests` per `per_seconds`.
    ///
    /// # Errors
    /// When it is not 1 to a million requests per 1 to 86 400 seconds.
    pub fn new(requests: u64, per_seconds: u64) -> Result<Self, Invalid> {
        let within = |n: u64, max: u32| u32::try_from(n).ok().filter(|n| (1..=max).contains(n));
        let limit = within(requests, Self::REQUESTS_MAX).zip(within(per_seconds, Self::SECONDS_MAX));
        let (requests, per_seconds) = limit
            .ok_or_else(|| Invalid::new(Self::FIELD, &format!("{requests}/{per_seconds}"), Self::RULE))?;
        Ok(Self { requests, per_seconds })
    }

    /// Reads `N/SECONDS`.
    ///
    /// # Errors
    /// As [`RateLimit::new`], and when it has another shape.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new(Self::FIELD, value, Self::RULE);
        let (requests, seconds) = value.split_once('/').ok_or_else(invalid)?;
        let number = whole_number(requests).zip(whole_number(seconds));
        number.and_then(|(n, seconds)| Self::new(n, seconds).ok()).ok_or_else(invalid)
    }

    /// How many requests.
    pub fn requests(self) -> u32 {
        self.requests
    }

    /// In how many seconds.
    pub fn per_seconds(self) -> u32 {
        self.per_seconds
    }
}

/// As it is read.
impl std::fmt::Display for RateLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.requests, self.per_seconds)
    }
}

/// What a quota is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
}

impl Period {
    /// Its name in JSON and in the shell.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// Its length, where it always has the same, but for a change of the clock.
    pub fn seconds(self) -> Option<u32> {
        match self {
            Self::Day => Some(86_400),
            Self::Month => None,
        }
    }
}

/// At most so many requests in a calendar day or month, in the project's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Quota {
    requests: u64,
    per: Period,
}

impl Quota {
    /// The contract's name of the field.
    pub const FIELD: &'static str = "quota";
    /// The most requests.
    pub const REQUESTS_MAX: u64 = 1_000_000_000_000;
    const RULE: &'static str = "is not N/day or N/month such as `10000/day`, with N from 1 to 1000000000000";

    /// A quota of `requests` per `per`, which is `day` or `month`.
    ///
    /// # Errors
    /// When it is not 1 to 10¹² requests per `day` or `month`.
    pub fn new(requests: u64, per: &str) -> Result<Self, Invalid> {
        let period = [Period::Day, Period::Month].into_iter().find(|period| period.as_str() == per);
        match period {
            Some(per) if (1..=Self::REQUESTS_MAX).contains(&requests) => Ok(Self { requests, per }),
            _ => Err(Invalid::new(Self::FIELD, &format!("{requests}/{per}"), Self::RULE)),
        }
    }

    /// Reads `N/day` or `N/month`.
    ///
    /// # Errors
    /// As [`Quota::new`], and when it has another shape.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new(Self::FIELD, value, Self::RULE);
        let (requests, per) = value.split_once('/').ok_or_else(invalid)?;
        let requests = whole_number(requests).ok_or_else(invalid)?;
        Self::new(requests, per).map_err(|_| invalid())
    }

    /// How many requests.
    pub fn requests(self) -> u64 {
        self.requests
    }

    /// In which period.
    pub fn per(self) -> Period {
        self.per
    }
}

/// As it is read.
impl std::fmt::Display for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.requests, self.per.as_str())
    }
}

// `u64::from_str` also takes a sign.
fn whole_number(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_written_as_it_is_read() {
        for text in ["1/1", "100/60", "1000000/86400"] {
            assert_eq!(RateLimit::parse(text).unwrap().to_string(), text);
        }
        for text in ["1/day", "1000000000000/month"] {
            assert_eq!(Quota::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_limit_is_refused_with_the_value_and_the_field() {
        for text in
            ["", "0/60", "10", "10/0", "10/86401", "1000001/1", "+5/60", "5/-1", "5 / 60", "5/60/1", "1e3/1"]
        {
            let invalid = RateLimit::parse(text).unwrap_err();
            assert_eq!(invalid.field(), "rate_limit", "{text}");
            assert!(invalid.to_string().contains(text), "{invalid}");
        }
        for text in
            ["", "0/day", "10", "10/year", "10/Day", "-1/day", "1000000000001/day", "9".repeat(30).as_str()]
        {
            assert_eq!(Quota::parse(text).unwrap_err().field(), "quota", "{text}");
        }
    }
}
