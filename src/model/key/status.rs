//! What a key is at the moment, which follows from its fields and the time.
//!
//! Each question is asked in one place: a key's status and a verification's checks put them
//! together.

use jiff::Timestamp;

use super::{Invalid, KeyFacts};
use crate::model::code::Code;

/// What a key is at the moment, derived from its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// It works.
    Active,
    /// It is switched off.
    Disabled,
    /// Its date has passed.
    Expired,
    /// Its account is switched off.
    AccountDisabled,
}

impl KeyStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Disabled, Self::Expired, Self::AccountDisabled];

    /// Its name in JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::AccountDisabled => "account_disabled",
        }
    }

    /// Reads a status.
    ///
    /// # Errors
    /// When it is none of the four.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let rule = "is not `active`, `disabled`, `expired` or `account_disabled`";
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == value)
            .ok_or_else(|| Invalid::new("status", value, rule))
    }

    /// The verdict that this status leads to, `None` for an active key.
    pub fn refusal(self) -> Option<Code> {
        match self {
            Self::Active => None,
            Self::Disabled => Some(Code::Disabled),
            Self::Expired => Some(Code::Expired),
            Self::AccountDisabled => Some(Code::AccountDisabled),
        }
    }
}

impl KeyFacts {
    /// What the key is at `now`, in the order of the contract's verdicts.
    pub fn status(&self, now: Timestamp) -> KeyStatus {
        if !self.enabled {
            KeyStatus::Disabled
        } else if self.is_account_disabled() {
            KeyStatus::AccountDisabled
        } else if self.has_expired(now) {
            KeyStatus::Expired
        } else {
            KeyStatus::Active
        }
    }

    /// Whether it belongs to an account that is switched off.
    pub fn is_account_disabled(&self) -> bool {
        self.account.as_ref().is_some_and(|account| !account.enabled)
    }

    /// Whether its date has passed.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}
