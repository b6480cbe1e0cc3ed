//! When a key ends, as people write it: `90d`, `2026-12-31`, an instant, `never`.
//!
//! A date means the end of that day in UTC. Durations are whole numbers with one unit; months and
//! years are left out, since they are no fixed number of seconds.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Invalid;

const DURATION_RULE: &str = "is not a duration such as `30m`, `24h`, `90d` or `2w`";
const EXPIRY_RULE: &str = "is not `never`, a duration such as `90d`, a date such as `2027-01-31` or a time such as `2027-01-31T12:00:00Z`";

/// A length of time of at most 100 years, written `45s`, `30m`, `24h`, `90d`, `2w`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(SignedDuration);

impl Span {
    /// 24 hours.
    pub const DAY: Self = Self(SignedDuration::from_hours(24));

    const SECONDS_MAX: i64 = 100 * 366 * 86_400;

    /// Reads a length of time.
    ///
    /// # Errors
    /// When it is not a whole number with one of the units `s m h d w`, or longer than 100 years.
    pub fn parse(field: &'static str, value: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new(field, value, DURATION_RULE);
        let unit = value.chars().next_back().ok_or_else(invalid)?;
        let digits = value.strip_suffix(unit).ok_or_else(invalid)?;
        let unit_seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(invalid()),
        };
        let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let n: i64 = if is_number { digits.parse().map_err(|_| invalid())? } else { return Err(invalid()) };
        let seconds = n.checked_mul(unit_seconds).filter(|seconds| *seconds <= Self::SECONDS_MAX);
        let seconds = seconds.ok_or_else(|| Invalid::new(field, value, "is longer than 100 years"))?;
        Ok(Self(SignedDuration::from_secs(seconds)))
    }

    /// So many of it; for constants.
    #[must_use]
    pub const fn times(self, n: i64) -> Self {
        Self(SignedDuration::from_secs(self.0.as_secs() * n))
    }

    /// The length that the database keeps, in milliseconds.
    pub fn from_ms(ms: i64) -> Self {
        Self(SignedDuration::from_millis(ms))
    }

    /// The length in milliseconds, as the database keeps it.
    pub fn as_ms(self) -> i64 {
        self.0.as_secs().saturating_mul(1000)
    }

    /// The length.
    pub fn duration(self) -> SignedDuration {
        self.0
    }

    /// The instant this long before `now`.
    pub fn before(self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.0).unwrap_or(Timestamp::MIN)
    }

    /// The instant this long after `now`.
    pub fn after(self, now: Timestamp) -> Timestamp {
        now.checked_add(self.0).unwrap_or(Timestamp::MAX)
    }
}

/// As it is read, in the longest of `d h m s` that gives a whole number.
impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
        let (unit_seconds, unit) =
            units.into_iter().find(|(length, _)| seconds % length == 0).unwrap_or((1, 's'));
        write!(f, "{}{unit}", seconds / unit_seconds)
    }
}

/// What it means for a new key that no date was given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WithoutDate {
    /// The project's longest lifetime, and no end where it has none.
    #[default]
    Longest,
    /// No end, which a project with a longest lifetime refuses.
    Never,
}

/// When a key ends that is made or changed now, in a project with this longest lifetime.
///
/// # Errors
/// When the end is in the past, or later than the project allows.
pub fn allowed_end(
    expires_at: Option<Timestamp>,
    without_date: WithoutDate,
    longest: Option<Span>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Invalid> {
    let last = longest.map(|longest| longest.after(now));
    match (expires_at, last) {
        (Some(at), _) if at <= now => {
            Err(Invalid::new("expires_at", &at.to_string(), "is in the past; a key must end later than now"))
        }
        (Some(at), Some(last)) if at > last => {
            Err(Invalid::new("expires_at", &at.to_string(), too_late(longest, last)))
        }
        (None, Some(last)) if without_date == WithoutDate::Never => {
            Err(Invalid::new("expires_at", "never", too_late(longest, last)))
        }
        (None, last) => Ok(last),
        (expires_at, _) => Ok(expires_at),
    }
}

fn too_late(longest: Option<Span>, last: Timestamp) -> String {
    let longest = longest.unwrap_or_default();
    format!("is later than the project allows; a key may live {longest} at most, until {last}")
}

/// Reads when a key ends; `None` is never.
///
/// # Errors
/// When it is none of the forms, or not after `now`.
pub fn parse_expiry(value: &str, now: Timestamp) -> Result<Option<Timestamp>, Invalid> {
    if value == "never" {
        return Ok(None);
    }
    let expires_at =
        read_instant(value, now).ok_or_else(|| Invalid::new("expires_at", value, EXPIRY_RULE))?;
    require_future(value, expires_at, now)?;
    Ok(Some(expires_at))
}

fn read_instant(value: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(span) = Span::parse("expires_at", value) {
        return Some(span.after(now));
    }
    if let Ok(at) = value.parse::<Timestamp>() {
        return Some(at);
    }
    let date: Date = (value.len() == 10).then(|| value.parse().ok()).flatten()?;
    let last_second = TimeZone::UTC.to_timestamp(date.at(23, 59, 59, 0)).ok()?;
    Some(last_second)
}

fn require_future(value: &str, expires_at: Timestamp, now: Timestamp) -> Result<(), Invalid> {
    if expires_at > now {
        return Ok(());
    }
    Err(Invalid::new("expires_at", value, "is in the past; a key must end later than now"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn every_form_is_read() {
        let read = |text: &str| parse_expiry(text, now()).unwrap().map(|at| at.to_string());
        assert_eq!(read("never"), None);
        assert_eq!(read("90d").unwrap(), "2027-02-22T12:00:00Z");
        assert_eq!(read("2026-11-24").unwrap(), "2026-11-24T23:59:59Z");
        assert_eq!(read("2027-01-31T12:00:00+01:00").unwrap(), "2027-01-31T11:00:00Z");
    }

    #[test]
    fn a_length_of_time_is_written_as_it_is_read() {
        for text in ["91d", "36h", "90m", "45s"] {
            assert_eq!(Span::parse("overlap", text).unwrap().to_string(), text);
        }
        assert_eq!(Span::parse("overlap", "48h").unwrap().to_string(), "2d");
    }

    #[test]
    fn the_past_and_nonsense_are_refused() {
        for text in
            ["2020-01-01", "0d", "", "soon", "90", "-1d", "1y", "2027-13-01", "99999999999999d", "1.5h"]
        {
            assert!(parse_expiry(text, now()).is_err(), "{text}");
        }
    }
}
