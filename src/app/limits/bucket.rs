//! The bucket of a rate limit: one number, changed by compare-and-swap.
//!
//! It follows the generic cell rate algorithm in its virtual-scheduling form (ITU-T I.371, annex A):
//! the number is the instant until which what was let through is paid off. Each request moves it on by
//! one interval, and fits while it is not further ahead of now than the whole limit takes.
//!
//! The interval is rounded up to a nanosecond, so that never more than the limit fits; at a million
//! requests a second that makes it slower by less than a thousandth.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::limit::RateLimit;

/// What has been taken of a rate limit.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: RateLimit,
    /// In nanoseconds of uptime.
    paid_off_at: AtomicU64,
}

/// How a limit stands after a look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// How much still fits now.
    pub(super) remaining: u64,
    /// When all of it does again, in nanoseconds from now.
    pub(super) full_in_ns: u64,
}

impl Bucket {
    /// A bucket from which nothing was taken.
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { limit, paid_off_at: AtomicU64::new(0) }
    }

    /// The bucket of a changed limit: what was taken under the old one and is not paid off counts
    /// under the new one.
    pub(super) fn changed_to(&self, limit: RateLimit, now_ns: u64) -> Self {
        let ahead = self.paid_off_at.load(Ordering::Relaxed).saturating_sub(now_ns);
        let taken = ahead.div_ceil(self.interval_ns()).min(u64::from(limit.requests()));
        let next = Self::new(limit);
        next.paid_off_at.store(now_ns.saturating_add(taken * next.interval_ns()), Ordering::Relaxed);
        next
    }

    /// The limit that it is of.
    pub(super) fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Takes `cost`, if it fits.
    pub(super) fn take(&self, cost: u32, now_ns: u64) -> bool {
        let taken = self.paid_off_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |paid_off_at| {
            self.after(paid_off_at, cost, now_ns)
        });
        taken.is_ok()
    }

    /// Whether `cost` fits.
    pub(super) fn has_room(&self, cost: u32, now_ns: u64) -> bool {
        self.after(self.paid_off_at.load(Ordering::Relaxed), cost, now_ns).is_some()
    }

    /// Takes nothing after all.
    pub(super) fn give_back(&self, cost: u32) {
        self.paid_off_at.fetch_sub(u64::from(cost) * self.interval_ns(), Ordering::Relaxed);
    }

    /// How it stands.
    pub(super) fn level(&self, now_ns: u64) -> Level {
        let ahead = self.paid_off_at.load(Ordering::Relaxed).saturating_sub(now_ns);
        Level { remaining: self.window_ns().saturating_sub(ahead) / self.interval_ns(), full_in_ns: ahead }
    }

    /// How long until `cost` fits; for more than ever fits, until the bucket is full.
    pub(super) fn wait_ns(&self, cost: u32, now_ns: u64) -> u64 {
        let ahead = self.paid_off_at.load(Ordering::Relaxed).saturating_sub(now_ns);
        let wanted = u64::from(cost.min(self.limit.requests())) * self.interval_ns();
        ahead.saturating_add(wanted).saturating_sub(self.window_ns())
    }

    fn after(&self, paid_off_at: u64, cost: u32, now_ns: u64) -> Option<u64> {
        if cost > self.limit.requests() {
            return None;
        }
        // At most a million intervals of a day at most, which fits.
        let after = paid_off_at.max(now_ns).checked_add(u64::from(cost) * self.interval_ns())?;
        (after - now_ns <= self.window_ns()).then_some(after)
    }

    fn interval_ns(&self) -> u64 {
        (u64::from(self.limit.per_seconds()) * 1_000_000_000).div_ceil(u64::from(self.limit.requests()))
    }

    fn window_ns(&self) -> u64 {
        u64::from(self.limit.requests()) * self.interval_ns()
    }
}

impl super::held::Idle for Bucket {
    /// One that is paid off is as good as a new one.
    fn is_idle(&self, now_ns: u64) -> bool {
        self.paid_off_at.load(Ordering::Relaxed) <= now_ns
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn bucket(text: &str) -> Bucket {
        Bucket::new(RateLimit::parse(text).unwrap())
    }

    #[test]
    fn so_many_fit_at_once_and_one_more_after_each_interval() {
        let bucket = bucket("3/60");
        let took = |now| (0..5).filter(|_| bucket.take(1, now)).count();
        assert_eq!((took(0), took(19 * SECOND), took(20 * SECOND), took(59 * SECOND)), (3, 0, 1, 1));
        assert_eq!(took(400 * SECOND), 3);
        assert_eq!(bucket.level(410 * SECOND), Level { remaining: 0, full_in_ns: 50 * SECOND });
        assert_eq!(bucket.wait_ns(2, 410 * SECOND), 30 * SECOND);
    }

    #[test]
    fn a_cost_is_taken_whole_or_not_at_all() {
        let bucket = bucket("10/10");
        assert!(bucket.take(7, 0) && !bucket.take(4, 0) && bucket.take(3, 0) && bucket.take(0, 0));
        assert!(!bucket.take(11, 900 * SECOND), "more than ever fits");
        assert_eq!(bucket.level(900 * SECOND).remaining, 10, "what was refused took nothing");
    }

    #[test]
    fn what_was_taken_counts_under_a_changed_limit() {
        let old = bucket("10/60");
        for _ in 0..4 {
            assert!(old.take(1, 0));
        }
        for (text, left) in [("20/60", 16), ("5/1", 1), ("4/86400", 0), ("2/60", 0)] {
            assert_eq!(old.changed_to(RateLimit::parse(text).unwrap(), 0).level(0).remaining, left, "{text}");
        }
        assert_eq!(
            old.changed_to(RateLimit::parse("5/60").unwrap(), 24 * SECOND).level(24 * SECOND).remaining,
            5
        );
    }

    proptest! {
        #[test]
        fn never_more_than_the_limit_fits_and_in_no_time_more_than_refills(
            requests in 1..50_u64, seconds in 1..100_u64,
            steps in proptest::collection::vec((0..20_000_u64, 0..4_u32), 1..300),
        ) {
            let bucket = Bucket::new(RateLimit::new(requests, seconds).unwrap());
            let (mut now, mut taken) = (0_u64, Vec::new());
            for (ms, cost) in steps {
                now += ms * 1_000_000;
                let (room, level) = (bucket.has_room(cost, now), bucket.level(now));
                let took = bucket.take(cost, now);
                prop_assert_eq!(took, room);
                prop_assert_eq!(took, u64::from(cost) <= level.remaining, "what is told fits");
                if took {
                    taken.push((now, u64::from(cost)));
                } else if u64::from(cost) <= requests {
                    let wait = bucket.wait_ns(cost, now);
                    prop_assert!(!bucket.has_room(cost, now + wait - 1) && bucket.has_room(cost, now + wait));
                }
            }
            // From any moment on: at most the whole limit, and what refills in the time since.
            for (at, (start, _)) in taken.iter().enumerate() {
                let mut sum = 0;
                for (end, cost) in taken.iter().skip(at) {
                    sum += cost;
                    let most = requests * seconds * SECOND + requests * (end - start);
                    prop_assert!(sum * seconds * SECOND <= most, "{} in {} ns", sum, end - start);
                }
            }
        }
    }

    #[test]
    fn thirty_two_threads_at_once_get_exactly_the_limit() {
        for round in 1..20_u64 {
            let bucket = bucket("1000/60");
            let took: usize = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..32)
                    .map(|_| scope.spawn(|| (0..100).filter(|_| bucket.take(1, round)).count()))
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(took, 1000);
        }
    }
}
