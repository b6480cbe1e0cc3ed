//! What a server counts of its verifications, for whoever watches it: how many with which verdict,
//! and how long they took. No key, no name and no address is in it.
//!
//! Counting must cost a verification nothing that can be measured: each thread has counters of
//! its own, so that a count is a plain addition that waits for nobody, and reading adds them up. Threads
//! beyond the cores of the machine share the last counters, with additions that wait for each other.
//!
//! Not here: counts by key, which are kept (`usage`), and the text of an answer (`web`).

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::App;
use crate::model::code::Code;
use crate::model::project::ProjectName;
use crate::store::metrics::StoreMetrics;

/// The most threads that have counters of their own.
const OWN_MAX: usize = 63;
/// The projects that are counted each by itself, those that are used first.
const PROJECTS_MAX: usize = 64;
/// The verdicts, and that none could be reached.
const CODES: usize = Code::QuotaExceeded as usize + 2;
/// The upper bounds of the histogram of durations.
const BOUNDS_US: [u64; 15] =
    [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_500_000];

thread_local! {
    /// The number of this thread among those that ever counted something; nobody else ever has it.
    static NUMBER: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

/// Whose token was presented, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// A key's of this project.
    Project(ProjectName),
    /// A stranger's.
    Nobody,
    /// A key's of a project beyond the 64 that are counted each by itself.
    AnotherProject,
}

/// The counters of a running server.
pub(super) struct Metrics {
    /// One for each thread, in the order of their numbers, and the last for all that come after.
    shards: Box<[Shard]>,
    started_at: Timestamp,
    flushed_at_ms: AtomicI64,
}

// Two threads' counters never meet in one line of a processor's cache.
#[repr(align(128))]
struct Shard {
    is_shared: bool,
    projects: [(OnceLock<ProjectName>, Counts); PROJECTS_MAX],
    rest: Counts,
    nobody: Counts,
    durations: [AtomicU64; BOUNDS_US.len() + 1],
    duration_ns: AtomicU64,
}

#[derive(Default)]
struct Counts([AtomicU64; CODES]);

impl Metrics {
    pub(super) fn new(now: Timestamp) -> Self {
        let n_own = std::thread::available_parallelism().map_or(1, NonZero::get).min(OWN_MAX);
        Self {
            shards: (0..=n_own).map(|at| Shard::new(at == n_own)).collect(),
            started_at: now,
            flushed_at_ms: AtomicI64::new(now.as_millisecond()),
        }
    }

    /// Counts a verification.
    pub(super) fn note(&self, project: Option<&ProjectName>, code: Code, took: Duration) {
        let Some(shard) = self.shard() else { return };
        shard.count(project, code);
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        if let Some(bucket) = shard.durations.get(BOUNDS_US.partition_point(|bound| *bound < ns / 1_000)) {
            shard.add(bucket, 1);
        }
        shard.add(&shard.duration_ns, ns);
    }

    /// The gathered usage has been written.
    pub(super) fn flushed(&self, now: Timestamp) {
        self.flushed_at_ms.store(now.as_millisecond(), Ordering::Relaxed);
    }

    fn shard(&self) -> Option<&Shard> {
        self.shards.get(NUMBER.with(|at| *at)).or_else(|| self.shards.last())
    }
}

impl Shard {
    fn new(is_shared: bool) -> Self {
        Self {
            is_shared,
            projects: std::array::from_fn(|_| Default::default()),
            rest: Counts::default(),
            nobody: Counts::default(),
            durations: Default::default(),
            duration_ns: AtomicU64::new(0),
        }
    }

    /// Adds to one of these counters.
    fn add(&self, counter: &AtomicU64, n: u64) {
        if self.is_shared {
            counter.fetch_add(n, Ordering::Relaxed);
        } else {
            // Nobody else writes it, and this is a fifth of the price.
            counter.store(counter.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
        }
    }

    fn count(&self, project: Option<&ProjectName>, code: Code) {
        let at = if code.is_verdict() { code as usize } else { CODES - 1 };
        if let Some(counter) = self.counts(project).0.get(at) {
            self.add(counter, 1);
        }
    }

    /// The first free place becomes the project's, which happens once and then is only read.
    fn counts(&self, project: Option<&ProjectName>) -> &Counts {
        let Some(project) = project else { return &self.nobody };
        let place = self.projects.iter().find(|(name, _)| name.get_or_init(|| project.clone()) == project);
        place.map_or(&self.rest, |(_, counts)| counts)
    }

    fn all(&self) -> impl Iterator<Item = (Of, &Counts)> {
        let named = self.projects.iter().filter_map(|(name, n)| Some((Of::Project(name.get()?.clone()), n)));
        named.chain([(Of::Nobody, &self.nobody), (Of::AnotherProject, &self.rest)])
    }
}

impl Counts {
    fn all(&self) -> impl Iterator<Item = (Code, u64)> {
        let codes = Code::all().take(CODES - 1).chain([Code::Unavailable]);
        codes.zip(&self.0).map(|(code, count)| (code, count.load(Ordering::Relaxed)))
    }
}

/// Everything that can be told of a running server at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// How often which verdict was given, without those that never were.
    pub verdicts: BTreeMap<(Of, Code), u64>,
    /// How many verifications took at most so many microseconds, the last of them without a bound.
    pub durations: Vec<(Option<u64>, u64)>,
    /// How long all verifications took together.
    pub duration_total: Duration,
    /// How long ago the gathered usage was last written.
    pub usage_flush_lag: Duration,
    /// Keys with uses that are not written yet.
    pub usage_waiting_keys: usize,
    /// Uses that were not counted, since too many keys waited.
    pub usage_dropped: u64,
    /// Keys in memory.
    pub cached_records: usize,
    /// The bytes that they take.
    pub cached_bytes: usize,
    /// The store's own.
    pub store: StoreMetrics,
    /// The store's engine and its version.
    pub engine: String,
    /// When the server started.
    pub started_at: Timestamp,
    /// By how many seconds the machine's clock is behind the time that keysrv goes by.
    pub clock_behind_seconds: i64,
}

impl App {
    /// Counts a request that presented nothing that could be verified.
    pub fn note_unread(&self, code: Code) {
        if let Some(shard) = self.metrics.shard() {
            shard.count(None, code);
        }
    }

    /// Reads every counter. They go on meanwhile, so that two may be one request apart.
    pub fn read_metrics(&self) -> Reading {
        let metrics = &self.metrics;
        let now = self.now();
        let flushed_at = metrics.flushed_at_ms.load(Ordering::Relaxed);
        let lag_ms = u64::try_from(now.as_millisecond().saturating_sub(flushed_at)).unwrap_or(0);
        let total_ns = metrics.shards.iter().map(|shard| shard.duration_ns.load(Ordering::Relaxed)).sum();
        let (cached_records, cached_bytes) = self.cache.extent();
        Reading {
            cached_records,
            cached_bytes,
            verdicts: metrics.verdicts(),
            durations: metrics.durations(),
            duration_total: Duration::from_nanos(total_ns),
            usage_flush_lag: Duration::from_millis(lag_ms),
            usage_waiting_keys: self.usage.n_waiting(),
            usage_dropped: self.usage.n_dropped(),
            store: self.store.metrics(),
            engine: self.store.engine(),
            started_at: metrics.started_at,
            clock_behind_seconds: self.clock_state().behind_seconds,
        }
    }
}

impl Metrics {
    fn verdicts(&self) -> BTreeMap<(Of, Code), u64> {
        let mut sums = BTreeMap::new();
        for (of, counts) in self.shards.iter().flat_map(Shard::all) {
            for (code, count) in counts.all().filter(|(_, count)| *count > 0) {
                *sums.entry((of.clone(), code)).or_default() += count;
            }
        }
        sums
    }

    fn durations(&self) -> Vec<(Option<u64>, u64)> {
        let bounds = BOUNDS_US.into_iter().map(Some).chain([None]);
        let mut n_so_far = 0;
        let at_most = bounds.enumerate().map(|(at, bound)| {
            let counts = self.shards.iter().filter_map(|shard| shard.durations.get(at));
            n_so_far += counts.map(|count| count.load(Ordering::Relaxed)).sum::<u64>();
            (bound, n_so_far)
        });
        at_most.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(n: usize) -> ProjectName {
        ProjectName::parse(&format!("p{n}")).unwrap()
    }

    #[test]
    fn what_every_thread_counted_is_added_up() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| {
                    metrics.note(Some(&project(1)), Code::Valid, Duration::from_micros(7));
                    metrics.note(None, Code::Malformed, Duration::from_mins(1));
                });
            }
        });
        let of = Of::Project(project(1));
        assert_eq!(metrics.verdicts(), [((of, Code::Valid), 20), ((Of::Nobody, Code::Malformed), 20)].into());
        let durations = metrics.durations();
        assert_eq!(durations[..3], [(Some(5), 0), (Some(10), 20), (Some(25), 20)]);
        assert_eq!(durations.last(), Some(&(None, 40)));
    }

    #[test]
    fn a_thread_with_counters_of_its_own_counts_as_one_that_shares_them() {
        for is_shared in [false, true] {
            let shard = Shard::new(is_shared);
            for n in [1, 2, u64::MAX] {
                shard.add(&shard.duration_ns, n);
            }
            shard.count(None, Code::Malformed);
            assert_eq!(shard.duration_ns.load(Ordering::Relaxed), 2);
            assert_eq!(shard.nobody.all().find(|(_, n)| *n > 0), Some((Code::Malformed, 1)));
        }
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        let own = metrics.shards.iter().filter(|shard| !shard.is_shared).count();
        assert!(own + 1 == metrics.shards.len() && metrics.shards.last().unwrap().is_shared);
    }

    #[test]
    fn projects_beyond_the_maximum_are_counted_together() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        for n in 0..PROJECTS_MAX + 3 {
            metrics.note(Some(&project(n)), Code::Valid, Duration::ZERO);
        }
        let verdicts = metrics.verdicts();
        assert_eq!(verdicts.len(), PROJECTS_MAX + 1);
        assert_eq!(verdicts[&(Of::AnotherProject, Code::Valid)], 3);
    }

    #[test]
    fn a_duration_on_a_bound_is_within_it() {
        let metrics = Metrics::new(Timestamp::UNIX_EPOCH);
        metrics.note(None, Code::Malformed, Duration::from_micros(5));
        assert_eq!(metrics.durations()[0], (Some(5), 1));
    }
}
