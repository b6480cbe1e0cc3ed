//! What many keys have in common, read once and in memory once: most hold one of few sets of scopes, in one
//! of few projects.
//!
//! A verification compares both. With a thousand keys in turn their own copies would be a dozen places in
//! memory that the keys before have pushed out of the nearest cache; one copy stays there. And a key that is
//! looked up for the first time has nothing to parse: what is known goes by its text as the database keeps it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::Invalid;
use crate::model::project::{Prefix, ProjectName};
use crate::model::scope::ScopeSet;

/// So many kinds are known; then all are forgotten, and the next keys begin anew.
const KINDS_MAX: usize = 1_000;

/// See the module.
#[derive(Default)]
pub(super) struct Shared {
    scopes: Kinds<ScopeSet>,
    projects: Kinds<ProjectName>,
    prefixes: Kinds<Prefix>,
}

impl Shared {
    /// Scopes with a space between two.
    pub(super) fn scopes(&self, text: &str) -> Result<ScopeSet, Invalid> {
        self.scopes.get(text, |text| ScopeSet::parse(text.split_ascii_whitespace()))
    }

    /// What a token starts with.
    pub(super) fn prefix(&self, text: &str) -> Result<Prefix, Invalid> {
        self.prefixes.get(text, Prefix::parse)
    }

    /// A project's name.
    pub(super) fn project(&self, text: &str) -> Result<ProjectName, Invalid> {
        self.projects.get(text, ProjectName::parse)
    }
}

/// Values whose clones share their memory, by their text.
struct Kinds<T>(Mutex<HashMap<Box<str>, T>>);

impl<T> Default for Kinds<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Kinds<T> {
    fn get(&self, text: &str, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Result<T, Invalid> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(text) {
            return Ok(same.clone());
        }
        let value = parse(text)?;
        if known.len() >= KINDS_MAX {
            known.clear();
        }
        known.insert(text.into(), value.clone());
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_share_one_memory_and_there_is_a_bound() {
        let shared = Shared::default();
        let (one, same) = (shared.scopes("a:s1 b:s").unwrap(), shared.scopes("a:s1 b:s").unwrap());
        assert!(std::ptr::eq(one.iter().as_slice(), same.iter().as_slice()));
        for n in 0..3 * KINDS_MAX {
            assert_eq!(shared.scopes(&format!("a:s{n}")).unwrap().to_text(), format!("a:s{n}"));
        }
        assert!(shared.scopes.0.lock().unwrap().len() <= KINDS_MAX);
    }

    #[test]
    fn a_text_that_its_type_refuses_is_refused_each_time() {
        let shared = Shared::default();
        assert!(shared.project("No").is_err() && shared.project("No").is_err());
    }
}
