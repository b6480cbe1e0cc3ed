//! Accounts at the boundary.

use jiff::Timestamp;

use super::Result;
use super::projects::ProjectSeq;
use crate::model::account::{Account, AccountFilter, AccountId, NewAccount};
use crate::model::page::{Page, PageRequest};

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
        page: &AccountPage,
    ) -> Result<Page<Account>>;
}

/// Which page of accounts: how many, after which number.
pub type AccountPage = PageAfter;

/// A page whose cursor has been read.
#[derive(Debug, Clone)]
pub struct PageAfter {
    /// How many rows.
    pub limit: crate::model::page::Limit,
    /// The place after which it starts.
    pub after: Option<crate::model::page::Cursor>,
}

impl PageAfter {
    /// Reads the cursor of a request for a list in this order.
    ///
    /// # Errors
    /// When the cursor is not one of this list.
    pub fn new(request: &PageRequest, order: char) -> std::result::Result<Self, crate::model::Invalid> {
        Ok(Self { limit: request.limit, after: request.after(order)? })
    }
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
