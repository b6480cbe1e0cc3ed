//! How often and when keys are used, gathered in memory and written once a second.
//!
//! A request that notes a use takes one short lock of many and writes nothing; the flush takes
//! what gathered and writes it in one transaction. What a flush could not write goes back.
//! Readers flush first, so that they see every use at once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{App, Result};
use crate::model::code::Code;
use crate::model::key::KeyId;
use crate::model::limit::Watched;
use crate::model::usage::{Hour, KeyUsage, LastUse, SecretUse, UsageBatch};

const SHARDS: usize = 16;
/// The most keys whose uses may wait for a flush, over all shards; the uses of further keys are
/// not counted until then. A flush a second keeps this far away.
const KEYS_MAX: usize = 1_000_000;

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

/// What gathered since the last flush.
#[derive(Default)]
pub(super) struct Usage {
    shards: [Mutex<HashMap<KeyId, KeyUsage>>; SHARDS],
    hasher: RandomState,
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

    fn shard(&self, id: &KeyId) -> MutexGuard<'_, HashMap<KeyId, KeyUsage>> {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose the shard")]
        let at = self.hasher.hash_one(id) as usize % SHARDS;
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

    fn take(&self) -> UsageBatch {
        self.shards.iter().flat_map(|shard| std::mem::take(&mut *lock(shard))).collect()
    }

    fn give_back(&self, batch: UsageBatch) {
        for (id, usage) in batch {
            let mut shard = self.shard(&id);
            let newer = shard.remove(&id).unwrap_or_default();
            shard.insert(id, merge(usage, newer));
        }
    }
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
    /// Writes what gathered; a server does this once a second and when it stops, and every
    /// reader of counts first.
    ///
    /// # Errors
    /// When it could not be written; it is kept for the next time.
    pub fn flush_usage(&self) -> Result<()> {
        let _one_at_a_time = lock(&self.usage.flushing);
        let now = self.now();
        let batch = self.usage.take();
        let written = if batch.is_empty() { Ok(()) } else { self.store.write_usage(&batch) };
        if written.is_err() {
            self.usage.give_back(batch);
        }
        let quotas = self.flush_quotas();
        if written.is_ok() && quotas.is_ok() {
            self.metrics.flushed(now);
        }
        written?;
        quotas
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
