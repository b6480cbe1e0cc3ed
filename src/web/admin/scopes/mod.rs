//! The catalogue of a project: what there is and who uses it (`list`), and the form for one scope,
//! new or known (`form`, `change`), and for one preset (`preset_form`, `preset`).

pub(crate) mod change;
mod form;
pub(crate) mod list;
pub(crate) mod preset;
mod preset_form;
