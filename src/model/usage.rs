//! Usage: how often a key was presented, with which verdict, and when last.
//!
//! Counted by hour. A batch is what gathered in memory since the last flush (`app::usage`).

use std::net::IpAddr;

use jiff::Timestamp;

use super::code::Code;
use super::key::KeyId;
use super::limit::Watched;

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

/// What gathered for all keys since the last flush.
pub type UsageBatch = Vec<(KeyId, KeyUsage)>;

/// One count as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UsageCount {
    /// The start of the hour.
    pub at: Timestamp,
    /// The verdict.
    pub code: Code,
    /// How often.
    pub count: u64,
}
