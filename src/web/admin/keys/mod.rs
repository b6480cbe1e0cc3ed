//! The pages of a project's keys, along a key's life: list, create, shown once, one key, off, gone.

mod ask;
mod back;
pub(crate) mod bulk;
pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod edit;
mod ends;
pub(crate) mod explain;
pub(crate) mod first_use;
mod form;
pub(crate) mod list;
pub(crate) mod narrow;
mod new;
mod query;
mod row;
mod scopes;
pub(crate) mod show;
mod toast;
pub(crate) mod token;
mod used;

pub(crate) use row::{KeyRow, StatusWords};
pub(crate) use scopes::scopes_worth_a_look;
