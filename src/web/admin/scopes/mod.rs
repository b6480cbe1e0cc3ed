//! The catalogue of a project: what there is and who uses it (`list`), and the form for one scope,
//! new or known (`form`, `change`).

pub(crate) mod change;
mod form;
pub(crate) mod list;
