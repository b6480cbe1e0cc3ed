//! Scopes: one permission each, and sets of them.
//!
//! An action never implies another: `connectors:write` does not grant `connectors:read`. The
//! list of scopes that a project offers is the catalogue (`catalogue`).

use std::sync::Arc;

use super::Invalid;

pub mod catalogue;
mod holders;
mod preset;

pub use catalogue::{Catalogue, Level, Resource, ScopeDetail, Summary};
pub use holders::Holders;
pub use preset::{Preset, PresetName, PresetScope};

const PART_CHARS_MAX: usize = 32;

/// One permission, `resource:action`; each part 1–32 characters `[a-z0-9_-]`, first a letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Scope(String);

impl Scope {
    /// Reads a scope.
    ///
    /// # Errors
    /// When it is not `resource:action`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        match value.split_once(':') {
            Some((resource, action)) if is_part(resource) && is_part(action) => Ok(Self(value.to_owned())),
            _ => Err(Invalid::new("scope", value, "is not `resource:action`, for example `actions:execute`")),
        }
    }

    /// The whole scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the colon.
    pub fn resource(&self) -> &str {
        self.0.split_once(':').map_or("", |(resource, _)| resource)
    }

    /// The part after the colon.
    pub fn action(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, action)| action)
    }
}

fn is_part(part: &str) -> bool {
    (1..=PART_CHARS_MAX).contains(&part.len())
        && part.starts_with(|c: char| c.is_ascii_lowercase())
        && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of at most [`ScopeSet::MAX`] scopes, sorted, each once. A clone shares its memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(Arc<[Scope]>);

impl serde::Serialize for ScopeSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl ScopeSet {
    /// The most scopes that a key may hold.
    pub const MAX: usize = 256;

    /// Makes a set; order and repetition do not matter.
    ///
    /// # Errors
    /// When there are more than 256.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Result<Self, Invalid> {
        let set = Self::from_iter(scopes);
        if set.0.len() > Self::MAX {
            let n = set.0.len().to_string();
            return Err(Invalid::new(
                "scopes",
                &n,
                format!("are more than the {} that a key may hold", Self::MAX),
            ));
        }
        Ok(set)
    }

    /// Reads each of `values`.
    ///
    /// # Errors
    /// As [`Scope::parse`] and [`ScopeSet::new`].
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        let scopes: Vec<Scope> = values.into_iter().map(Scope::parse).collect::<Result<_, _>>()?;
        Self::new(scopes)
    }

    /// Whether the set has this scope.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.binary_search(scope).is_ok()
    }

    /// Where this scope stands in the order, if the set has it.
    pub fn position(&self, scope: &Scope) -> Option<usize> {
        self.0.binary_search(scope).ok()
    }

    /// Whether the set has all of these.
    pub fn contains_all<'a>(&self, wanted: impl IntoIterator<Item = &'a Scope>) -> bool {
        wanted.into_iter().all(|scope| self.contains(scope))
    }

    /// Those of `wanted` that this set lacks.
    #[must_use]
    pub fn missing<'a>(&self, wanted: impl IntoIterator<Item = &'a Scope>) -> Self {
        wanted.into_iter().filter(|scope| !self.contains(scope)).cloned().collect()
    }

    /// The scopes in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in order, with a space between two.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.iter().map(|scope| scope.0.len() + 1).sum());
        for scope in self {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&scope.0);
        }
        text
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes.into())
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_resource_and_action() {
        let scope = Scope::parse("connectors:read").unwrap();
        assert_eq!((scope.resource(), scope.action()), ("connectors", "read"));
        for bad in ["", "read", "a:", ":b", "A:b", "a:b:c", "a b:c", "1a:b"] {
            assert!(Scope::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_set_ignores_order_and_repetition() {
        let set = ScopeSet::parse(["b:x", "a:x", "b:x"]).unwrap();
        assert_eq!(set.to_text(), "a:x b:x");
        let wanted = ScopeSet::parse(["a:x", "c:x"]).unwrap();
        assert_eq!(set.missing(&wanted).to_text(), "c:x");
    }
}
