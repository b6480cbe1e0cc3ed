//! The pages of a project's accounts: the table, the form for a new one, off and on.

pub(crate) mod list;
pub(crate) mod new;
