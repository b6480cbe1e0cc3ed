//! Use cases for counts of use: of a key, of an account's keys together, and folding old hours into
//! days.

use std::net::IpAddr;
use std::sync::PoisonError;

use ipnet::IpNet;
use jiff::Timestamp;

use super::accounts::require_account;
use super::keys::{find_project, require_key};
use super::permission::require;
use super::{App, Permission, Result};
use crate::model::key::KeyRef;
use crate::model::limit::WatchedTotal;
use crate::model::page::{Page, PageAfter, PageRequest};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::usage::{Hour, Retention, UsageCount, UsageRange};
use crate::store::accounts::AccountSeq;
use crate::store::keys::KeySeq;
use crate::store::usage::{Fold, FoldPlace, UsageOwner};

/// About how many rows one step of folding writes, so that nobody else waits long for the lock.
const ROWS_MAX: usize = 1_000;
/// How much of an address tells the network that it is in.
const IPV4_BITS: u8 = 24;
const IPV6_BITS: u8 = 48;

/// How often a key was used, and from where last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageOfKey {
    /// Counts, oldest first.
    pub counts: Page<UsageCount>,
    /// When it was last accepted.
    pub last_used_at: Option<Timestamp>,
    /// The network of the address from where it was last accepted.
    pub last_used_network: Option<IpNet>,
    /// What limits that are only watched would have refused in the whole range.
    pub would_refuse: Vec<WatchedTotal>,
}

/// How often an account's keys were used together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageOfAccount {
    /// Counts, oldest first.
    pub counts: Page<UsageCount>,
    /// What limits that are only watched would have refused in the whole range: the account's, and those
    /// of its keys.
    pub would_refuse: Vec<WatchedTotal>,
}

/// How far folding has come.
#[derive(Debug, Default)]
pub(super) struct Folding {
    /// Hours before this one are folded everywhere.
    done: Option<Hour>,
    /// Hours before this one are being folded, and this is the place.
    under_way: Option<(Hour, FoldPlace)>,
}

impl App {
    /// A key's counts by verdict and hour or day.
    ///
    /// # Errors
    /// When there is no such key, `who` may not see it, or the cursor is not one of this list.
    pub fn key_usage(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        range: &UsageRange,
        page: &PageRequest,
    ) -> Result<UsageOfKey> {
        require(who, Permission::ReadKeys, project)?;
        let page = PageAfter::new(page, range.step.letter())?;
        self.flush_usage()?;
        let tx = self.read()?;
        let key = require_key(&*tx, who, find_project(&*tx, project)?, key)?;
        let owner = UsageOwner::Key(KeySeq(key.seq));
        let counts = tx.list_usage(owner, range, &page)?;
        let would_refuse = tx.sum_watched(owner, range.from, range.to)?;
        let ip = key.last_used_ip.as_deref().and_then(|ip| ip.parse().ok());
        let last_used_network = ip.and_then(network);
        Ok(UsageOfKey { counts, last_used_at: key.last_used_at, last_used_network, would_refuse })
    }

    /// The counts of an account's keys together: each use counts for the account that its key belonged
    /// to at the time, also when the key is gone.
    ///
    /// # Errors
    /// When there is no such account, `who` may not see it or keys, or the cursor is not one of this list.
    pub fn account_usage(
        &self,
        who: &Principal,
        project: &ProjectName,
        account: &str,
        range: &UsageRange,
        page: &PageRequest,
    ) -> Result<UsageOfAccount> {
        require(who, Permission::ReadAccounts, project)?;
        require(who, Permission::ReadKeys, project)?;
        let page = PageAfter::new(page, range.step.letter())?;
        self.flush_usage()?;
        let tx = self.read()?;
        let account = require_account(&*tx, who, find_project(&*tx, project)?, account)?;
        let owner = UsageOwner::Account(AccountSeq(account.seq));
        let would_refuse = tx.sum_watched(owner, range.from, range.to)?;
        Ok(UsageOfAccount { counts: tx.list_usage(owner, range, &page)?, would_refuse })
    }

    /// Takes one bounded step of folding hours that are older than `keep` says into days, and forgets
    /// days that are; answers whether another one is due. A server does this beside its requests.
    ///
    /// # Errors
    /// When it could not be written; the next step begins at the same place.
    pub fn fold_usage(&self, keep: &Retention) -> Result<bool> {
        let mut folding = self.folding.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.time.for_deletions();
        let start = (keep.hours_before(now), FoldPlace::START);
        let (hours_before, place) = folding.under_way.unwrap_or(start);
        if folding.done == Some(hours_before) {
            return Ok(false);
        }
        let fold = Fold { place, hours_before, days_before: keep.days_before(now), rows_max: ROWS_MAX };
        let mut tx = self.store.write_alone()?;
        let folded = tx.fold_usage(&fold)?;
        if folded.n_rows > 0 {
            tx.commit()?;
        }
        folding.under_way = folded.next.map(|place| (hours_before, place));
        if folding.under_way.is_none() {
            folding.done = Some(hours_before);
        }
        Ok(folding.under_way.is_some())
    }
}

pub(super) fn network(ip: IpAddr) -> Option<IpNet> {
    let bits = if ip.is_ipv4() { IPV4_BITS } else { IPV6_BITS };
    IpNet::new(ip, bits).ok().map(|network| network.trunc())
}
