//! Changes of many callers that one thread makes, one after the other.
//!
//! With a thread for each change a fast disk waits for threads: each change wakes the next one, and all
//! sleep until the commit that they share. Here whoever comes first serves the line until it is empty, a
//! row of changes at a time (`store::Row`), and tells everybody in a row when the disk has all of it.
//!
//! Only for changes that wait for nothing but their turn to write. The thread keeps that turn between two
//! changes of a row, and one that waited for a flush of uses would wait for somebody who wants that turn.
//!
//! Not here: threads, and the way back to who asked (`web::blocking`).

use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{App, Error, Result};
use crate::store::{self, Row, StoreError};

/// The most changes of a row: the first of them waits for the others.
const ROW_MAX: usize = 256;
/// How long a change waits before it is refused, as one would be that waits for its turn.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// Makes a change, or hears why it is not made.
type Change = Box<dyn FnOnce(Result<&App>) -> Answer + Send>;
/// Tells who asked what became of it.
type Answer = Box<dyn FnOnce(store::Result<()>)>;

/// Those who wait, each with the time at which it came. There are never more than connections.
#[derive(Default)]
pub(super) struct Line(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    changes: VecDeque<(Instant, Change)>,
    is_served: bool,
}

impl Line {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The duty to serve the line, for a thread that may wait. Dropped unserved, those who wait are told nothing.
#[must_use]
pub struct Service {
    app: Arc<App>,
    has_left: bool,
}

impl App {
    /// Puts a change in the line, and has `tell` told what became of it, when it has reached the disk. A
    /// change that panics tells nothing. Answers with the duty to serve the line when nobody has it.
    pub fn line_up<T: 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&App) -> Result<T> + Send + 'static,
        tell: impl FnOnce(Result<T>) + Send + 'static,
    ) -> Option<Service> {
        let change = move |app: Result<&App>| -> Answer {
            let made = app.and_then(change);
            Box::new(move |kept| tell(made.and_then(|made| Ok(kept.map(|()| made)?))))
        };
        let mut waiting = self.line.waiting();
        waiting.changes.push_back((Instant::now(), Box::new(change)));
        let is_served = mem::replace(&mut waiting.is_served, true);
        (!is_served).then(|| Service { app: Arc::clone(self), has_left: false })
    }
}

impl Service {
    /// Makes the changes that wait, and those that come meanwhile.
    pub fn serve(mut self) {
        while let Some(first) = self.next_or_leave() {
            let (mut row, mut answers) = (self.app.store.row(), Vec::new());
            let mut next = Some(first);
            while let Some(change) = next {
                answers.push(self.make(&mut *row, change));
                next = if answers.len() < ROW_MAX { self.next() } else { None };
            }
            for (answer, kept) in answers.into_iter().zip(row.end()) {
                if let Some(answer) = answer {
                    answer(kept);
                }
            }
        }
    }

    fn make(&self, row: &mut dyn Row, (came, change): (Instant, Change)) -> Option<Answer> {
        let app = if came.elapsed() < WAIT_MAX { Ok(&*self.app) } else { Err(Error::from(StoreError::Busy)) };
        let mut change = Some(move || change(app));
        let mut answer = None;
        row.run(&mut || {
            // One that panics must not take the answers of the others with it.
            answer = change.take().and_then(|change| catch_unwind(AssertUnwindSafe(change)).ok());
        });
        answer
    }

    fn next(&self) -> Option<(Instant, Change)> {
        self.app.line.waiting().changes.pop_front()
    }

    fn next_or_leave(&mut self) -> Option<(Instant, Change)> {
        let mut waiting = self.app.line.waiting();
        let next = waiting.changes.pop_front();
        self.has_left = next.is_none();
        waiting.is_served = next.is_some();
        next
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.has_left {
            return;
        }
        let mut waiting = self.app.line.waiting();
        waiting.is_served = false;
        let given_up = mem::take(&mut waiting.changes);
        drop(waiting);
        drop(given_up);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::app::setup;
    use crate::clock::{Clock, ManualClock};
    use crate::model::principal::Principal;
    use crate::model::scope::Catalogue;

    #[test]
    fn a_change_that_waited_too_long_is_refused_and_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH));
        let operator = Principal::Operator("test".to_owned());
        setup::init(dir.path(), &clock, &operator, &Catalogue::empty(), None).unwrap();
        let app = Arc::new(App::open(dir.path(), clock).unwrap());
        let (tell, told) = channel();
        let change = |_: &App| -> Result<()> { panic!("it must not be made") };
        let service = app.line_up(change, move |outcome| tell.send(outcome).unwrap());
        for (came, _) in &mut app.line.waiting().changes {
            *came = came.checked_sub(WAIT_MAX).unwrap();
        }
        service.unwrap().serve();
        assert!(matches!(told.recv().unwrap(), Err(Error::Store(StoreError::Busy))));
    }
}
