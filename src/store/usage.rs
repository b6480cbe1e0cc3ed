//! Counts of use at the boundary; writing them is [`super::Store::write_usage`] and `note_usage`.

use super::Result;
use super::accounts::AccountSeq;
use super::keys::KeySeq;
use crate::model::page::{Page, PageAfter};
use crate::model::usage::{Hour, KeyUsage, UsageCount, UsageRange};

/// What gathered in memory for all keys since the last flush (`app::usage`).
pub type UsageBatch = Vec<(KeySeq, KeyUsage)>;

/// Whose uses are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsageOwner {
    /// A key.
    Key(KeySeq),
    /// An account, whose keys count together; what they counted stays with it when they go.
    Account(AccountSeq),
}

/// Which of the noted uses are added to the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// All.
    All,
    /// Those of one in 31 keys; the numbers of the shares repeat.
    Share(u64),
}

/// Reading counts.
pub trait UsageReads {
    /// Counts by hour or day and verdict, oldest first.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_usage(&self, owner: UsageOwner, range: &UsageRange, page: &PageAfter)
    -> Result<Page<UsageCount>>;
}

/// Folding old hours into days.
pub trait UsageWrites {
    /// Folds a bounded number of old hours into days, and forgets old days. Sums stay what they are.
    ///
    /// # Errors
    /// When it cannot be written.
    fn fold_usage(&mut self, fold: &Fold) -> Result<Folded>;
}

/// What is folded, from where on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// Where to begin.
    pub place: FoldPlace,
    /// Hours before this one are folded; the first of a day.
    pub hours_before: Hour,
    /// Days before the one of this hour are forgotten.
    pub days_before: Hour,
    /// About how many rows are folded at most; a day of one owner is folded whole.
    pub rows_max: usize,
}

/// A place between two owners of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoldPlace {
    /// After the key with this number; accounts follow after all keys.
    Keys(i64),
    /// After the account with this number; projects follow after all accounts.
    Accounts(i64),
    /// After the project with this number.
    Projects(i64),
}

impl FoldPlace {
    /// Before all of them.
    pub const START: Self = Self::Keys(0);
}

/// What one step of folding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// How many rows it took away; with none there is nothing to keep.
    pub n_rows: usize,
    /// Where to go on; `None` when all is done.
    pub next: Option<FoldPlace>,
}
