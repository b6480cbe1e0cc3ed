//! The limits of one key or account, how they change, and how they are kept as text.

use jiff::Timestamp;

use super::{Mode, Quota, RateLimit};
use crate::model::Invalid;

/// What limits a key or an account; of an account's, its keys share what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The rate limit.
    pub rate: Option<RateLimit>,
    /// Whether it refuses.
    pub rate_mode: Mode,
    /// The quota.
    pub quota: Option<Quota>,
    /// Whether it refuses.
    pub quota_mode: Mode,
    /// What was used before this instant does not count against the quota. It grows each time the
    /// count starts anew, so that a count under an older one is known to be over.
    pub quota_since: Timestamp,
    /// Whether the list of addresses refuses.
    pub ips_mode: Mode,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rate: None,
            rate_mode: Mode::Enforce,
            quota: None,
            quota_mode: Mode::Enforce,
            quota_since: Timestamp::UNIX_EPOCH,
            ips_mode: Mode::Enforce,
        }
    }
}

impl Limits {
    /// Whether nothing has to be counted.
    pub fn is_unlimited(&self) -> bool {
        self.rate.is_none() && self.quota.is_none()
    }

    /// The text under which they are kept; empty when there is nothing to keep.
    pub fn to_text(&self) -> String {
        let mut words = Vec::new();
        if let Some(rate) = self.rate {
            words.push(format!("rate={rate}"));
        }
        if let Some(quota) = self.quota {
            words.push(format!("quota={quota}"));
            words.push(format!("since={}", self.quota_since.as_millisecond()));
        }
        let modes =
            [("rate-mode", self.rate_mode), ("quota-mode", self.quota_mode), ("ips-mode", self.ips_mode)];
        for (name, mode) in modes.into_iter().filter(|(_, mode)| *mode != Mode::Enforce) {
            words.push(format!("{name}={}", mode.as_str()));
        }
        words.join(" ")
    }

    /// Reads the text under which they are kept.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let mut limits = Self::default();
        for word in text.split_ascii_whitespace() {
            let unknown = || Invalid::new("limits", word, "is not one that keysrv writes");
            match word.split_once('=').ok_or_else(unknown)? {
                ("rate", value) => limits.rate = Some(RateLimit::parse(value)?),
                ("quota", value) => limits.quota = Some(Quota::parse(value)?),
                ("since", value) => {
                    let ms: i64 = value.parse().map_err(|_| unknown())?;
                    limits.quota_since = Timestamp::from_millisecond(ms).map_err(|_| unknown())?;
                }
                ("rate-mode", value) => limits.rate_mode = Mode::parse("limits", value)?,
                ("quota-mode", value) => limits.quota_mode = Mode::parse("limits", value)?,
                ("ips-mode", value) => limits.ips_mode = Mode::parse("limits", value)?,
                _ => return Err(unknown()),
            }
        }
        Ok(limits)
    }
}

/// As the API and the shell show them.
impl serde::Serialize for Limits {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Shown<T> {
            #[serde(flatten)]
            what: T,
            mode: Mode,
        }
        #[derive(serde::Serialize)]
        struct Both {
            rate_limit: Option<Shown<RateLimit>>,
            quota: Option<Shown<Quota>>,
        }
        let rate_limit = self.rate.map(|what| Shown { what, mode: self.rate_mode });
        let quota = self.quota.map(|what| Shown { what, mode: self.quota_mode });
        Both { rate_limit, quota }.serialize(serializer)
    }
}

/// What has been used of a quota in the current day or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct QuotaState {
    /// How much.
    pub used: u64,
    /// When it starts at nothing again.
    pub resets_at: Timestamp,
}

/// A change of limits; what is `None` stays as it is, an inner `None` takes a limit away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitsChange {
    /// The rate limit.
    pub rate: Option<Option<RateLimit>>,
    /// Whether it refuses.
    pub rate_mode: Option<Mode>,
    /// The quota.
    pub quota: Option<Option<Quota>>,
    /// Whether it refuses.
    pub quota_mode: Option<Mode>,
    /// Whether the list of addresses refuses.
    pub ips_mode: Option<Mode>,
    /// Starts the quota's count anew.
    pub quota_reset: bool,
}

impl LimitsChange {
    /// The limits after the change, made at `now`. A quota that is new or for another period starts
    /// to count then; one whose number alone changes goes on.
    pub fn apply(&self, before: &Limits, now: Timestamp) -> Limits {
        let quota = self.quota.unwrap_or(before.quota);
        let goes_on = !self.quota_reset && quota.map(Quota::per) == before.quota.map(Quota::per);
        Limits {
            rate: self.rate.unwrap_or(before.rate),
            rate_mode: self.rate_mode.unwrap_or(before.rate_mode),
            quota,
            quota_mode: self.quota_mode.unwrap_or(before.quota_mode),
            quota_since: if goes_on { before.quota_since } else { later(before.quota_since, now) },
            ips_mode: self.ips_mode.unwrap_or(before.ips_mode),
        }
    }

    /// This change, and what `other` says of what this one leaves.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            rate: self.rate.or(other.rate),
            rate_mode: self.rate_mode.or(other.rate_mode),
            quota: self.quota.or(other.quota),
            quota_mode: self.quota_mode.or(other.quota_mode),
            ips_mode: self.ips_mode.or(other.ips_mode),
            quota_reset: self.quota_reset || other.quota_reset,
        }
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

// A clock that was set back must not make a new count look older than the one before it.
fn later(before: Timestamp, now: Timestamp) -> Timestamp {
    let next =
        Timestamp::from_millisecond(before.as_millisecond().saturating_add(1)).unwrap_or(Timestamp::MAX);
    next.max(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    fn change(rate: &str, quota: &str) -> LimitsChange {
        LimitsChange {
            rate: Some(Some(RateLimit::parse(rate).unwrap())),
            quota: Some(Some(Quota::parse(quota).unwrap())),
            ..LimitsChange::default()
        }
    }

    #[test]
    fn limits_are_kept_as_text_and_none_as_nothing() {
        assert_eq!(Limits::default().to_text(), "");
        let mut limits = change("10/60", "1000/day").apply(&Limits::default(), at(5));
        limits.quota_mode = Mode::Watch;
        limits.ips_mode = Mode::Watch;
        assert_eq!(limits.to_text(), "rate=10/60 quota=1000/day since=5 quota-mode=watch ips-mode=watch");
        assert_eq!(Limits::parse(&limits.to_text()).unwrap(), limits);
        assert_eq!(Limits::parse("").unwrap(), Limits::default());
        assert!(Limits::parse("rate=10/60 color=red").is_err());
    }

    #[test]
    fn a_count_goes_on_when_only_the_number_changes_and_starts_anew_otherwise() {
        let first = change("10/60", "1000/day").apply(&Limits::default(), at(5));
        assert_eq!(change("10/60", "2000/day").apply(&first, at(9)).quota_since, at(5));
        assert_eq!(change("10/60", "2000/month").apply(&first, at(9)).quota_since, at(9));
        let reset = LimitsChange { quota_reset: true, ..LimitsChange::default() };
        assert_eq!(reset.apply(&first, at(9)).quota_since, at(9));
        assert_eq!(reset.apply(&first, at(1)).quota_since, at(6), "although the clock was set back");
    }
}
