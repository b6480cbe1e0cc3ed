//! What many keys have in common, kept once: most hold one of few sets of scopes, in one of few projects.
//!
//! A verification compares both. With a thousand keys in turn their own copies would be a dozen places in
//! memory that the keys before have pushed out of the nearest cache; one copy stays there.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::model::key::KeyFacts;
use crate::model::project::ProjectName;
use crate::model::scope::ScopeSet;

/// So many kinds are known; then all are forgotten, and the next keys begin anew.
const KINDS_MAX: usize = 1_000;

/// See the module.
#[derive(Default)]
pub(super) struct Shared {
    scopes: Kinds<ScopeSet>,
    projects: Kinds<ProjectName>,
}

impl Shared {
    /// Puts what others have as well in the place of a key's own copies.
    pub(super) fn share(&self, facts: &mut KeyFacts) {
        self.scopes.share(&mut facts.scopes);
        self.projects.share(&mut facts.project);
    }
}

/// Values whose clones share their memory.
struct Kinds<T>(Mutex<HashSet<T>>);

impl<T> Default for Kinds<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone + Eq + Hash> Kinds<T> {
    fn share(&self, own: &mut T) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(own) {
            *own = same.clone();
            return;
        }
        if known.len() >= KINDS_MAX {
            known.clear();
        }
        known.insert(own.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_one_memory_and_there_is_a_bound() {
        let kinds = Kinds::default();
        let set = |n: usize| ScopeSet::parse([format!("a:s{n}").as_str()]).unwrap();
        let (mut one, mut same) = (set(1), set(1));
        kinds.share(&mut one);
        kinds.share(&mut same);
        assert!(std::ptr::eq(one.iter().as_slice(), same.iter().as_slice()));
        assert_eq!(same, set(1));
        for n in 0..3 * KINDS_MAX {
            kinds.share(&mut set(n));
        }
        assert!(kinds.0.lock().unwrap().len() <= KINDS_MAX);
    }
}
