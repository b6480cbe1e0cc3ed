//! Usage: how often a key was presented, with which verdict, and when last.
//!
//! Counted by hour, and old hours by day ([`Retention`]).

use std::net::IpAddr;

use jiff::Timestamp;

use super::Invalid;
use super::code::Code;
use super::expiry::Span;
use super::limit::Watched;

/// The hours of a day.
const HOURS_A_DAY: i64 = 24;

/// Hours since 1970-01-01T00Z, the row of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hour(pub i64);

impl Hour {
    /// The hour in which an instant lies.
    pub fn of(at: Timestamp) -> Self {
        Self(at.as_second().div_euclid(3600))
    }
}

/// What gathered for one key since the last flush.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyUsage {
    /// How often each verdict was given in each hour.
    pub counts: Vec<(Hour, Code, u64)>,
    /// The last accepted request: when and from where.
    pub last_used: Option<LastUse>,
    /// The last refused request: when and why.
    pub last_refused: Option<(Timestamp, Code)>,
    /// Who presented which secret, for a key that has two.
    pub secrets: Vec<SecretUse>,
    /// How often a limit that is only watched would have refused in each hour.
    pub watched: Vec<(Hour, Watched, u64)>,
}

/// What gathered for one secret of a key that has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretUse {
    /// Its number within the key.
    pub n: i64,
    /// The last request that presented it.
    pub seen: LastUse,
    /// When one was last accepted.
    pub used_at: Option<Timestamp>,
    /// How many presented it.
    pub count: u64,
}

/// The last accepted request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastUse {
    /// When.
    pub at: Timestamp,
    /// From where, if known.
    pub ip: Option<IpAddr>,
}

/// One count as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UsageCount {
    /// The start of the hour, or of the day.
    pub at: Timestamp,
    /// The verdict.
    pub code: Code,
    /// How often.
    pub count: u64,
}

/// How counts are summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UsageStep {
    /// By hour.
    #[default]
    Hour,
    /// By day, in UTC.
    Day,
}

impl UsageStep {
    /// Reads `hour` or `day`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        match value {
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day),
            other => Err(Invalid::new("by", other, "is neither `hour` nor `day`")),
        }
    }

    /// Its letter in a cursor.
    pub fn letter(self) -> char {
        match self {
            Self::Hour => 'h',
            Self::Day => 'd',
        }
    }

    /// How many hours one has.
    pub fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => HOURS_A_DAY,
        }
    }

    /// What is shown when nobody says from when on.
    fn usual(self) -> Span {
        match self {
            Self::Hour => Span::DAY,
            Self::Day => Span::DAY.times(30),
        }
    }
}

/// From when to when counts are shown: whole hours or days, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageRange {
    /// How they are summed up.
    pub step: UsageStep,
    /// The first hour, at the start of a step.
    pub from: Hour,
    /// The hour after the last, at the start of a step.
    pub to: Hour,
}

impl UsageRange {
    /// The steps from the one in which `from` lies until `to`. Without `to` it is until now, without
    /// `from` the day before that, or 30 days when they are summed up by day.
    ///
    /// # Errors
    /// When it ends before it begins.
    pub fn new(
        step: UsageStep,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, Invalid> {
        // The step that has begun belongs to what is until now; at its very start, too.
        let excluded = i64::from(to.is_some_and(|to| from.is_none_or(|from| from < to)));
        let to = to.unwrap_or(now);
        let from = from.unwrap_or_else(|| step.usual().before(to));
        if from > to {
            return Err(Invalid::new("from", &from.to_string(), "is later than `to`"));
        }
        let at = |hour: i64| Hour(hour.div_euclid(step.hours()) * step.hours());
        let last = to.as_second().saturating_sub(excluded).div_euclid(3600);
        Ok(Self { step, from: at(Hour::of(from).0), to: at(last + step.hours()) })
    }
}

/// How long counts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// By hour; then by day.
    pub hours: Span,
    /// By day; then they are forgotten.
    pub days: Span,
}

impl Retention {
    /// The first hour that is kept by hour, at the start of a day.
    pub fn hours_before(&self, now: Timestamp) -> Hour {
        let hour = Hour::of(self.hours.before(now));
        Hour(hour.0.div_euclid(HOURS_A_DAY) * HOURS_A_DAY)
    }

    /// The hour before which days are forgotten.
    pub fn days_before(&self, now: Timestamp) -> Hour {
        Hour::of(self.days.before(now))
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { hours: Span::DAY.times(90), days: Span::DAY.times(730) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_range_is_of_whole_steps_and_ends_with_the_one_that_has_begun() {
        let now = at("2026-11-24T12:30:00Z");
        let range = |step, from: Option<&str>, to: Option<&str>| {
            let range = UsageRange::new(step, from.map(at), to.map(at), now).unwrap();
            let start = |hour: Hour| Timestamp::from_second(hour.0 * 3600).unwrap().to_string();
            (start(range.from), start(range.to))
        };
        let both = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(range(UsageStep::Hour, None, None), both("2026-11-23T12:00:00Z", "2026-11-24T13:00:00Z"));
        assert_eq!(range(UsageStep::Day, None, None), both("2026-10-25T00:00:00Z", "2026-11-25T00:00:00Z"));
        let (from, to) = (Some("2026-11-01T05:10:00Z"), Some("2026-11-02T00:00:00Z"));
        assert_eq!(range(UsageStep::Hour, from, to), both("2026-11-01T05:00:00Z", "2026-11-02T00:00:00Z"));
        assert_eq!(range(UsageStep::Day, from, to), both("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"));
        let noon = at("2026-11-24T12:00:00Z");
        let at_noon = UsageRange::new(UsageStep::Hour, None, None, noon).unwrap();
        assert_eq!(at_noon.to, Hour(Hour::of(noon).0 + 1), "the hour that begins now");
        assert!(UsageRange::new(UsageStep::Hour, Some(now), Some(at("2026-11-24T00:00:00Z")), now).is_err());
    }
}
