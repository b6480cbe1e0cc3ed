//! Where buckets and counts are held by their owner: a bounded map, in shards.
//!
//! None goes while it matters: one that somebody still uses stays, and so does one that would be
//! something else when it was made anew. The others go when their shard has doubled. A shard that is
//! full of those that matter takes no more, and whoever needs another is answered that keysrv cannot
//! decide at the moment: to let through what cannot be counted would be no limit.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::app::{Error, Result};
use crate::store::limits::LimitOwner;

const SHARDS: usize = 16;
/// The most of one kind that are held, about 200 bytes each.
pub(super) const HELD_MAX: usize = 1 << 20;
const SWEEP_MIN: usize = 256;

/// Something that need not be held for ever.
pub(super) trait Idle {
    /// Whether it would be the same when it was made anew.
    fn is_idle(&self, now_ns: u64) -> bool;
}

/// All of one kind.
pub(super) struct Held<T> {
    shards: [Mutex<Shard<T>>; SHARDS],
    hasher: RandomState,
    shard_max: usize,
}

struct Shard<T> {
    map: HashMap<LimitOwner, Arc<T>>,
    /// At how many it is looked for idle ones.
    sweep_at: usize,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self::bounded(HELD_MAX)
    }
}

impl<T> Held<T> {
    fn bounded(most: usize) -> Self {
        let shard = || Mutex::new(Shard { map: HashMap::new(), sweep_at: SWEEP_MIN });
        Self {
            shards: std::array::from_fn(|_| shard()),
            hasher: RandomState::new(),
            shard_max: most / SHARDS,
        }
    }

    /// All that are held.
    pub(super) fn all(&self) -> Vec<(LimitOwner, Arc<T>)> {
        let pairs = |shard: &Mutex<Shard<T>>| -> Vec<_> {
            lock(shard).map.iter().map(|(owner, held)| (owner.clone(), Arc::clone(held))).collect()
        };
        self.shards.iter().flat_map(pairs).collect()
    }
}

impl<T: Idle> Held<T> {
    /// The owner's. `make` is shown what is there, and what it makes takes its place; nobody else
    /// gets at the owner's meanwhile.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many matter; whatever `make` says.
    pub(super) fn get(
        &self,
        owner: &LimitOwner,
        now_ns: u64,
        make: impl FnOnce(Option<&T>) -> Result<Option<T>>,
    ) -> Result<Arc<T>> {
        let mut shard = self.shard(owner);
        let there = shard.map.get(owner);
        let fresh = make(there.map(AsRef::as_ref))?;
        match (fresh, there) {
            (None, Some(there)) => Ok(Arc::clone(there)),
            (Some(fresh), there) => {
                if there.is_none() {
                    shard.make_room(now_ns, self.shard_max)?;
                }
                let fresh = Arc::new(fresh);
                shard.map.insert(owner.clone(), Arc::clone(&fresh));
                Ok(fresh)
            }
            (None, None) => Err(Error::Internal("a limit has nothing that counts it".to_owned())),
        }
    }

    fn shard(&self, owner: &LimitOwner) -> MutexGuard<'_, Shard<T>> {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose the shard")]
        let at = self.hasher.hash_one(owner) as usize % SHARDS;
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the number of shards")]
        lock(&self.shards[at])
    }
}

impl<T: Idle> Shard<T> {
    fn make_room(&mut self, now_ns: u64, most: usize) -> Result<()> {
        if self.map.len() < self.sweep_at.min(most) {
            return Ok(());
        }
        // One that nobody else has now can be had by nobody until this shard is let go of.
        self.map.retain(|_, held| Arc::strong_count(held) > 1 || !held.is_idle(now_ns));
        self.sweep_at = SWEEP_MIN.max(2 * self.map.len());
        if self.map.len() < most { Ok(()) } else { Err(Error::Busy) }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::key::KeyId;

    struct Until(u64);

    impl Idle for Until {
        fn is_idle(&self, now_ns: u64) -> bool {
            self.0 <= now_ns
        }
    }

    fn owner(n: usize) -> LimitOwner {
        LimitOwner::Key(KeyId::parse(&format!("{n:012}")).unwrap())
    }

    fn add(held: &Held<Until>, n: usize, until: u64, now: u64) -> Result<Arc<Until>> {
        held.get(&owner(n), now, |there| Ok(there.is_none().then_some(Until(until))))
    }

    #[test]
    fn idle_ones_go_and_those_that_matter_stay() {
        let held = Held::default();
        let used = add(&held, 0, 1, 0).unwrap();
        for n in 1..100_000 {
            add(&held, n, if n % 1000 == 0 { u64::MAX } else { 1 }, 5).unwrap();
        }
        assert!(held.all().len() < SHARDS * (SWEEP_MIN + 50), "{}", held.all().len());
        for n in (1..100).map(|n| n * 1000) {
            assert_eq!(add(&held, n, 7, 5).unwrap().0, u64::MAX, "{n} was lost");
        }
        assert!(Arc::ptr_eq(&used, &add(&held, 0, 7, 5).unwrap()), "one that is in use was lost");
    }

    #[test]
    fn when_too_many_matter_nobody_is_let_through_uncounted() {
        let held = Held::bounded(SHARDS * 10);
        let refused = (0..1000).filter(|n| add(&held, *n, u64::MAX, 0).is_err()).count();
        assert_eq!(refused, 1000 - SHARDS * 10);
        assert_eq!(held.all().len(), SHARDS * 10);
        assert!(add(&held, 5000, 1, u64::MAX).is_ok(), "there is room again when they have gone idle");
    }
}
