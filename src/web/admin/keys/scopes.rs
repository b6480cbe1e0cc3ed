//! A key's scopes in words, resource by resource, in the order of the catalogue.

use crate::model::scope::{Catalogue, Scope, ScopeSet};

/// What a set of scopes grants on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeWords {
    /// "Connectors".
    pub(crate) label: String,
    /// "Read + Write".
    pub(crate) actions: String,
    /// The scopes themselves, for example `connectors:read`.
    pub(crate) scopes: Vec<ScopeChip>,
    /// What the resource is.
    pub(crate) description: String,
}

/// One scope, and whether it deserves a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeChip {
    /// `resource:action`.
    pub(crate) scope: String,
    /// Whether it opens more than a person may expect.
    pub(crate) deserves_a_look: bool,
}

/// Tells each resource of which `scopes` holds something, in words.
pub(crate) fn in_words(scopes: &ScopeSet, catalogue: &Catalogue) -> Vec<ScopeWords> {
    let known = catalogue.resources.iter().filter_map(|resource| {
        let held: Vec<_> = resource.scopes.iter().filter(|detail| scopes.contains(&detail.scope)).collect();
        let actions: Vec<&str> = held.iter().map(|detail| detail.label.as_str()).collect();
        (!held.is_empty()).then(|| ScopeWords {
            label: resource.label.clone(),
            actions: actions.join(" + "),
            scopes: held.iter().map(|detail| chip(&detail.scope)).collect(),
            description: resource.description.clone(),
        })
    });
    let unknown = catalogue.unknown(scopes);
    let unknown = unknown.iter().map(|scope| ScopeWords {
        label: scope.resource().to_owned(),
        actions: scope.action().to_owned(),
        scopes: vec![chip(scope)],
        description: "No longer in the catalogue.".to_owned(),
    });
    known.chain(unknown).collect()
}

/// Those of `scopes` that a row of the table points out.
pub(crate) fn worth_a_look(scopes: &ScopeSet) -> Vec<String> {
    scopes.iter().filter(|scope| deserves_a_look(scope)).map(Scope::to_string).collect()
}

/// Those of the catalogue that are worth a look.
pub(crate) fn scopes_worth_a_look(catalogue: &Catalogue) -> Vec<Scope> {
    let all = catalogue.scopes().map(|detail| &detail.scope);
    all.filter(|scope| deserves_a_look(scope)).cloned().collect()
}

fn chip(scope: &Scope) -> ScopeChip {
    ScopeChip { scope: scope.to_string(), deserves_a_look: deserves_a_look(scope) }
}

/// Stored credentials leave the platform with the first; the second makes more keys.
fn deserves_a_look(scope: &Scope) -> bool {
    scope.resource() == "credentials" || scope.as_str() == "keys:write"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_told_in_the_catalogues_order_and_unknown_ones_last() {
        let scopes =
            ScopeSet::parse(["gone:do", "keys:write", "connectors:write", "connectors:read"]).unwrap();
        let words = in_words(&scopes, &Catalogue::example());
        let told: Vec<_> = words.iter().map(|word| (word.label.as_str(), word.actions.as_str())).collect();
        assert_eq!(told, [("Connectors", "Read + Write"), ("Key management", "Write"), ("gone", "do")]);
        assert_eq!(worth_a_look(&scopes), ["keys:write"]);
    }
}
