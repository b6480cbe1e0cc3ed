//! The pages of a project's keys, along a key's life: list, create, shown once, one key, off, gone.

mod ask;
mod back;
pub(crate) mod bulk;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod edit;
mod ends;
pub(crate) mod explain;
mod form;
pub(crate) mod list;
mod new;
mod query;
mod row;
mod scopes;
pub(crate) mod show;
mod toast;
pub(crate) mod token;
mod used;
