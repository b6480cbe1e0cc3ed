//! Which scopes of which keys were asked for on a day.
//!
//! Each is noted once a day: marks beside the key's record, one bit a scope, tell those that are noted
//! already, so that all other requests pay for an atomic read or two. A record that is read anew has no
//! marks and is noted again, which changes nothing.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::lock;
use crate::model::key::KeyId;
use crate::model::noted::Day;
use crate::model::scope::{Scope, ScopeSet};
use crate::store::VerifyRecord;

/// The most that wait for a flush; further ones are noted by a later request.
const WAITING_MAX: usize = 100_000;
const WORDS: usize = ScopeSet::MAX.div_ceil(64);

/// So many are remembered as noted; then all are forgotten and noted again.
const NOTED_MAX: usize = 200_000;

/// Scopes that wait to be written.
#[derive(Default)]
pub(super) struct Asked(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    waiting: Vec<(KeyId, Scope, Day)>,
    /// What was noted already, by its hash: records are read anew after a change, and must not be
    /// written anew for that.
    before: HashSet<u64>,
    hasher: RandomState,
}

/// Which of a record's scopes are noted for a day.
struct Marks {
    day: AtomicI64,
    bits: [AtomicU64; WORDS],
}

impl Marks {
    fn new(day: Day) -> Self {
        Self { day: AtomicI64::new(day.0), bits: Default::default() }
    }

    /// Whether a scope has its mark; a new day begins without any.
    fn has(&self, at: usize, day: Day) -> bool {
        if self.day.load(Ordering::Relaxed) != day.0 {
            self.bits.iter().for_each(|word| word.store(0, Ordering::Relaxed));
            self.day.store(day.0, Ordering::Relaxed);
        }
        self.bits.get(at / 64).is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (at % 64)) != 0)
    }

    fn set(&self, at: usize) {
        if let Some(word) = self.bits.get(at / 64) {
            word.fetch_or(1 << (at % 64), Ordering::Relaxed);
        }
    }
}

impl Asked {
    /// Notes those of a key's scopes that are wanted.
    #[inline]
    pub(super) fn note<'a>(&self, record: &VerifyRecord, day: Day, wanted: impl Iterator<Item = &'a Scope>) {
        for scope in wanted {
            let Some(at) = record.facts.scopes.position(scope) else { continue };
            if record.asked.get::<Marks>().is_none() {
                record.asked.put(Marks::new(day));
            }
            let Some(marks) = record.asked.get::<Marks>() else { continue };
            if !marks.has(at, day) && self.add((record.facts.id, scope.clone(), day)) {
                marks.set(at);
            }
        }
    }

    /// Whether it is noted now.
    fn add(&self, one: (KeyId, Scope, Day)) -> bool {
        let mut noted = lock(&self.0);
        let hash = noted.hasher.hash_one(&one);
        if noted.before.contains(&hash) {
            return true;
        }
        if noted.waiting.len() >= WAITING_MAX {
            return false;
        }
        if noted.before.len() >= NOTED_MAX {
            noted.before.clear();
        }
        noted.before.insert(hash);
        noted.waiting.push(one);
        true
    }

    /// All that wait.
    pub(super) fn take(&self) -> Vec<(KeyId, Scope, Day)> {
        std::mem::take(&mut lock(&self.0).waiting)
    }

    /// What could not be written waits again.
    pub(super) fn give_back(&self, all: Vec<(KeyId, Scope, Day)>) {
        lock(&self.0).waiting.extend(all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_waits_once_a_day() {
        let asked = Asked::default();
        let one = |day| (KeyId::parse("000000000000").unwrap(), Scope::parse("keys:read").unwrap(), Day(day));
        assert!(asked.add(one(1)) && asked.add(one(1)) && asked.add(one(2)));
        assert_eq!(asked.take(), [one(1), one(2)]);
        assert!(asked.add(one(2)));
        assert!(asked.take().is_empty());
    }

    #[test]
    fn a_new_day_begins_without_marks() {
        let marks = Marks::new(Day(1));
        assert!(!marks.has(200, Day(1)));
        marks.set(200);
        assert!(marks.has(200, Day(1)) && !marks.has(199, Day(1)));
        assert!(!marks.has(200, Day(2)));
    }
}
