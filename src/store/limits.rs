//! Limits at the boundary: changing them, and what has been used of quotas.

use jiff::Timestamp;

use super::Result;
use super::accounts::AccountSeq;
use super::keys::KeySeq;
use super::usage::UsageOwner;
use crate::model::account::AccountId;
use crate::model::key::KeyId;
use crate::model::limit::{Limits, WatchedCount, WatchedTotal};
use crate::model::usage::Hour;

/// Whose limit it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LimitOwner {
    /// A key.
    Key(KeyId),
    /// An account, whose keys share it.
    Account(AccountId),
}

/// Which count of a quota: one that is not of this instant and period is another count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaCount {
    /// Whose quota.
    pub owner: LimitOwner,
    /// Since when it counts ([`Limits::quota_since`]).
    pub since: Timestamp,
    /// The day or month (`model::limit::Window::label`).
    pub period: String,
}

/// Reading limits.
pub trait LimitReads {
    /// How much of a quota has been used; 0 where nothing was counted.
    ///
    /// # Errors
    /// When it cannot be read.
    fn quota_used(&self, count: &QuotaCount) -> Result<u64>;

    /// What a key's watched limits would have refused, by hour, from `from` (included) to `to`
    /// (excluded), in order.
    ///
    /// # Errors
    /// When it cannot be read.
    fn list_watched(&self, key: KeySeq, from: Hour, to: Hour) -> Result<Vec<WatchedCount>>;

    /// What the watched limits of a key, or of an account and its keys, would have refused all in all in
    /// these hours; those that would have refused nothing are left out.
    ///
    /// # Errors
    /// When it cannot be read.
    fn sum_watched(&self, owner: UsageOwner, from: Hour, to: Hour) -> Result<Vec<WatchedTotal>>;
}

/// Changing limits.
pub trait LimitWrites {
    /// Replaces the limits of a key.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_key_limits(&mut self, key: KeySeq, limits: &Limits) -> Result<()>;

    /// Replaces the limits that an account's keys share.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_account_limits(&mut self, account: AccountSeq, limits: &Limits) -> Result<()>;
}
