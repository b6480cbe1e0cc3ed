//! Changes that one thread makes one after the other, without giving its place away in between.
//!
//! A use case begins and commits as ever and knows nothing of it: what its thread is at stands in a
//! variable of the thread while it runs, and nowhere else. Its commit answers when the change is done, and
//! what became of it is told at the end of the row, so that whoever runs a row must answer nobody before.

use std::cell::RefCell;
use std::sync::Arc;

use super::{Outcome, Place, Writer};
use crate::store::Result;

thread_local! {
    static UNDER_WAY: RefCell<Option<UnderWay>> = const { RefCell::new(None) };
}

/// What the change that a thread makes just now finds, and leaves.
struct UnderWay {
    writer: Arc<Writer>,
    place: Option<Place>,
    put_off: Vec<Arc<Outcome>>,
}

/// Whether this thread makes a change of a row just now.
pub(super) fn is_under_way(writer: &Arc<Writer>) -> bool {
    in_row_of(writer, |_| ()).is_some()
}

/// The place for the next change of this thread's row, with the transaction that was left in it.
pub(super) fn take_place(writer: &Arc<Writer>) -> Option<Place> {
    in_row_of(writer, |change| change.place.take()).flatten()
}

/// Keeps the place for the next change of this thread's row; answers with it when there is no row.
pub(super) fn put_off(place: Place, outcome: &Arc<Outcome>) -> Option<Place> {
    let writer = Arc::clone(&place.writer);
    let mut place = Some(place);
    in_row_of(&writer, |change| {
        change.place = place.take();
        change.put_off.push(Arc::clone(outcome));
    });
    place
}

// Nothing is dropped in here: a place that is given away commits, and that would find the variable in use.
fn in_row_of<T>(writer: &Arc<Writer>, with: impl FnOnce(&mut UnderWay) -> T) -> Option<T> {
    UNDER_WAY.with_borrow_mut(|change| {
        change.as_mut().filter(|change| Arc::ptr_eq(&change.writer, writer)).map(with)
    })
}

/// A row of changes. Dropped, it commits what they did, or leaves it to those who wait.
pub(in crate::store::sqlite) struct Row {
    writer: Arc<Writer>,
    place: Option<Place>,
    /// For each change what to wait for: nothing when it was refused.
    put_off: Vec<Vec<Arc<Outcome>>>,
}

impl Row {
    pub(in crate::store::sqlite) fn new(writer: &Arc<Writer>) -> Self {
        Self { writer: Arc::clone(writer), place: None, put_off: Vec::new() }
    }

    /// Makes one change, as [`crate::store::Row::run`].
    pub(in crate::store::sqlite) fn run(&mut self, change: &mut dyn FnMut()) {
        let under_way =
            UnderWay { writer: Arc::clone(&self.writer), place: self.place.take(), put_off: Vec::new() };
        drop(UNDER_WAY.replace(Some(under_way)));
        let _unset = Unset;
        change();
        if let Some(left) = UNDER_WAY.take() {
            self.place = left.place;
            self.put_off.push(left.put_off);
        }
    }

    /// Commits, and tells of each change what became of it.
    pub(in crate::store::sqlite) fn end(self) -> Vec<Result<()>> {
        let Self { place, put_off, .. } = self;
        drop(place);
        let outcome = |put_off: Vec<Arc<Outcome>>| put_off.iter().try_for_each(|outcome| outcome.wait());
        put_off.into_iter().map(outcome).collect()
    }
}

/// A change that panics leaves its thread in no row either.
struct Unset;

impl Drop for Unset {
    fn drop(&mut self) {
        drop(UNDER_WAY.take());
    }
}
