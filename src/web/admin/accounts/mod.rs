//! The pages of a project's accounts: the table, the form for a new one, off and on, deletion.

mod ask;
pub(crate) mod change;
pub(crate) mod list;
mod new;
pub(crate) mod show;

/// The value of the field `back` that leads to the account's page; no query of the table looks like it.
const BACK_TO_ACCOUNT: &str = "account";
