//! How often and when keys are used, gathered in memory and written once a second.
//!
//! A request that notes a use takes one short lock of many and writes nothing: 0.2 µs with all else that
//! goes along with a use (`examples/memory`, on a busy machine). Once a second what gathered is noted in
//! the database, a bounded number of keys in a transaction, and one share of what was noted before is
//! added to the counts where they belong: a key that is used all the time costs 4 µs a second and 60 µs in
//! half a minute. What could not be written goes back. Readers have all of it written first, so that they
//! see every use at once, unless that would make them wait for more than `WAITED_FOR_MAX` counts: then
//! they see what was used up to half a minute ago.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::id_hash::{self, IdHash};
use super::{App, Result};
use crate::model::code::Code;
use crate::model::key::KeyId;
use crate::model::limit::Watched;
use crate::model::usage::{Hour, KeyUsage, LastUse, SecretUse, UsageBatch};
use crate::store;
use crate::store::usage::Settle;

const SHARDS: usize = 16;
/// The most keys whose uses may wait for a flush, over all shards; the uses of further keys are
/// not counted until then. A flush a second keeps this far away.
const KEYS_MAX: usize = 1_000_000;
/// Keys whose uses are noted in one transaction: about 10 ms, in which other changes wait.
const NOTED_AT_ONCE: usize = 3_000;
/// Counts that are added where they belong in one transaction: about as long.
const SETTLED_AT_ONCE: usize = 200;
/// The counts that somebody who reads them waits for: half a second at most.
const WAITED_FOR_MAX: usize = 5_000;
/// Room that a shard keeps from one flush to the next, so that it does not grow anew each time.
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

type Shard = HashMap<KeyId, KeyUsage, IdHash>;

/// What gathered since the last flush.
#[derive(Default)]
pub(super) struct Usage {
    shards: [Mutex<Shard>; SHARDS],
    // One flush at a time: a reader that comes during one waits until its uses are written, too.
    flushing: Mutex<()>,
    n_dropped: AtomicU64,
}

impl Usage {
    /// Notes one use.
    pub(super) fn note(&self, id: KeyId, one: &Use) {
        let mut shard = self.shard(&id);
        if shard.len() >= KEYS_MAX / SHARDS && !shard.contains_key(&id) {
            self.n_dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        add(shard.entry(id).or_default(), one);
    }

    fn shard(&self, id: &KeyId) -> MutexGuard<'_, Shard> {
        // The middle bits: the map itself goes by those at both ends.
        let at = (id_hash::hash(id) >> 32) as usize % SHARDS;
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the number of shards")]
        lock(&self.shards[at])
    }

    /// Keys whose uses wait for a flush.
    pub(super) fn n_waiting(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Uses that were not counted.
    pub(super) fn n_dropped(&self) -> u64 {
        self.n_dropped.load(Ordering::Relaxed)
    }

    /// Everything, in the order of the ids, in which the database keeps it.
    fn take(&self) -> UsageBatch {
        let mut batch: UsageBatch = self.shards.iter().flat_map(|shard| take(&mut lock(shard))).collect();
        batch.sort_unstable_by_key(|(id, _)| *id);
        batch
    }

    fn give_back(&self, batch: UsageBatch) {
        for (id, usage) in batch {
            let mut shard = self.shard(&id);
            let newer = shard.remove(&id).unwrap_or_default();
            shard.insert(id, merge(usage, newer));
        }
    }

    /// Takes what gathered and writes it in parts; the first that cannot be written goes back with all
    /// that follow.
    fn write(&self, write: impl Fn(&UsageBatch) -> store::Result<()>) -> store::Result<()> {
        let mut batch = self.take();
        while !batch.is_empty() {
            let rest = batch.split_off(batch.len().min(NOTED_AT_ONCE));
            if let Err(error) = write(&batch) {
                self.give_back(batch);
                self.give_back(rest);
                return Err(error);
            }
            batch = rest;
        }
        Ok(())
    }
}

fn take(shard: &mut Shard) -> Shard {
    let room = shard.len().min(ROOM_KEPT);
    std::mem::replace(shard, Shard::with_capacity_and_hasher(room, IdHash::default()))
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
            let (used_at, count) = (newer.used_at.or(older.used_at), older.count + newer.count);
            *older = SecretUse { used_at, count, ..newer };
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

fn merge(mut older: KeyUsage, newer: KeyUsage) -> KeyUsage {
    for (hour, code, n) in newer.counts {
        count(&mut older, hour, code, n);
    }
    for (hour, watched, n) in newer.watched {
        count_watched(&mut older, hour, watched, n);
    }
    older.last_used = newer.last_used.or(older.last_used);
    older.last_refused = newer.last_refused.or(older.last_refused);
    for secret in newer.secrets {
        add_secret(&mut older, secret);
    }
    older
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
mod tests {
    use super::*;

    fn used(at_ms: i64, code: Code) -> Use {
        Use {
            at: Timestamp::from_millisecond(at_ms).unwrap(),
            code,
            ip: None,
            secret: Some(1),
            watched: [None; 5],
        }
    }

    #[test]
    fn what_a_failed_flush_gives_back_is_not_lost() {
        let usage = Usage::default();
        let id = KeyId::parse("000000000000").unwrap();
        usage.note(id, &used(1, Code::Valid));
        let batch = usage.take();
        usage.note(id, &used(2, Code::Valid));
        usage.note(id, &used(3, Code::Disabled));
        usage.give_back(batch);
        let (_, all) = usage.take().pop().unwrap();
        assert_eq!(all.counts, [(Hour(0), Code::Valid, 2), (Hour(0), Code::Disabled, 1)]);
        assert_eq!(all.last_used.unwrap().at.as_millisecond(), 2);
        assert_eq!(all.secrets.iter().map(|secret| (secret.n, secret.count)).collect::<Vec<_>>(), [(1, 3)]);
        assert_eq!(all.secrets[0].seen.at.as_millisecond(), 3);
        assert_eq!(all.secrets[0].used_at.unwrap().as_millisecond(), 2);
    }
}
