//! The records themselves: a table of bounded bytes that is read without a lock.
//!
//! A record stands in one of eight places, which its id decides, and is found by a few bits of its
//! hash. Readers hold up nobody, not even each other: they write nothing but a mark that the record was
//! used, when it is not there yet. Putting a record in takes a lock, which next to reading it from the
//! database costs nothing; when all are more than the table may hold, those go first that were not
//! used since the last time around.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;

use super::marks::Places;
use super::size;
use crate::app::id_hash;
use crate::model::key::KeyId;
use crate::model::route::RouteTable;
use crate::store::VerifyRecord;

const WAYS: usize = 8;
/// About the least that a record takes: there is a place for each.
const RECORD_BYTES_MIN: usize = 512;

/// A record and what it says to be current.
pub(super) struct Cached {
    pub(super) record: Arc<VerifyRecord>,
    /// The rules of its project, since somebody asked for them.
    pub(super) routes: std::sync::OnceLock<Arc<RouteTable>>,
    /// The number of the look before it was read.
    pub(super) number: u64,
    pub(super) places: Places,
    bytes: usize,
}

impl Cached {
    /// A record that was read under `number`.
    pub(super) fn new(record: Arc<VerifyRecord>, number: u64, places: Places) -> Self {
        // Told once: whoever makes room would wait for a dozen places of a memory long unused.
        let bytes = size::of(&record);
        Self { record, routes: std::sync::OnceLock::new(), number, places, bytes }
    }
}

/// See the module.
pub(super) struct Table {
    sets: Box<[Set]>,
    bytes_max: usize,
    bytes: AtomicUsize,
    n_records: AtomicUsize,
    /// The set at which the next record is looked for that may go.
    hand: Mutex<usize>,
}

#[derive(Default)]
#[repr(align(64))]
struct Set {
    tags: [AtomicU32; WAYS],
    was_used: [AtomicBool; WAYS],
    records: [ArcSwapOption<Cached>; WAYS],
}

impl Table {
    /// For records of this many bytes together.
    pub(super) fn new(bytes_max: usize) -> Self {
        let n_sets = (bytes_max / RECORD_BYTES_MIN / WAYS).max(1).next_power_of_two();
        Self {
            sets: (0..n_sets).map(|_| Set::default()).collect(),
            bytes_max,
            bytes: AtomicUsize::new(0),
            n_records: AtomicUsize::new(0),
            hand: Mutex::new(0),
        }
    }

    /// How many records there are.
    pub(super) fn n_records(&self) -> usize {
        self.n_records.load(Ordering::Relaxed)
    }

    /// How many bytes they take.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Shows the key's record to `see`.
    pub(super) fn get<T>(&self, id: &KeyId, see: impl FnOnce(&Cached) -> T) -> Option<T> {
        let hash = id_hash::hash(id);
        let (set, tag) = (self.set(hash)?, tag(hash));
        let tagged = set.tags.iter().zip(&set.was_used).zip(&set.records);
        for ((_, was_used), record) in tagged.filter(|((found, _), _)| found.load(Ordering::Relaxed) == tag) {
            let record = record.load();
            if let Some(cached) = record.as_ref().filter(|cached| cached.record.facts.id == *id) {
                if !was_used.load(Ordering::Relaxed) {
                    was_used.store(true, Ordering::Relaxed);
                }
                return Some(see(cached));
            }
        }
        None
    }

    /// Puts a record in, in the place of an older one of the same key; others go that are too many.
    pub(super) fn put(&self, cached: Cached) {
        let id = cached.record.facts.id;
        let hash = id_hash::hash(&id);
        let mut hand = self.hand.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(set) = self.set(hash) {
            self.put_in(set, set.way_for(&id, tag(hash)), tag(hash), Some(Arc::new(cached)));
        }
        while self.bytes() > self.bytes_max && self.n_records() > 0 {
            if let Some(set) = self.sets.get(*hand % self.sets.len()) {
                set.unused().for_each(|way| self.put_in(set, way, 0, None));
            }
            *hand = hand.wrapping_add(1);
        }
    }

    fn put_in(&self, set: &Set, way: usize, tag: u32, cached: Option<Arc<Cached>>) {
        let (Some(place), Some(tagged)) = (set.records.get(way), set.tags.get(way)) else { return };
        let (n, more) = cached.as_ref().map_or((0, 0), |cached| (1, cached.bytes));
        let old = place.swap(cached);
        tagged.store(tag, Ordering::Relaxed);
        let (n_less, less) = old.as_ref().map_or((0, 0), |old| (1, old.bytes));
        self.bytes.fetch_add(more.wrapping_sub(less), Ordering::Relaxed);
        self.n_records.fetch_add(usize::wrapping_sub(n, n_less), Ordering::Relaxed);
    }

    fn set(&self, hash: u64) -> Option<&Set> {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose the set")]
        self.sets.get(hash as usize & (self.sets.len() - 1))
    }
}

impl Set {
    /// Where a key's record is or, if it is not here, where it is put. Goes by the tags, so that it waits for
    /// the memory of no other record; 0 is the tag of a free place.
    fn way_for(&self, id: &KeyId, tag: u32) -> usize {
        let tagged = |wanted: u32| move |found: &AtomicU32| found.load(Ordering::Relaxed) == wanted;
        let holds_it = |record: &ArcSwapOption<Cached>| {
            record.load().as_ref().is_some_and(|cached| cached.record.facts.id == *id)
        };
        let mut ways = self.tags.iter().zip(&self.records);
        let here = ways.position(|(found, record)| tagged(tag)(found) && holds_it(record));
        here.or_else(|| self.tags.iter().position(tagged(0))).unwrap_or_else(|| {
            let first = self.unused().next();
            first.or_else(|| self.unused().next()).unwrap_or_default()
        })
    }

    /// The ways of records that were not used since this was last asked.
    fn unused(&self) -> impl Iterator<Item = usize> {
        let ways = self.was_used.iter().enumerate();
        ways.filter(|(_, was_used)| !was_used.swap(false, Ordering::Relaxed)).map(|(way, _)| way)
    }
}

/// Another part of the hash than what chooses the set; never 0.
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32 | 1
}
