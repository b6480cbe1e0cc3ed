//! Presets: named choices of scopes that a new key can start from.
//!
//! *Defaults* and *None* are derived from the catalogue, so no stored preset may have their names.

use super::{Scope, ScopeSet};
use crate::model::Invalid;

/// A preset's name, as in `--preset`: 1–32 characters `[a-z0-9-]`, starting with a letter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct PresetName(String);

impl PresetName {
    /// The names of what is derived.
    pub const DERIVED: [&'static str; 2] = ["defaults", "none"];

    /// Reads a preset's name.
    ///
    /// # Errors
    /// When it is not 1–32 characters of `[a-z0-9-]` that start with a letter, or is derived.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let fits = (1..=32).contains(&value.len())
            && value.starts_with(|c: char| c.is_ascii_lowercase())
            && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            let rule = "is not 1 to 32 of `a-z`, `0-9` and `-`, starting with a letter";
            return Err(Invalid::new("name", value, rule));
        }
        if Self::DERIVED.contains(&value) {
            return Err(Invalid::new("name", value, "is the name of a preset that always exists"));
        }
        Ok(Self(value.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The label of a preset that was given none: "Ai agent" for `ai-agent`.
    pub fn in_words(&self) -> String {
        let mut chars = self.0.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(chars.map(|c| if c == '-' { ' ' } else { c })).collect()
    }
}

impl std::fmt::Display for PresetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A named choice of scopes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Preset {
    /// As in `--preset`, for example `ai-agent`.
    pub name: PresetName,
    /// For example "AI agent".
    pub label: String,
    /// What it grants.
    pub scopes: Vec<PresetScope>,
}

/// One scope of a preset and why it is there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PresetScope {
    /// The scope.
    pub scope: Scope,
    /// A sentence, or empty.
    pub reason: String,
}

impl Preset {
    /// What it grants.
    pub fn scope_set(&self) -> ScopeSet {
        self.scopes.iter().map(|entry| entry.scope.clone()).collect()
    }

    /// Whether it grants this scope.
    pub fn has(&self, scope: &Scope) -> bool {
        self.scopes.iter().any(|entry| entry.scope == *scope)
    }

    /// Why the preset has a scope of this resource; empty where it has none.
    pub fn reason_for(&self, resource: &str) -> &str {
        let entry = self.scopes.iter().find(|entry| entry.scope.resource() == resource);
        entry.map_or("", |entry| &entry.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_none_that_is_derived() {
        assert_eq!(PresetName::parse("ci-runner2").unwrap().in_words(), "Ci runner2");
        for bad in ["", "2nd", "-a", "AI agent", "é", "none", "defaults", &"a".repeat(33)] {
            assert!(PresetName::parse(bad).is_err(), "{bad}");
        }
    }
}
