//! The pages of a project's accounts: the table, the form for a new one, off and on, deletion.

mod ask;
pub(crate) mod change;
pub(crate) mod list;
mod new;
