//! The pages of a project's keys, along a key's life: list, create, shown once, one key, off, gone.

pub(crate) mod ask;
pub(crate) mod create;
pub(crate) mod form;
pub(crate) mod list;
pub(crate) mod query;
pub(crate) mod row;
pub(crate) mod scopes;
pub(crate) mod show;
pub(crate) mod token;
pub(crate) mod used;
