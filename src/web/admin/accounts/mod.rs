//! The pages of a project's accounts: the table, the form for a new one, off and on.

pub(crate) mod change;
pub(crate) mod list;
mod new;
