//! Accounts at the boundary.

use jiff::Timestamp;

use super::Result;
use super::projects::ProjectSeq;
use crate::model::account::{Account, AccountFilter, AccountId, NewAccount};
use crate::model::page::{Page, PageAfter};

/// The engine's own number of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountSeq(pub i64);

/// Reading accounts.
pub trait AccountReads {
    /// The account of the project with this id or external id.
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_account(&self, project: ProjectSeq, reference: &str) -> Result<Option<Account>>;

    /// The accounts of the project that the filter lets through, newest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_accounts(
        &self,
        project: ProjectSeq,
        filter: &AccountFilter,
        page: &PageAfter,
    ) -> Result<Page<Account>>;
}

/// The order of accounts in a cursor.
pub const ACCOUNT_ORDER: char = 'a';

/// Changing accounts.
pub trait AccountWrites {
    /// Adds an account.
    ///
    /// # Errors
    /// [`super::StoreError::Taken`] when its external id is.
    fn insert_account(
        &mut self,
        project: ProjectSeq,
        id: &AccountId,
        new: &NewAccount,
        at: Timestamp,
    ) -> Result<()>;

    /// Replaces everything that may change about an account.
    ///
    /// # Errors
    /// [`super::StoreError::Taken`] when its external id is.
    fn update_account(&mut self, account: AccountSeq, update: &NewAccount) -> Result<()>;

    /// Takes an account away; it has no keys any more.
    ///
    /// # Errors
    /// When it still has some.
    fn delete_account(&mut self, account: AccountSeq) -> Result<()>;
}
