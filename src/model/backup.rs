//! The name of a backup that keysrv keeps: when it was made, to the millisecond, so that names sort
//! by time and none says anything else.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const START: &str = "keysrv-";
const END: &str = "Z.db";
const SECONDS: &str = "%Y%m%dT%H%M%S";

/// A name such as `keysrv-20261124T120000123Z.db`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackupName {
    text: String,
    at: Timestamp,
}

impl BackupName {
    /// The name of a backup that is made at this time.
    pub fn of(at: Timestamp) -> Self {
        let millisecond = at.as_millisecond().rem_euclid(1000);
        let text = format!("{START}{}{millisecond:03}{END}", at.strftime(SECONDS));
        Self { text, at }
    }

    /// Reads a name; `None` for that of anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(START)?.strip_suffix(END)?;
        let (seconds, millisecond) = digits.split_at_checked(15)?;
        let at = TimeZone::UTC.to_timestamp(DateTime::strptime(SECONDS, seconds).ok()?).ok()?;
        let at = at.checked_add(SignedDuration::from_millis(millisecond.parse().ok()?)).ok()?;
        // Whatever can be written in a second way is no name.
        Some(Self::of(at)).filter(|name| name.text == text)
    }

    /// When it was made.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_when_and_leads_nowhere_else() {
        let at: Timestamp = "2026-11-24T12:00:00.007Z".parse().unwrap();
        let name = BackupName::of(at);
        assert_eq!(name.as_str(), "keysrv-20261124T120000007Z.db");
        assert_eq!(BackupName::parse(name.as_str()), Some(name));
        for other in [
            "",
            "keysrv.db",
            "keysrv-20261124T120000Z.db",
            "keysrv-20261124T120000007Z.db/",
            "keysrv-20261124T120000+07Z.db",
            "keysrv-20261324T120000007Z.db",
            "keysrv-../../../../../etcZ.db",
            "Keysrv-20261124T120000007Z.db",
        ] {
            assert_eq!(BackupName::parse(other), None, "{other}");
        }
    }
}
