//! Taking turns to write, and the commit that several changes of this process share.
//!
//! Waiting for the disk takes far longer than a change, so that whoever is done while others wait does
//! not commit: it leaves the transaction open and hands it to the next of them. The last one commits for
//! all, and each is answered when that commit has reached the disk, or has not. A change that is alone
//! waits for nobody, and commits as soon as it is done.
//!
//! - Each sees what those before it did, as if they had committed. One that is given up undoes what it did
//!   itself, and commits for those before it, so that an answer that rests on theirs is as durable.
//! - When the engine undoes a whole transaction (the disk is full, say), all of it is lost, and everybody
//!   in it is told so. A refusal that was given up cannot be told any more; it acknowledges nothing.
//! - A thread that has several changes to make holds its place for all of them (`row`): handing it on
//!   costs two threads a switch each time, which with a fast disk is dearer than the change. Changes of a
//!   row have no savepoint, for which the engine keeps each page as it was: a sixth of a change. One that
//!   is given up after it wrote, which nothing but a fault makes one do, undoes all, and whoever runs the
//!   row makes the others once more.
//! - Counts of use need not reach the disk, and what takes long would let others wait for their answer:
//!   neither shares its commit.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::metrics::Counters;
use super::pool::{Durability, Pool, Pooled};
use crate::store::{Result, StoreError};

mod row;

pub(super) use row::Row;

/// The most changes that share a commit: the first of them waits for the others.
const SHARED_MAX: u64 = 256;

/// Whether a change may share its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    WithOthers,
    WithNobody,
}

/// The line of those who want to write, each its turn.
pub(super) struct Writer {
    pool: Pool,
    counters: Arc<Counters>,
    wait_max: Duration,
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Default)]
struct Line {
    is_taken: bool,
    n_waiting: usize,
    /// Left by the one before for the next. It is there only while somebody waits.
    open: Option<Open>,
}

impl Writer {
    /// `wait_max` is how long one waits for its turn.
    pub(super) fn new(pool: Pool, counters: Arc<Counters>, wait_max: Duration) -> Arc<Self> {
        Arc::new(Self { pool, counters, wait_max, line: Mutex::default(), moved: Condvar::new() })
    }

    /// Waits for a turn, and begins.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when it does not come in time, or another process writes for as long;
    /// [`StoreError::Failed`] after a commit that failed.
    pub(super) fn begin(self: &Arc<Self>, durability: Durability, share: Share) -> Result<Turn> {
        let mut place = row::take_place(self).map_or_else(|| self.take_place(), Ok)?;
        let open = match place.left.take() {
            Some(open) if share == Share::WithNobody => {
                open.commit();
                None
            }
            open => open,
        };
        if self.counters.has_failed() {
            return Err(StoreError::Failed);
        }
        let open = if let Some(open) = open {
            open.join()?
        } else {
            let is_of_row = row::is_under_way(self);
            Open::begin(self.pool.get()?, durability, Arc::clone(&self.counters), is_of_row)?
        };
        Ok(Turn { open, place, share })
    }

    fn take_place(self: &Arc<Self>) -> Result<Place> {
        let mut line = self.line();
        line.n_waiting += 1;
        let waited = self.moved.wait_timeout_while(line, self.wait_max, |line| line.is_taken);
        line = waited.unwrap_or_else(PoisonError::into_inner).0;
        line.n_waiting -= 1;
        if line.is_taken {
            return Err(StoreError::Busy);
        }
        line.is_taken = true;
        Ok(Place { writer: Arc::clone(self), left: line.open.take() })
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place at the front of the line; dropped, it is the next one's.
struct Place {
    writer: Arc<Writer>,
    /// The transaction that is left for the next, or committed when nobody waits.
    left: Option<Open>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut line = self.writer.line();
        match self.left.take() {
            Some(open) if line.n_waiting == 0 => {
                drop(line);
                open.commit();
                line = self.writer.line();
            }
            left => line.open = left.map(Open::for_others),
        }
        line.is_taken = false;
        drop(line);
        self.writer.moved.notify_one();
    }
}

/// The right to write, and the transaction in which it is done. Dropped, it changes nothing.
pub(super) struct Turn {
    // In this order: it ends before the place is the next one's.
    open: Open,
    place: Place,
    share: Share,
}

impl Turn {
    pub(super) fn connection(&self) -> &Connection {
        &self.open.pooled
    }

    /// Keeps the change; when it answers, the change has reached the disk, unless it need not, or is one
    /// of a [`Row`].
    ///
    /// # Errors
    /// When it could not be kept.
    pub(super) fn commit(self) -> Result<()> {
        let Self { mut open, mut place, share } = self;
        let outcome = Arc::clone(&open.outcome);
        open.finish_change();
        if share == Share::WithOthers && open.n_done < SHARED_MAX && !open.is_undone() {
            place.left = Some(open);
            let Some(place) = row::put_off(place, &outcome) else { return Ok(()) };
            drop(place);
        } else {
            open.commit();
            drop(place);
        }
        outcome.wait()
    }
}

/// A transaction that has begun. Dropped, it loses the change that is not done, and commits the others.
struct Open {
    pooled: Pooled,
    durability: Durability,
    counters: Arc<Counters>,
    /// The changes that are done and wait for the commit.
    n_done: u64,
    /// Whether all of them are of the row that is under way.
    is_of_row: bool,
    /// For one that is under way beside them.
    undo: Undo,
    outcome: Arc<Outcome>,
}

/// How a change is undone that is not the only one in its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// Back to its savepoint.
    Alone,
    /// With all of them, if it changed a row since this many were changed.
    WithAll {
        /// What the connection counted before it.
        n_changed: u64,
    },
}

impl Open {
    fn begin(
        pooled: Pooled,
        durability: Durability,
        counters: Arc<Counters>,
        is_of_row: bool,
    ) -> Result<Self> {
        // Set each time, since it differs, and cannot be changed inside a transaction.
        pooled.execute_batch(durability.pragma())?;
        pooled.execute_batch("BEGIN IMMEDIATE")?;
        let (n_done, undo, outcome) = (0, Undo::Alone, Arc::default());
        Ok(Self { pooled, durability, counters, n_done, is_of_row, undo, outcome })
    }

    /// Begins one more change in it.
    fn join(mut self) -> Result<Self> {
        if self.is_of_row {
            self.undo = Undo::WithAll { n_changed: self.pooled.total_changes() };
        } else {
            self.undo = Undo::Alone;
            self.pooled.execute_batch("SAVEPOINT change")?;
        }
        Ok(self)
    }

    /// Nobody makes those in it once more.
    fn for_others(mut self) -> Self {
        self.is_of_row = false;
        self
    }

    /// Whether the engine has undone all of it, as it does when the disk is full.
    fn is_undone(&self) -> bool {
        self.pooled.is_autocommit()
    }

    fn finish_change(&mut self) {
        if self.n_done > 0 && self.undo == Undo::Alone {
            self.end_change("RELEASE change");
        }
        self.n_done += 1;
    }

    /// Undoes the change that is under way.
    fn give_up_change(&self) {
        match self.undo {
            Undo::Alone => self.end_change("ROLLBACK TO change; RELEASE change"),
            Undo::WithAll { n_changed } if n_changed != self.pooled.total_changes() => self.undo(),
            Undo::WithAll { .. } => {}
        }
    }

    /// When even this fails nobody knows what is in the transaction, and nothing of it may be kept.
    fn end_change(&self, how: &str) {
        if self.pooled.execute_batch(how).is_err() {
            self.undo();
        }
    }

    /// When even this fails the pool sees an open transaction, and throws the connection away.
    fn undo(&self) {
        let _thrown_away = self.pooled.execute_batch("ROLLBACK");
    }

    /// Commits for all who are done, and tells them.
    fn commit(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let ended = if self.is_undone() { Ended::Busy } else { self.try_commit() };
        self.n_done = 0;
        self.outcome.tell(ended);
    }

    fn try_commit(&self) -> Ended {
        match self.pooled.execute_batch("COMMIT").map_err(StoreError::from) {
            Ok(()) => {
                // Before anybody is answered: who sees the answer sees the count.
                self.counters.committed(self.durability, self.n_done);
                Ended::Kept
            }
            // Nothing has been written in these two cases, and the next try may succeed.
            Err(StoreError::Full) => Ended::Full,
            Err(StoreError::Busy) => Ended::Busy,
            Err(error) => {
                // After a failed sync the kernel may have dropped the pages: a second try that
                // succeeds proves nothing. So nothing is acknowledged from here on.
                self.counters.fail();
                Ended::Failed(error.to_string())
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.n_done > 0 {
            self.give_up_change();
            self.end();
        }
        if !self.is_undone() {
            self.undo();
        }
    }
}

/// What becomes of a transaction, for those who wait for it.
#[derive(Default)]
struct Outcome {
    ended: Mutex<Option<Ended>>,
    told: Condvar,
}

#[derive(Debug)]
enum Ended {
    Kept,
    Full,
    Busy,
    Failed(String),
}

impl Outcome {
    fn tell(&self, ended: Ended) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        self.told.notify_all();
    }

    fn wait(&self) -> Result<()> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let told = self.told.wait_while(ended, |ended| ended.is_none());
        match &*told.unwrap_or_else(PoisonError::into_inner) {
            Some(Ended::Kept) => Ok(()),
            Some(Ended::Full) => Err(StoreError::Full),
            Some(Ended::Busy) => Err(StoreError::Busy),
            Some(Ended::Failed(error)) => Err(StoreError::Engine(error.clone())),
            None => Err(StoreError::Failed),
        }
    }
}

#[cfg(test)]
mod tests;
