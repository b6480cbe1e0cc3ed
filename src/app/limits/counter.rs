//! The count of a quota: how much was used in the current day or month.
//!
//! The count in memory decides; what grew since is added to the database once a second, and what
//! others added there comes back with it. A look takes no lock, only the turn of a day and a flush do.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::model::limit::{Period, Zone};

/// Which count it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// Since when it counts.
    pub(super) since: Timestamp,
    /// What it counts.
    pub(super) per: Period,
    /// Where days begin.
    pub(super) zone: Zone,
}

/// How much was used.
#[derive(Debug)]
pub(super) struct Counter {
    terms: Terms,
    used: AtomicU64,
    ends_at_ms: AtomicI64,
    now: Mutex<Now>,
}

/// The day or month that is counted.
#[derive(Debug, Clone)]
struct Now {
    period: String,
    /// How much of what was used the database has.
    written: u64,
}

/// What a flush adds to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Growth {
    pub(super) period: String,
    pub(super) delta: i64,
}

impl Counter {
    /// The count of the day or month of `at`, of which `read` tells what the database has.
    pub(super) fn load<E>(
        terms: Terms,
        at: Timestamp,
        read: impl FnOnce(&str) -> Result<u64, E>,
    ) -> Result<Self, E> {
        let window = terms.zone.window(terms.per, at);
        let written = read(&window.label)?;
        Ok(Self {
            terms,
            used: AtomicU64::new(written),
            ends_at_ms: AtomicI64::new(window.ends_at.as_millisecond()),
            now: Mutex::new(Now { period: window.label, written }),
        })
    }

    /// Which count it is.
    pub(super) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The same count under a new time zone, if the day there is the same; what is not written yet is
    /// not lost then.
    pub(super) fn moved_to(&self, terms: &Terms, at: Timestamp) -> Option<Self> {
        let now = self.now().clone();
        let window = terms.zone.window(terms.per, at);
        let is_same =
            (terms.since, terms.per) == (self.terms.since, self.terms.per) && window.label == now.period;
        is_same.then(|| Self {
            terms: terms.clone(),
            used: AtomicU64::new(self.used.load(Ordering::Relaxed)),
            ends_at_ms: AtomicI64::new(window.ends_at.as_millisecond()),
            now: Mutex::new(now),
        })
    }

    /// Takes `cost`, if no more than `most` is used then.
    pub(super) fn take(&self, cost: u32, most: u64, at: Timestamp) -> bool {
        self.turn(at);
        let fits = |used: u64| used.checked_add(u64::from(cost)).filter(|after| *after <= most);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// How much was used.
    pub(super) fn used(&self, at: Timestamp) -> u64 {
        self.turn(at);
        self.used.load(Ordering::Relaxed)
    }

    /// Takes nothing after all.
    pub(super) fn give_back(&self, cost: u32) {
        let less = |used: u64| Some(used.saturating_sub(u64::from(cost)));
        let _always = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// The first instant of the next day or month.
    pub(super) fn ends_at_ms(&self) -> i64 {
        self.ends_at_ms.load(Ordering::Acquire)
    }

    /// Starts at nothing when the day or month is over. What of the old one is not written yet is
    /// given up: nobody asks for it any more.
    fn turn(&self, at: Timestamp) {
        if at.as_millisecond() < self.ends_at_ms() {
            return;
        }
        let mut now = self.now();
        if at.as_millisecond() < self.ends_at_ms() {
            return;
        }
        let window = self.terms.zone.window(self.terms.per, at);
        *now = Now { period: window.label, written: 0 };
        self.used.store(0, Ordering::Relaxed);
        self.ends_at_ms.store(window.ends_at.as_millisecond(), Ordering::Release);
    }

    /// What the database lacks; `None` when it lacks nothing.
    pub(super) fn growth(&self) -> Option<Growth> {
        let now = self.now();
        let delta = self.used.load(Ordering::Relaxed).cast_signed() - now.written.cast_signed();
        (delta != 0).then(|| Growth { period: now.period.clone(), delta })
    }

    /// The database has it now, and `total` with what others added; `None` where the count is over.
    pub(super) fn wrote(&self, growth: &Growth, total: Option<u64>) {
        let mut now = self.now();
        if now.period != growth.period {
            return;
        }
        let expected = now.written.saturating_add_signed(growth.delta);
        let total = total.unwrap_or(expected);
        self.used.fetch_add(total.saturating_sub(expected), Ordering::Relaxed);
        now.written = total;
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl super::held::Idle for Counter {
    /// The database has all of it.
    fn is_idle(&self, _: u64) -> bool {
        self.growth().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(zone: &str) -> Terms {
        Terms { since: Timestamp::UNIX_EPOCH, per: Period::Day, zone: Zone::parse(zone).unwrap() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn load(zone: &str, written: u64) -> Counter {
        let read = |_: &str| Ok::<_, std::convert::Infallible>(written);
        Counter::load(terms(zone), at("2026-11-24T12:00:00Z"), read).unwrap()
    }

    #[test]
    fn a_day_starts_at_nothing() {
        let (counter, noon, midnight) =
            (load("UTC", 2), at("2026-11-24T12:00:00Z"), at("2026-11-25T00:00:00Z"));
        assert!(counter.take(1, 3, noon) && !counter.take(1, 3, noon));
        assert!(!counter.take(1, 3, at("2026-11-24T23:59:59.999Z")));
        assert!(counter.take(3, 3, midnight) && !counter.take(1, 3, midnight));
        assert_eq!(counter.growth(), Some(Growth { period: "2026-11-25".to_owned(), delta: 3 }));
    }

    #[test]
    fn what_others_added_comes_back_with_a_flush() {
        let (counter, noon) = (load("UTC", 2), at("2026-11-24T12:00:00Z"));
        assert!(counter.take(5, 100, noon));
        let growth = counter.growth().unwrap();
        assert_eq!(growth.delta, 5);
        assert!(counter.take(1, 100, noon), "meanwhile");
        counter.wrote(&growth, Some(10));
        assert_eq!((counter.used(noon), counter.growth().unwrap().delta), (11, 1));
        counter.give_back(1);
        assert_eq!(counter.growth(), None);
    }

    #[test]
    fn another_zone_goes_on_where_the_day_is_the_same() {
        let (counter, noon) = (load("UTC", 2), at("2026-11-24T12:00:00Z"));
        assert!(counter.take(5, 100, noon));
        let moved = counter.moved_to(&terms("Europe/Berlin"), noon).unwrap();
        assert_eq!((moved.used(noon), moved.growth().unwrap().delta), (7, 5));
        assert!(counter.moved_to(&terms("Pacific/Auckland"), noon).is_none(), "it is tomorrow there");
    }

    #[test]
    fn thirty_two_threads_at_once_get_exactly_the_quota_in_each_of_two_days() {
        let counter = load("UTC", 0);
        let take = |at: Timestamp| -> usize {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..32)
                    .map(|_| scope.spawn(|| (0..100).filter(|_| counter.take(1, 1000, at)).count()))
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            })
        };
        assert_eq!(take(at("2026-11-24T12:00:00Z")), 1000);
        assert_eq!(take(at("2026-11-25T12:00:00Z")), 1000);
    }
}
