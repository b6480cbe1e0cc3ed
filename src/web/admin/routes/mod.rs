//! A project's route rules: the table of them with a tester (`list`), adding and removing one
//! (`change`), and the configuration of a proxy that asks them (`proxy`).

pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod proxy;

use crate::model::scope::ScopeSet;

/// What a rule demands, in words.
fn needs(scopes: &ScopeSet) -> String {
    if scopes.is_empty() {
        "Any valid key passes.".to_owned()
    } else {
        format!("Needs {}.", scopes.to_text())
    }
}
