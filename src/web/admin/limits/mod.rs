//! Limits on the pages: in words beside a key, and the form that sets those of a key or an account.

mod edit;
mod form;
mod words;

pub(crate) use edit::{ask_account, ask_key, set_account, set_key};
pub(crate) use words::{KeyLimits, LimitWords};
