//! The time zone in which a project's days and months begin.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::Period;
use crate::model::Invalid;

/// A time zone by its name, such as `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of a project that chose none.
    pub const DEFAULT: &'static str = "UTC";

    /// Reads the name of a zone of the IANA database, which is part of the program.
    ///
    /// # Errors
    /// When there is none by this name.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        if value == Self::DEFAULT {
            return Ok(Self::default());
        }
        let zone = TimeZone::get(value).ok().filter(|zone| zone.iana_name().is_some());
        zone.map(Self).ok_or_else(|| {
            Invalid::new("timezone", value, "is not a time zone such as `UTC` or `Europe/Berlin`")
        })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.iana_name().unwrap_or(Self::DEFAULT)
    }

    /// The day or month in which an instant lies.
    pub fn window(&self, per: Period, at: Timestamp) -> Window {
        let date = self.0.to_datetime(at).date();
        let (first, next) = match per {
            Period::Day => (date, date.checked_add(1.day())),
            Period::Month => (date.first_of_month(), date.first_of_month().checked_add(1.month())),
        };
        // Compatible: where the clock skips midnight, the day begins with the first instant that it has.
        let start = |date: Date| self.0.to_timestamp(date.at(0, 0, 0, 0));
        Window {
            label: first.to_string(),
            starts_at: start(first).unwrap_or(Timestamp::MIN),
            ends_at: next.and_then(start).unwrap_or(Timestamp::MAX),
        }
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One calendar day or month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its first day, which names it.
    pub label: String,
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant of the next.
    pub ends_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(zone: &str, per: Period, at: &str) -> (String, String, String) {
        let window = Zone::parse(zone).unwrap().window(per, at.parse().unwrap());
        (window.label, window.starts_at.to_string(), window.ends_at.to_string())
    }

    fn expect(label: &str, starts_at: &str, ends_at: &str) -> (String, String, String) {
        (label.to_owned(), starts_at.to_owned(), ends_at.to_owned())
    }

    #[test]
    fn days_and_months_begin_in_the_zone() {
        assert_eq!(
            window("UTC", Period::Day, "2026-11-24T23:59:59Z"),
            expect("2026-11-24", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")
        );
        assert_eq!(
            window("Europe/Berlin", Period::Day, "2026-11-24T23:30:00Z"),
            expect("2026-11-25", "2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z")
        );
        assert_eq!(
            window("America/New_York", Period::Month, "2026-12-01T04:00:00Z"),
            expect("2026-11-01", "2026-11-01T04:00:00Z", "2026-12-01T05:00:00Z")
        );
    }

    #[test]
    fn a_day_has_the_hours_that_it_has() {
        let (_, starts_at, ends_at) = window("Europe/Berlin", Period::Day, "2026-03-29T12:00:00Z");
        assert_eq!((starts_at.as_str(), ends_at.as_str()), ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
        // In Asuncion the clock went from 23:59:59 to 01:00 there.
        let (label, starts_at, _) = window("America/Asuncion", Period::Day, "2023-10-01T12:00:00Z");
        assert_eq!((label.as_str(), starts_at.as_str()), ("2023-10-01", "2023-10-01T04:00:00Z"));
    }

    #[test]
    fn only_names_of_the_database_are_zones() {
        assert_eq!(Zone::parse("Europe/Berlin").unwrap().as_str(), "Europe/Berlin");
        assert_eq!(Zone::parse("UTC").unwrap(), Zone::default());
        for name in ["", "Europe/Nowhere", "+02:00", "CET-1CEST", "../etc/passwd"] {
            assert_eq!(Zone::parse(name).unwrap_err().field(), "timezone", "{name}");
        }
    }
}
