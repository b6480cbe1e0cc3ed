//! A time in the past, as people write it: a time, a day, or how long ago.
//!
//! A day means its start, or its end where something lasts until then; days are days in UTC.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Invalid;
use super::expiry::Span;

const RULE: &str =
    "is not a time such as `2026-11-24T12:00:00Z`, a day such as `2026-11-24` or how long ago, such as `24h`";

/// Which end of a stretch of time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Where it starts.
    From,
    /// Where it ends, not included; a day that is named is.
    To,
}

impl Edge {
    /// Reads a moment.
    ///
    /// # Errors
    /// When it is none of the three forms.
    pub fn parse(self, field: &'static str, value: &str, now: Timestamp) -> Result<Timestamp, Invalid> {
        let span = || Span::parse(field, value).ok().map(|span| span.before(now));
        let found = value.parse::<Timestamp>().ok().or_else(|| self.day(value)).or_else(span);
        found.ok_or_else(|| Invalid::new(field, value, RULE))
    }

    fn day(self, value: &str) -> Option<Timestamp> {
        let date: Date = (value.len() == 10).then(|| value.parse().ok()).flatten()?;
        let day = match self {
            Self::From => date,
            Self::To => date.tomorrow().ok()?,
        };
        TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_nonsense_is_not() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let read = |edge: Edge, text: &str| edge.parse("from", text, now).unwrap().to_string();
        assert_eq!(read(Edge::From, "2026-11-20"), "2026-11-20T00:00:00Z");
        assert_eq!(read(Edge::To, "2026-11-20"), "2026-11-21T00:00:00Z");
        for edge in [Edge::From, Edge::To] {
            assert_eq!(read(edge, "24h"), "2026-11-23T12:00:00Z");
            assert_eq!(read(edge, "2026-11-20T10:00:00+01:00"), "2026-11-20T09:00:00Z");
            for bad in ["", "yesterday", "2026-13-01", "24", "9999-12-31T"] {
                assert!(edge.parse("from", bad, now).is_err(), "{bad}");
            }
        }
    }
}
