//! How often and when keys are used, gathered in memory and written once a second.
//!
//! A request that notes a use adds to a tally beside the key's record (`tally`) and writes nothing: 0.09 µs
//! with all else that goes along with a use (`examples/memory`). Once a second what
//! gathered is noted in the database, a bounded number of keys in a transaction, and one share of what was
//! noted before is added to the counts where they belong: a key that is used all the time costs 2 to 4 µs a second
//! and 30 to 60 µs in half a minute. What could not be written goes back. Readers have all of it written first, so
//! that they see every use at once, unless that would make them wait for more than `WAITED_FOR_MAX` counts:
//! then they see what was used up to half a minute ago.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{App, Result};
use crate::model::code::Code;
use crate::model::limit::Watched;
use crate::model::usage::{Hour, KeyUsage, LastUse, SecretUse};
use crate::store::keys::KeySeq;
use crate::store::usage::{Settle, UsageBatch};
use crate::store::{self, VerifyRecord};

mod tally;

pub(super) use tally::Tally;

const LINES: usize = 16;
/// The most keys whose uses may wait for a flush, over all lines; the uses of further keys are
/// not counted until then. A flush a second keeps this far away.
const KEYS_MAX: usize = 1_000_000;
/// Keys whose uses are noted in one transaction: about 10 ms, in which other changes wait.
const NOTED_AT_ONCE: usize = 3_000;
/// Counts that are added where they belong in one transaction: about as long.
const SETTLED_AT_ONCE: usize = 200;
/// The counts that somebody who reads them waits for: half a second at most.
const WAITED_FOR_MAX: usize = 5_000;
/// Room that a line keeps from one flush to the next, so that it does not grow anew each time.
const ROOM_KEPT: usize = 4_096;

/// One use of a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub(super) at: Timestamp,
    pub(super) code: Code,
    pub(super) ip: Option<IpAddr>,
    /// The number of the secret that was presented, of a key that has two.
    pub(super) secret: Option<i64>,
    /// What would have refused it, if it were not only watched.
    pub(super) watched: [Option<Watched>; 5],
}

/// Tallies that hold uses, each once. Two of one key are there when its record was read anew.
type Line = Vec<(KeySeq, Arc<Tally>)>;

/// What gathered since the last flush.
#[derive(Default)]
pub(super) struct Usage {
    lines: [Mutex<Line>; LINES],
    // One flush at a time: a reader that comes during one waits until its uses are written, too.
    flushing: Mutex<()>,
    n_dropped: AtomicU64,
}

impl Use {
    /// Whether it is accepted and nothing else is to be told of it than where it came from.
    fn is_usual(&self) -> bool {
        self.code.is_valid() && self.secret.is_none() && self.watched.iter().all(Option::is_none)
    }
}

impl Usage {
    /// Notes one use of a key.
    pub(super) fn note(&self, record: &VerifyRecord, one: &Use) {
        let tally: Option<&Tally> = record.used.get().or_else(|| {
            record.used.put(Tally::default());
            record.used.get()
        });
        let is_counted = tally.is_some_and(|tally| tally.note(one, || self.wait(record)));
        if !is_counted {
            self.n_dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Puts a key's tally in line; answers whether there was room.
    fn wait(&self, record: &VerifyRecord) -> bool {
        let mut line = self.line(record.seq);
        let Some(tally) = record.used.share().filter(|_| line.len() < KEYS_MAX / LINES) else { return false };
        line.push((record.seq, tally));
        true
    }

    fn line(&self, key: KeySeq) -> MutexGuard<'_, Line> {
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the number of lines")]
        lock(&self.lines[usize::try_from(key.0).unwrap_or_default() % LINES])
    }

    /// Keys whose uses wait for a flush.
    pub(super) fn n_waiting(&self) -> usize {
        self.lines.iter().map(|line| lock(line).len()).sum()
    }

    /// Uses that were not counted.
    pub(super) fn n_dropped(&self) -> u64 {
        self.n_dropped.load(Ordering::Relaxed)
    }

    /// Everybody in line, each key once, in the order in which the keys were made and the database has them.
    fn take(&self) -> Line {
        let mut waiting: Line = self.lines.iter().flat_map(|line| take(&mut lock(line))).collect();
        waiting.sort_unstable_by_key(|(key, _)| *key);
        waiting.dedup_by(|(key, one), (of, same)| {
            let are_same = key == of;
            if are_same {
                same.give_back(one.take(), || {});
            }
            are_same
        });
        waiting
    }

    /// Takes what gathered and writes it in parts, each when it is its turn; the first that cannot be written
    /// goes back, and those that follow wait on.
    fn write(&self, write: impl Fn(&UsageBatch) -> store::Result<()>) -> store::Result<()> {
        let mut taken = Taken { usage: self, tallies: self.take().into_iter() };
        loop {
            let part: Line = taken.tallies.by_ref().take(NOTED_AT_ONCE).collect();
            if part.is_empty() {
                return Ok(());
            }
            let batch: UsageBatch = part.iter().map(|(key, tally)| (*key, tally.take())).collect();
            if let Err(error) = write(&batch) {
                for ((key, tally), (_, usage)) in part.iter().zip(batch) {
                    tally.give_back(usage, || self.line(*key).push((*key, Arc::clone(tally))));
                }
                return Err(error);
            }
        }
    }
}

/// Tallies that a flush has in hand. Those that it does not come to go back, even when it panics: a tally
/// that waits and is nowhere would never be written.
struct Taken<'a> {
    usage: &'a Usage,
    tallies: std::vec::IntoIter<(KeySeq, Arc<Tally>)>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        for (key, tally) in self.tallies.by_ref() {
            self.usage.line(key).push((key, tally));
        }
    }
}

fn take(line: &mut Line) -> Line {
    let room = line.len().min(ROOM_KEPT);
    std::mem::replace(line, Line::with_capacity(room))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn add(usage: &mut KeyUsage, one: &Use) {
    count(usage, Hour::of(one.at), one.code, 1);
    if let Some(n) = one.secret {
        let seen = LastUse { at: one.at, ip: one.ip };
        add_secret(usage, SecretUse { n, seen, used_at: one.code.is_valid().then_some(one.at), count: 1 });
    }
    if !one.code.is_valid() {
        usage.last_refused = Some((one.at, one.code));
        return;
    }
    for watched in one.watched.into_iter().flatten() {
        count_watched(usage, Hour::of(one.at), watched, 1);
    }
    usage.last_used = Some(LastUse { at: one.at, ip: one.ip });
}

fn add_secret(usage: &mut KeyUsage, newer: SecretUse) {
    match usage.secrets.iter_mut().find(|older| older.n == newer.n) {
        Some(older) => {
            *older = SecretUse {
                n: newer.n,
                seen: if newer.seen.at < older.seen.at { older.seen } else { newer.seen },
                used_at: newer.used_at.max(older.used_at),
                count: older.count + newer.count,
            };
        }
        None => usage.secrets.push(newer),
    }
}

fn count(usage: &mut KeyUsage, hour: Hour, code: Code, n: u64) {
    match usage.counts.iter_mut().find(|(h, c, _)| (*h, *c) == (hour, code)) {
        Some((_, _, count)) => *count += n,
        None => usage.counts.push((hour, code, n)),
    }
}

fn count_watched(usage: &mut KeyUsage, hour: Hour, watched: Watched, n: u64) {
    match usage.watched.iter_mut().find(|(h, w, _)| (*h, *w) == (hour, watched)) {
        Some((_, _, count)) => *count += n,
        None => usage.watched.push((hour, watched, n)),
    }
}

/// What two tallies of a key hold, or what was given back and what came after it, in any order.
fn merge(mut usage: KeyUsage, other: KeyUsage) -> KeyUsage {
    for (hour, code, n) in other.counts {
        count(&mut usage, hour, code, n);
    }
    for (hour, watched, n) in other.watched {
        count_watched(&mut usage, hour, watched, n);
    }
    for secret in other.secrets {
        add_secret(&mut usage, secret);
    }
    usage.last_used = usage.last_used.into_iter().chain(other.last_used).max_by_key(|last| last.at);
    usage.last_refused = usage.last_refused.into_iter().chain(other.last_refused).max_by_key(|(at, _)| *at);
    usage
}

impl App {
    /// Writes what gathered where it belongs, as much of it as somebody waits for, and the rest where that
    /// costs little; every reader of counts does this first, and a server when it stops.
    ///
    /// # Errors
    /// When it could not be written; it is kept for the next time.
    pub fn flush_usage(&self) -> Result<()> {
        if self.usage.n_waiting() > WAITED_FOR_MAX {
            return self.flush((Settle::All, WAITED_FOR_MAX), |batch| self.store.note_usage(batch));
        }
        self.flush((Settle::All, WAITED_FOR_MAX), |batch| self.store.write_usage(batch))
    }

    /// Writes all of it where it belongs, however long that takes: for what decides by it.
    ///
    /// # Errors
    /// As [`App::flush_usage`].
    pub(super) fn flush_all_usage(&self) -> Result<()> {
        self.flush((Settle::All, usize::MAX), |batch| self.store.write_usage(batch))
    }

    /// Writes what gathered where that costs little, and a share of it where it belongs; a server does
    /// this once a second, with numbers that go up.
    ///
    /// # Errors
    /// As [`App::flush_usage`].
    pub fn note_usage(&self, second: u64) -> Result<()> {
        self.flush((Settle::Share(second), usize::MAX), |batch| self.store.note_usage(batch))
    }

    fn flush(&self, settle: (Settle, usize), write: impl Fn(&UsageBatch) -> store::Result<()>) -> Result<()> {
        let _one_at_a_time = lock(&self.usage.flushing);
        // What is written here makes the write-ahead log grow, which begins anew only when nobody reads.
        let _no_snapshots = self.cache.pause_snapshots();
        let now = self.now();
        let written = self.usage.write(write).and_then(|()| self.settle(settle));
        let quotas = self.flush_quotas();
        let noted = self.flush_noted();
        if written.is_ok() && quotas.is_ok() && noted.is_ok() {
            self.metrics.flushed(now);
        }
        written?;
        quotas.and(noted)
    }

    fn settle(&self, (which, n_max): (Settle, usize)) -> store::Result<()> {
        let mut n = 0;
        while n < n_max {
            let n_settled = self.store.settle_usage(which, SETTLED_AT_ONCE)?;
            if n_settled < SETTLED_AT_ONCE {
                break;
            }
            n += n_settled;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
