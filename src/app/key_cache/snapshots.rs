//! States of the database that look-ups read from one after the other, so that not each of them begins a read
//! and ends it, with two locks of the file.
//!
//! A snapshot is as good as a look, and counts for a verification under the same two conditions (`marks`):
//! it was begun after the last commit of this process that was acknowledged, and less than `LOOK_NS` before
//! the verification. What is read from it is kept under the number that was the newest before it was begun.
//!
//! While one is open the write-ahead log cannot begin anew. So they are kept only while look-ups follow one
//! another closely, and every flush of counts, which is what makes the log grow, first closes them and has
//! none beside it ([`Snapshots::pause`]): once a second, however many keys are looked up.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::marks::{Begun, Marks};
use crate::model::key::KeyId;
use crate::store::{Result, Snapshot, Store, VerifyRecord};

/// Fewer than there are connections for verifications, since others need one, too.
const KEPT_MAX: usize = 4;

/// See the module.
#[derive(Default)]
pub(super) struct Snapshots {
    kept: Mutex<Vec<Open>>,
    /// When the verification began that looked a key up last.
    looked_up_at: AtomicU64,
    n_pauses: AtomicUsize,
}

struct Open {
    snapshot: Box<dyn Snapshot>,
    begun: Begun,
    number: u64,
}

/// As long as this is there, no snapshot is kept.
pub(in crate::app) struct Pause<'a>(&'a AtomicUsize);

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Snapshots {
    /// Reads a record for a verification that began at `began`, with the number to keep it under.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn read(
        &self,
        marks: &Marks,
        store: &dyn Store,
        id: &KeyId,
        began: u64,
    ) -> Result<(u64, Option<Arc<VerifyRecord>>)> {
        let before = self.looked_up_at.swap(began, Ordering::Relaxed);
        if !marks.is_within_interval(before, began) || self.n_pauses.load(Ordering::Relaxed) > 0 {
            let (number, record) = marks.read(|| store.verify_record(id));
            return Ok((number, record?));
        }
        let open = self.open(marks, store, began)?;
        let (number, record) = (open.number, open.snapshot.verify_record(id)?);
        self.keep(open);
        Ok((number, record))
    }

    fn open(&self, marks: &Marks, store: &dyn Store, began: u64) -> Result<Open> {
        // Before one is begun: what is committed and counted from here on may not be in it.
        let commits = store.commits();
        // Those that no longer count end their reads here.
        let kept = std::iter::from_fn(|| self.kept().pop());
        if let Some(open) = kept.into_iter().find(|open| marks.counts(open.begun, commits, began)) {
            return Ok(open);
        }
        let (number, snapshot) = marks.read(|| store.snapshot());
        Ok(Open { snapshot: snapshot?, begun: Begun { of: commits, at: began }, number })
    }

    fn keep(&self, open: Open) {
        let mut kept = self.kept();
        // Under the lock, so that whoever pauses finds it, or this finds the pause.
        if self.n_pauses.load(Ordering::Relaxed) == 0 && kept.len() < KEPT_MAX {
            kept.push(open);
        }
    }

    /// Closes those that are kept, and keeps none for as long as the answer lives.
    pub(super) fn pause(&self) -> Pause<'_> {
        self.n_pauses.fetch_add(1, Ordering::Relaxed);
        let closed = std::mem::take(&mut *self.kept());
        drop(closed);
        Pause(&self.n_pauses)
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Open>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::clock::ClockMarks;

    /// An empty database, and marks with an interval of ten.
    struct World {
        snapshots: Snapshots,
        marks: Marks,
        store: Arc<dyn Store>,
        _dir: tempfile::TempDir,
    }

    impl World {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let store = crate::store::create(dir.path(), &mut |_| Ok(())).unwrap();
            Self { snapshots: Snapshots::default(), marks: Marks::new(8, 10), store, _dir: dir }
        }

        /// When each of those was begun that are kept after a look-up.
        fn look_up(&self, began: u64) -> Vec<u64> {
            let id = KeyId::parse("000000000000").unwrap();
            let (_, record) = self.snapshots.read(&self.marks, &*self.store, &id, began).unwrap();
            assert_eq!(record, None);
            self.snapshots.kept().iter().map(|open| open.begun.at).collect()
        }

        fn commit(&self) {
            let mut tx = self.store.write().unwrap();
            tx.reset_clock_marks(&ClockMarks::default()).unwrap();
            tx.commit().unwrap();
        }
    }

    #[test]
    fn one_is_kept_while_look_ups_follow_closely_and_as_long_as_a_look_counts() {
        let world = World::new();
        assert_eq!(world.look_up(100), [0; 0], "nobody knows whether others follow");
        assert_eq!(world.look_up(109), [109]);
        assert_eq!(world.look_up(118), [109]);
        assert_eq!(world.look_up(119), [119], "the first is too old");
        assert_eq!(world.look_up(129), [119], "read by itself, since it came late");
        assert_eq!(world.look_up(130), [130]);
        world.commit();
        assert_eq!(world.look_up(131), [131], "a change of this process was acknowledged");
    }

    #[test]
    fn none_is_kept_during_a_pause() {
        let world = World::new();
        world.look_up(100);
        assert_eq!(world.look_up(101), [101]);
        let pause = world.snapshots.pause();
        assert_eq!(world.look_up(102), [0; 0]);
        drop(pause);
        assert_eq!(world.look_up(103), [103]);
    }

    #[test]
    fn the_log_begins_anew_however_many_look_ups_there_are() {
        let world = World::new();
        for n in 1..4_000 {
            world.look_up(n);
            let _pause = world.snapshots.pause();
            let seen = Some(Timestamp::from_millisecond(n.cast_signed()).unwrap());
            world.store.write_clock(&ClockMarks { seen, ..ClockMarks::default() }).unwrap();
        }
        let log_bytes = world.store.metrics().log_bytes;
        assert!(log_bytes < 6 << 20, "{log_bytes}");
    }
}
