//! Nouns and their rules.
//!
//! Every type here that has a rule keeps its field private and is made by `parse`, so a value
//! that exists is a valid one. Nothing here reads a clock, a file or a random number, and nothing
//! knows how it is stored or shown.

pub mod account;
pub mod audit;
pub mod backup;
pub mod code;
pub mod expiry;
mod invalid;
pub mod key;
pub mod limit;
pub mod moment;
pub mod noted;
pub mod once;
pub mod outcome;
pub mod page;
pub mod principal;
pub mod project;
pub mod proxy;
pub mod revision;
pub mod route;
pub mod scope;
pub mod session;
pub mod text;
pub mod usage;
pub mod user;

pub use invalid::Invalid;
