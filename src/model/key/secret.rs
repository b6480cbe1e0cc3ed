//! The secrets of a key, and how the old and the new one stand while a rotation overlaps.

use jiff::{SignedDuration, Timestamp};

use super::Key;
use crate::model::Invalid;
use crate::model::expiry::Span;

/// The longest time that a replaced secret may go on.
const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How long a replaced secret must not have been seen to be called safe to end, unless the
/// rotation named another time.
pub const QUIET: Span = Span::DAY;

/// When one secret of a key was made, ends, and was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretInfo {
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused; `None` while nothing replaced it.
    pub ends_at: Option<Timestamp>,
    /// When a request with it was last accepted.
    pub last_used_at: Option<Timestamp>,
    /// When a request last presented it, accepted or not.
    pub last_seen_at: Option<Timestamp>,
    /// The address of that request.
    pub last_seen_ip: Option<String>,
    /// How many requests have presented it since the rotation.
    pub n_seen: u64,
    /// It ends by itself once it was not seen for so long.
    pub quiet: Option<Span>,
}

/// What a rotation does with the secret that it replaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rotation {
    /// How long it goes on; no time at all ends it now.
    pub overlap: Span,
    /// It ends before that once it was not seen for so long.
    pub quiet: Option<Span>,
}

impl Rotation {
    /// Checks the two lengths of time.
    ///
    /// # Errors
    /// When the overlap is longer than 90 days, or nothing overlaps that could become quiet.
    pub fn checked(self) -> Result<Self, Invalid> {
        if self.overlap.duration() > OVERLAP_MAX {
            return Err(Invalid::new("overlap", &self.overlap.to_string(), "is longer than 90 days"));
        }
        match self.quiet {
            Some(quiet) if self.overlap == Span::default() => {
                let rule = "needs an overlap; without one the old secret ends now";
                Err(Invalid::new("end_when_quiet", &quiet.to_string(), rule))
            }
            Some(quiet) if quiet.duration() < SignedDuration::from_mins(1) => {
                Err(Invalid::new("end_when_quiet", &quiet.to_string(), "is shorter than a minute"))
            }
            _ => Ok(self),
        }
    }
}

impl From<Option<Span>> for Rotation {
    fn from(overlap: Option<Span>) -> Self {
        Self { overlap: overlap.unwrap_or_default(), quiet: None }
    }
}

/// The two live secrets of a key.
#[derive(Debug, Clone, Copy)]
pub struct Overlap<'a> {
    /// The one that stays.
    pub new: &'a SecretInfo,
    /// The one that ends.
    pub old: &'a SecretInfo,
}

impl Key {
    /// Both secrets, while two are live.
    pub fn overlap(&self) -> Option<Overlap<'_>> {
        match self.secrets.as_slice() {
            [new, old] => Some(Overlap { new, old }),
            _ => None,
        }
    }
}

impl Overlap<'_> {
    /// Since when nobody has presented the old secret, the rotation at the earliest.
    pub fn quiet_since(&self) -> Timestamp {
        self.old.last_seen_at.map_or(self.new.created_at, |seen| seen.max(self.new.created_at))
    }

    /// How long that must last until the old secret is called safe to end.
    pub fn quiet_needed(&self) -> Span {
        self.old.quiet.unwrap_or(QUIET)
    }

    /// Whether nobody has presented the old secret for long enough.
    pub fn is_safe_to_end(&self, now: Timestamp) -> bool {
        self.quiet_needed().after(self.quiet_since()) <= now
    }
}

/// Tells the newest secret what is known of its key alone: use of each secret is noted only while
/// there are two, and after the others ended every use of the key is one of the newest.
///
/// `secrets` are all of the key, the newest first; `used` is the key's last accepted request.
pub fn attribute(secrets: &mut [SecretInfo], used: Option<Timestamp>, ip: Option<&str>) {
    let Some((newest, older)) = secrets.split_first_mut() else { return };
    let others_end = older.iter().filter_map(|secret| secret.ends_at).max();
    let alone_since = others_end.map_or(newest.created_at, |end| end.max(newest.created_at));
    let Some(used) = used.filter(|used| *used >= alone_since) else { return };
    newest.last_used_at = Some(used);
    if newest.last_seen_at.is_none_or(|seen| seen <= used) {
        newest.last_seen_at = Some(used);
        newest.last_seen_ip = ip.map(str::to_owned);
    }
}
