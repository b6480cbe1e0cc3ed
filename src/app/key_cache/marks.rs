//! What makes the cache exact: which records a change has made old, and whether all changes are known.
//!
//! Everything a verdict depends on belongs to a key, an account or a project, and each of them to one
//! of many *places*. A **look** asks the database what has changed since the one before; when something
//! has, it gets the next *number*, which it writes into the places of what has changed. A record that
//! is read begins with the number of the newest look, and it is current as long as its three places
//! hold no higher one. So one store makes fifty thousand keys of an account old, a reader that was
//! slower than the look keeps nothing that is old, and two that share a place only read once too often.
//!
//! A look counts for a verification when it was begun
//! - after the last commit of this process that was acknowledged (each is counted before that), and
//! - less than [`LOOK_NS`] before the verification began. A commit of another process is acknowledged
//!   only after that time has gone by since (`store::watch::LOOK_INTERVAL`), so that whatever begins afterwards
//!   finds a look too old that was begun before the commit. All processes of a machine have one clock,
//!   which goes forward alone; a look is as old as its beginning, however long it took.
//!
//! The orderings below are those that `model` needs: it runs all interleavings of commits, looks,
//! readers and verifications under the memory model, and each line named there fails when it is weakened.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::watch::LOOK_INTERVAL;

/// For how long a look counts, when others wait that long.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds")]
pub(super) const LOOK_NS: u64 = LOOK_INTERVAL.as_nanos() as u64;

/// An atomic number; the model has another one.
pub(super) trait Word {
    fn new(value: u64) -> Self;
    fn load(&self, order: Ordering) -> u64;
    fn store(&self, value: u64, order: Ordering);
}

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

/// Where something that can change is marked, its hash modulo the number of places.
pub(super) type Place = u32;

/// The places of what a record depends on: its key, its account, its project.
pub(super) type Places = [Place; 3];

/// See the module.
pub(super) struct Marks<W = AtomicU64> {
    places: Box<[W]>,
    /// Of the newest look that found something.
    number: W,
    /// When the newest look began, in nanoseconds from 1; 0 for never.
    looked_at: W,
    /// How many commits of this process were counted when it began.
    commits_then: W,
    interval_ns: u64,
}

/// When a look or a snapshot was begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    /// How many commits of this process were counted before it was.
    pub(super) of: u64,
    /// In nanoseconds from 1; that of the verification for which it was.
    pub(super) at: u64,
}

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Changed {
    /// These places.
    Some(Vec<Place>),
    /// Nobody knows what.
    All,
}

impl<W: Word> Marks<W> {
    /// For this many places; `interval_ns` is how long a look counts.
    pub(super) fn new(n_places: usize, interval_ns: u64) -> Self {
        Self {
            places: (0..n_places).map(|_| W::new(0)).collect(),
            number: W::new(0),
            looked_at: W::new(0),
            commits_then: W::new(0),
            interval_ns,
        }
    }

    /// The place of something with this hash.
    #[expect(clippy::cast_possible_truncation, reason = "there are fewer places than that")]
    pub(super) fn place(&self, hash: u64) -> Place {
        ((hash >> 20) % self.places.len().max(1) as u64) as Place
    }

    /// Whether all that a verification must know is marked: one that began at `began`, when `commits`
    /// were counted.
    pub(super) fn are_fresh(&self, commits: u64, began: u64) -> bool {
        // Each of the two brings along what its look has marked.
        let (of, at) = (self.commits_then.load(Ordering::Acquire), self.looked_at.load(Ordering::Acquire));
        self.counts(Begun { of, at }, commits, began)
    }

    /// Whether what was begun then sees all that a verification must know: one that began at `began`, when
    /// `commits` were counted.
    pub(super) fn counts(&self, Begun { of, at }: Begun, commits: u64, began: u64) -> bool {
        of == commits && at != 0 && self.is_within_interval(at, began)
    }

    /// Whether less time than a look counts for lies between the two.
    pub(super) fn is_within_interval(&self, at: u64, began: u64) -> bool {
        began.saturating_sub(at) < self.interval_ns
    }

    /// Looks with `see`, unless somebody has meanwhile. Who calls this has the only right to look;
    /// `commits` tells how many are counted by now.
    ///
    /// # Errors
    /// Whatever `see` says; then nothing was looked at.
    pub(super) fn look<E>(
        &self,
        commits: impl Fn() -> u64,
        began: u64,
        see: impl FnOnce() -> Result<Changed, E>,
    ) -> Result<(), E> {
        // Before the database is asked: what is committed and counted from here on may be missed.
        let commits = commits();
        if self.are_fresh(commits, began) {
            return Ok(());
        }
        let changed = see()?;
        self.mark(&changed);
        // As old as the verification that looks, which is a little older than the look.
        self.looked_at.store(began, Ordering::Release);
        self.commits_then.store(commits, Ordering::Release);
        Ok(())
    }

    fn mark(&self, changed: &Changed) {
        let number = self.number.load(Ordering::Relaxed) + 1;
        let mark = |place: &W| place.store(number, Ordering::Relaxed);
        match changed {
            Changed::Some(places) if places.is_empty() => return,
            Changed::Some(places) => {
                places.iter().filter_map(|place| self.places.get(*place as usize)).for_each(mark);
            }
            Changed::All => self.places.iter().for_each(mark),
        }
        // A reader that gets this number reads what this look has seen, or what is newer.
        self.number.store(number, Ordering::Release);
    }

    /// Reads a record or begins a snapshot, with the number that what is read is kept under.
    pub(super) fn read<T>(&self, read: impl FnOnce() -> T) -> (u64, T) {
        // Taken before: what changes while it is read gets a higher one.
        let number = self.number.load(Ordering::Acquire);
        (number, read())
    }

    /// Whether nothing that a record depends on has changed since it was read, as far as was looked.
    pub(super) fn is_current(&self, number: u64, places: &Places) -> bool {
        places.iter().all(|place| {
            self.places.get(*place as usize).is_some_and(|marked| marked.load(Ordering::Relaxed) <= number)
        })
    }
}
