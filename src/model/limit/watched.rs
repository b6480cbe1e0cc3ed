//! What limits that are only watched would have refused.

use jiff::Timestamp;

use crate::model::code::Code;

/// A limit that would have refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    /// The key's list of addresses.
    IpDenied,
    /// The key's rate limit.
    RateLimited,
    /// The rate limit that the account's keys share.
    AccountRateLimited,
    /// The key's quota.
    QuotaExceeded,
    /// The quota that the account's keys share.
    AccountQuotaExceeded,
}

impl Watched {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::IpDenied,
        Self::RateLimited,
        Self::AccountRateLimited,
        Self::QuotaExceeded,
        Self::AccountQuotaExceeded,
    ];

    /// Its name in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IpDenied => "ip_denied",
            Self::RateLimited => "rate_limited",
            Self::AccountRateLimited => "account_rate_limited",
            Self::QuotaExceeded => "quota_exceeded",
            Self::AccountQuotaExceeded => "account_quota_exceeded",
        }
    }

    /// Whether an account's keys share the limit.
    pub fn is_of_account(self) -> bool {
        matches!(self, Self::AccountRateLimited | Self::AccountQuotaExceeded)
    }

    /// The verdict that it leads to when it is enforced.
    pub fn code(self) -> Code {
        match self {
            Self::IpDenied => Code::IpDenied,
            Self::RateLimited | Self::AccountRateLimited => Code::RateLimited,
            Self::QuotaExceeded | Self::AccountQuotaExceeded => Code::QuotaExceeded,
        }
    }

    /// The one with this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|watched| watched.as_str() == name)
    }
}

/// How many requests of one hour a limit would have refused.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WatchedCount {
    /// The start of the hour.
    pub at: Timestamp,
    /// The limit.
    pub code: Watched,
    /// How often.
    pub count: u64,
}

/// How many requests a limit would have refused, all in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct WatchedTotal {
    /// The limit.
    pub code: Watched,
    /// How often.
    pub count: u64,
}
