//! Changes of many callers that one thread makes, one after the other.
//!
//! With a thread for each change a fast disk waits for threads: each change wakes the next one, and all
//! sleep until the commit that they share. Here whoever comes first serves the line until it is empty, a
//! row of changes at a time (`store::Row`), and tells everybody in a row when the disk has all of it.
//!
//! Only for changes that wait for nothing but their turn to write. The thread keeps that turn between two
//! changes of a row, and one that waited for a flush of uses would wait for somebody who wants that turn.
//! And only for changes that leave nothing behind but what they write: when a fault stops one after it wrote, all
//! that is not on the disk yet is undone, and the others are made once more, each by itself.
//!
//! Not here: threads, and the way back to who asked (`web::blocking`).

use std::collections::VecDeque;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{App, Result};
use crate::store::{self, Row, StoreError};

/// The most changes of a row: the first of them waits for the others.
const ROW_MAX: usize = 256;
/// How long a change waits before it is refused, as one would be that waits for its turn.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// A change that somebody asked for.
trait Change: Send {
    /// Makes it, or hears why it is not made; another time, when what was made is undone.
    fn make(&mut self, app: Result<&App>);

    /// Tells who asked what became of it; nothing when it panicked.
    fn tell(self: Box<Self>, kept: store::Result<()>);
}

struct Asked<T, C, F> {
    change: C,
    tell: F,
    made: Option<Result<T>>,
}

impl<T, C, F> Change for Asked<T, C, F>
where
    T: Send,
    C: Fn(&App) -> Result<T> + Send,
    F: FnOnce(Result<T>) + Send,
{
    fn make(&mut self, app: Result<&App>) {
        self.made = None;
        self.made = Some(app.and_then(&self.change));
    }

    fn tell(self: Box<Self>, kept: store::Result<()>) {
        let Self { tell, made, .. } = *self;
        if let Some(made) = made {
            tell(made.and_then(|made| Ok(kept.map(|()| made)?)));
        }
    }
}

/// A change, and when it came.
type Waits = (Instant, Box<dyn Change>);

/// Those who wait. There are never more than connections.
#[derive(Default)]
pub(super) struct Line(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    changes: VecDeque<Waits>,
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
    /// change that is undone with others is made once more; one that panics tells nothing. Answers with the
    /// duty to serve the line when nobody has it.
    pub fn line_up<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl Fn(&App) -> Result<T> + Send + 'static,
        tell: impl FnOnce(Result<T>) + Send + 'static,
    ) -> Option<Service> {
        let asked = Asked { change, tell, made: None };
        let mut waiting = self.line.waiting();
        waiting.changes.push_back((Instant::now(), Box::new(asked)));
        let is_served = mem::replace(&mut waiting.is_served, true);
        (!is_served).then(|| Service { app: Arc::clone(self), has_left: false })
    }
}

impl Service {
    /// Makes the changes that wait, and those that come meanwhile.
    pub fn serve(mut self) {
        while let Some(first) = self.next_or_leave() {
            let (mut row, mut changes) = (self.app.store.row(), Vec::new());
            let mut next = Some(first);
            while let Some(mut waiting) = next {
                self.make(&mut *row, &mut waiting);
                changes.push(waiting);
                next = if changes.len() < ROW_MAX { self.next() } else { None };
            }
            for (waiting, kept) in changes.into_iter().zip(row.end()) {
                match kept {
                    // Undone, as it seems together with one that failed.
                    Err(StoreError::Busy) => self.make_alone(waiting),
                    kept => waiting.1.tell(kept),
                }
            }
        }
    }

    /// Makes a change as one of a row.
    fn make(&self, row: &mut dyn Row, (came, change): &mut Waits) {
        row.run(&mut || {
            let app = if came.elapsed() < WAIT_MAX { Ok(&*self.app) } else { Err(StoreError::Busy.into()) };
            // One that panics must not take the answers of the others with it: it has made nothing.
            let _panicked = catch_unwind(AssertUnwindSafe(|| change.make(app)));
        });
    }

    fn make_alone(&self, mut waiting: Waits) {
        let mut row = self.app.store.row();
        self.make(&mut *row, &mut waiting);
        waiting.1.tell(row.end().pop().unwrap_or(Err(StoreError::Busy)));
    }

    fn next(&self) -> Option<Waits> {
        self.app.line.waiting().changes.pop_front()
    }

    fn next_or_leave(&mut self) -> Option<Waits> {
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
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::app::Error;
    use crate::app::keys_create::CreatedKey;
    use crate::app::setup;
    use crate::clock::{Clock, ManualClock};
    use crate::model::key::{KeyName, NewKey};
    use crate::model::principal::Principal;
    use crate::model::project::ProjectName;
    use crate::model::scope::Catalogue;
    use crate::store::clock::ClockMarks;

    struct World {
        app: Arc<App>,
        _dir: tempfile::TempDir,
    }

    impl World {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(jiff::Timestamp::UNIX_EPOCH));
            let operator = Principal::Operator("test".to_owned());
            setup::init(dir.path(), &clock, &operator, &Catalogue::empty(), None).unwrap();
            Self { app: Arc::new(App::open(dir.path(), clock).unwrap()), _dir: dir }
        }

        fn line_up<T: Send + 'static>(
            &self,
            change: impl Fn(&App) -> Result<T> + Send + 'static,
        ) -> (Option<Service>, Receiver<Result<T>>) {
            let (tell, told) = channel();
            (self.app.line_up(change, move |outcome| tell.send(outcome).unwrap()), told)
        }

        fn create(&self, name: &'static str) -> (Option<Service>, Receiver<Result<CreatedKey>>) {
            self.line_up(move |app| {
                let new = NewKey::named(KeyName::parse(name).unwrap());
                app.create_key(&Principal::Operator("test".to_owned()), &ProjectName::default(), &new)
            })
        }
    }

    #[test]
    fn a_change_that_waited_too_long_is_refused_and_not_made() {
        let world = World::new();
        let (service, told) = world.line_up(|_| -> Result<()> { panic!("it must not be made") });
        for (came, _) in &mut world.app.line.waiting().changes {
            *came = came.checked_sub(WAIT_MAX).unwrap();
        }
        service.unwrap().serve();
        assert!(matches!(told.recv().unwrap(), Err(Error::Store(StoreError::Busy))));
    }

    #[test]
    fn what_is_made_once_more_has_no_more_time_than_it_had() {
        let world = World::new();
        let (service, late) = world.create("late");
        let left = Duration::from_millis(200);
        for (came, _) in &mut world.app.line.waiting().changes {
            *came = came.checked_sub(WAIT_MAX).unwrap() + left;
        }
        let (_, failed) = world.line_up(move |app| -> Result<()> {
            std::thread::sleep(left);
            let mut tx = app.store.write()?;
            Ok(tx.reset_clock_marks(&ClockMarks { seen: Some(app.now()), ..ClockMarks::default() })?)
        });
        service.unwrap().serve();
        assert!(matches!(late.recv().unwrap(), Err(Error::Store(StoreError::Busy))));
        assert!(failed.recv().unwrap().is_ok(), "it wrote and did not keep it");
    }

    #[test]
    fn those_that_a_change_takes_along_which_fails_after_it_wrote_are_made_once_more() {
        let world = World::new();
        let (service, first) = world.create("first");
        let (_, second) = world.create("second");
        let n_made = Arc::new(AtomicUsize::new(0));
        let n_failed = Arc::clone(&n_made);
        let (_, failed) = world.line_up(move |app| -> Result<()> {
            n_failed.fetch_add(1, Ordering::Relaxed);
            app.store
                .write()?
                .reset_clock_marks(&ClockMarks { seen: Some(app.now()), ..ClockMarks::default() })?;
            Err(Error::Internal("on purpose".to_owned()))
        });
        let (_, panicked) = world.line_up(|app| -> Result<()> {
            let mut tx = app.store.write()?;
            tx.reset_clock_marks(&ClockMarks { seen: Some(app.now()), ..ClockMarks::default() })?;
            panic!("on purpose");
        });
        let (_, last) = world.create("last");
        service.unwrap().serve();
        for told in [first, second, last] {
            let (project, key) = (ProjectName::default(), told.recv().unwrap().unwrap().key);
            let found =
                world.app.get_key(&Principal::Operator("test".to_owned()), &project, &key.facts.id.into());
            assert_eq!(found.unwrap().facts, key.facts, "what is told is what is there");
        }
        assert!(matches!(failed.recv().unwrap(), Err(Error::Internal(_))));
        assert_eq!(n_made.load(Ordering::Relaxed), 1);
        assert!(panicked.recv().is_err());
        assert_eq!(world.app.read().unwrap().clock_marks().unwrap().seen, None);
    }
}
