//! Every interleaving of commits, looks, slow readers and verifications, under the memory model of the
//! language (`loom`): what begins after a commit was acknowledged never believes what was before it.
//!
//! The database is one number that only grows, the account's state is that number, and a record is
//! what somebody read of it. It is weaker than the real one: what it says is ordered by nothing but its
//! own acquire and release, while `SQLite` also takes locks.
//!
//! `tests/long/mutations.sh` weakens or moves each of these lines and requires that a test here fails:
//! the commit is counted after it is durable, with release; a look reads that count first, with
//! acquire; it marks before it counts; the number and both halves of what counts are released and
//! acquired; a reader takes its number before it reads.

use std::sync::atomic::Ordering;

use loom::sync::atomic::AtomicU64;
use loom::sync::{Arc, Mutex};
use loom::thread;

use super::marks::{Begun, Changed, Marks, Places, Word};

impl Word for AtomicU64 {
    fn new(value: u64) -> Self {
        Self::new(value)
    }

    fn load(&self, order: Ordering) -> u64 {
        self.load(order)
    }

    fn store(&self, value: u64, order: Ordering) {
        self.store(value, order);
    }
}

const INTERVAL: u64 = 5;
/// Two places are enough: the one that changes, and another.
const PLACES: Places = [0, 1, 1];

/// A process with a cache on a database that others change, too.
struct World {
    database: AtomicU64,
    commits: AtomicU64,
    marks: Marks<AtomicU64>,
    /// What the watch has seen; who looks has it.
    watch: Mutex<u64>,
    /// A place of the table: what was read, and under which number. Its own lock stands for the
    /// release and acquire of a pointer.
    record: Mutex<Option<(u64, u64)>>,
    /// A snapshot that somebody keeps: what it holds, its number, and when it was begun.
    snapshot: Mutex<Option<(u64, u64, Begun)>>,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            database: AtomicU64::new(1),
            commits: AtomicU64::new(0),
            marks: Marks::new(2, INTERVAL),
            watch: Mutex::new(1),
            record: Mutex::new(None),
            snapshot: Mutex::new(None),
        })
    }

    /// A change of this process, until it is acknowledged.
    fn commit(&self) {
        self.database.store(2, Ordering::Release);
        self.commits.fetch_add(1, Ordering::Release);
    }

    fn look_unless_fresh(&self, began: u64) {
        if self.marks.are_fresh(self.commits.load(Ordering::Acquire), began) {
            return;
        }
        let mut seen = self.watch.lock().unwrap();
        let see = || {
            let now = self.database.load(Ordering::Acquire);
            let changed = if now == *seen { vec![] } else { vec![0] };
            *seen = now;
            Ok::<_, std::convert::Infallible>(Changed::Some(changed))
        };
        self.marks.look(|| self.commits.load(Ordering::Acquire), began, see).unwrap();
    }

    fn believed(&self) -> Option<u64> {
        let (value, number) = (*self.record.lock().unwrap())?;
        self.marks.is_current(number, &PLACES).then_some(value)
    }

    fn read(&self) -> u64 {
        let (number, value) = self.marks.read(|| self.database.load(Ordering::Acquire));
        *self.record.lock().unwrap() = Some((value, number));
        value
    }

    /// Reads as one of those that follow one another closely.
    fn read_snapshot(&self, began: u64) -> u64 {
        let commits = self.commits.load(Ordering::Acquire);
        let kept = self.snapshot.lock().unwrap().take();
        let (value, number, since) =
            kept.filter(|(.., since)| self.marks.counts(*since, commits, began)).unwrap_or_else(|| {
                let (number, value) = self.marks.read(|| self.database.load(Ordering::Acquire));
                (value, number, Begun { of: commits, at: began })
            });
        *self.record.lock().unwrap() = Some((value, number));
        *self.snapshot.lock().unwrap() = Some((value, number, since));
        value
    }

    /// What a verification that began at `began` takes for the truth.
    fn verify(&self, began: u64) -> u64 {
        self.look_unless_fresh(began);
        self.believed().unwrap_or_else(|| self.read_snapshot(began))
    }
}

/// Two verifications that both begin after a change, of which one may go by the look of the other.
fn both_see_it(commit: impl Fn(&World) + Send + Sync + 'static, began: u64) {
    explore(move || {
        let world = World::new();
        world.verify(1);
        commit(&world);
        let other = Arc::clone(&world);
        let verifier = thread::spawn(move || other.verify(began));
        assert_eq!(world.verify(began), 2, "by the look of the other");
        assert_eq!(verifier.join().unwrap(), 2, "by the look of this one");
    });
}

#[test]
fn one_goes_by_the_look_of_another_after_a_change_of_this_process() {
    both_see_it(World::commit, 3);
}

#[test]
fn one_goes_by_the_look_of_another_after_a_change_of_another_process() {
    both_see_it(|world| world.database.store(2, Ordering::Release), 1 + INTERVAL);
}

fn explore(test: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(test);
}

#[test]
fn a_change_of_this_process_is_seen_by_all_that_begins_afterwards() {
    explore(|| {
        let world = World::new();
        world.verify(1);
        let others: Vec<_> = (0..2)
            .map(|_| {
                let world = Arc::clone(&world);
                thread::spawn(move || world.verify(1 + INTERVAL))
            })
            .collect();
        world.commit();
        assert_eq!(world.verify(2 + INTERVAL), 2, "it was acknowledged before this began");
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(world.verify(2 + INTERVAL), 2, "and nobody has brought the old state back");
    });
}

#[test]
fn a_change_is_seen_by_another_thread_that_is_told_of_it() {
    explore(|| {
        let world = World::new();
        world.verify(1);
        let told = Arc::new(AtomicU64::new(0));
        let (other, hears) = (Arc::clone(&world), Arc::clone(&told));
        let verifier = thread::spawn(move || {
            // The answer to whoever made the change, and the request that follows from it.
            let is_told = hears.load(Ordering::Acquire) == 1;
            let found = other.verify(1 + INTERVAL);
            assert!(!is_told || found == 2, "it was acknowledged before this began");
        });
        let (other, slow) = (Arc::clone(&world), Arc::clone(&world));
        let reader = thread::spawn(move || other.read());
        slow.commit();
        told.store(1, Ordering::Release);
        verifier.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.verify(3), 2);
    });
}

#[test]
fn a_change_of_another_process_is_seen_by_all_that_begins_when_it_has_waited() {
    explore(|| {
        let world = World::new();
        // Shortly before the change: it would count for a while.
        world.verify(1);
        let (other, slow) = (Arc::clone(&world), Arc::clone(&world));
        let verifier = thread::spawn(move || other.verify(2));
        let reader = thread::spawn(move || slow.read());
        // At 2, by another process, which counts nothing here. It is acknowledged at 2 + INTERVAL, and what
        // is begun before 2 may look before it.
        world.database.store(2, Ordering::Release);
        assert_eq!(world.verify(2 + INTERVAL), 2);
        verifier.join().unwrap();
        reader.join().unwrap();
        assert_eq!(world.verify(2 + INTERVAL), 2);
    });
}
