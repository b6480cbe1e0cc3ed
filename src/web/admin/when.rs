//! Instants and numbers in words: "2 minutes ago" with the exact time beside it, "100 000".
//!
//! The script renews the relative words while a page stays open, by the same steps.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Joins the groups of a number without letting a line end between them.
const GROUP_SEPARATOR: char = '\u{202f}';

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// An instant as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    /// RFC 3339, for `datetime`.
    pub(crate) machine: String,
    /// With seconds and zone, shown on hover.
    pub(crate) exact: String,
    /// "2 minutes ago".
    pub(crate) relative: String,
    /// "3 Sep 2026".
    pub(crate) day: String,
}

impl When {
    /// Words for `at` as seen at `now`.
    pub(crate) fn new(at: Timestamp, now: Timestamp) -> Self {
        let civil = TimeZone::UTC.to_datetime(at);
        Self {
            machine: at.to_string(),
            exact: civil.strftime("%-d %b %Y, %H:%M:%S UTC").to_string(),
            relative: relative(at.as_second() - now.as_second()),
            day: civil.strftime("%-d %b %Y").to_string(),
        }
    }
}

/// "2 minutes ago" for -120 seconds, "in 6 days" for 518 400.
fn relative(seconds: i64) -> String {
    let ago = seconds.abs();
    let words = match ago {
        0..45 => return "just now".to_owned(),
        _ if ago < HOUR => count(ago, MINUTE, "minute"),
        _ if ago < DAY => count(ago, HOUR, "hour"),
        _ if ago < 2 * DAY && seconds < 0 => return "yesterday".to_owned(),
        _ if ago < 14 * DAY => count(ago, DAY, "day"),
        _ if ago < 60 * DAY => count(ago, 7 * DAY, "week"),
        _ if ago < 730 * DAY => count(ago, 30 * DAY, "month"),
        _ => count(ago, 365 * DAY, "year"),
    };
    if seconds < 0 { format!("{words} ago") } else { format!("in {words}") }
}

fn count(seconds: i64, unit: i64, name: &str) -> String {
    let n = (seconds / unit).max(1);
    format!("{n} {name}{}", if n == 1 { "" } else { "s" })
}

/// A number with its thousands apart.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(GROUP_SEPARATOR);
        }
        text.push(digit);
    }
    text
}

/// "1 key", "100 000 keys".
pub(crate) fn counted(n: u64, one: &str) -> String {
    format!("{} {one}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// A size, such as "812 kB" or "1.4 MB".
pub(crate) fn sized(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return counted(bytes, "byte");
    };
    let tenths = bytes * 10 / unit;
    if tenths >= 100 {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_largest_fitting_unit() {
        let words = [
            (0, "just now"),
            (-44, "just now"),
            (-45, "1 minute ago"),
            (-119, "1 minute ago"),
            (-3 * HOUR, "3 hours ago"),
            (-DAY, "yesterday"),
            (-5 * DAY, "5 days ago"),
            (-120 * DAY, "4 months ago"),
            (-800 * DAY, "2 years ago"),
            (6 * DAY, "in 6 days"),
            (DAY, "in 1 day"),
            (21 * DAY, "in 3 weeks"),
        ];
        for (seconds, expected) in words {
            assert_eq!(relative(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn the_exact_time_stands_beside_it() {
        let at: Timestamp = "2026-09-03T08:07:06Z".parse().unwrap();
        let when = When::new(at, at);
        assert_eq!((when.exact.as_str(), when.day.as_str()), ("3 Sep 2026, 08:07:06 UTC", "3 Sep 2026"));
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(counted(1, "key"), "1 key");
        assert_eq!(counted(0, "key"), "0 keys");
    }
}
