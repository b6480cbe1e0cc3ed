//! Records of keys, kept in memory between verifications, and never older than the database.
//!
//! [`KeyCache::find`] is what a verification asks. Whether what it finds may be believed is decided by
//! `marks`, which also says why that is exact; the records are in `table`. What is not there is read
//! from the database and put there. An id that no key has is never kept.
//!
//! What it costs (`examples/memory`, on a busy machine): a whole verification takes 0.6 µs when its record is
//! here, and 6 µs when it is not, of very many that follow one another. A look takes about 1.5 µs and is made
//! every five milliseconds.

use std::sync::{Arc, Mutex, PoisonError};

use super::id_hash;
use crate::clock::Stopwatch;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;
use crate::model::route::RouteTable;
use crate::store::watch::{Seen, Subject, Watch};
use crate::store::{Result, Store, VerifyRecord};

mod marks;
#[cfg(test)]
mod model;
mod size;
mod snapshots;
mod table;
#[cfg(test)]
mod tests;

use marks::{Changed, LOOK_NS, Marks, Place};
use snapshots::{Pause, Snapshots};
use table::{Cached, Table};
#[cfg(test)]
pub(super) use tests::record;

/// 128 KiB of marks; of a million keys, a change of one makes sixty be read again.
const PLACES: usize = 1 << 14;

/// How much is kept, and for how long a look counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheSize {
    /// A little, and each verification looks at the database: for a process beside a server, for which
    /// nobody waits.
    Small,
    /// So many bytes, in the one server of a database, for which every other process waits.
    Server {
        /// The most bytes.
        bytes: usize,
    },
}

const SMALL_BYTES: usize = 1 << 20;

/// What a verification needs of a key.
pub(super) struct Found {
    pub(super) record: Arc<VerifyRecord>,
    /// Where they were asked for.
    pub(super) routes: Option<Arc<RouteTable>>,
    pub(super) source: Source,
}

/// Where a record was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Here.
    Memory,
    /// In the database, which takes ten times as long.
    Database,
}

/// Whether a project's route rules are needed, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    Record,
    Routes,
}

/// See the module.
pub(super) struct KeyCache {
    marks: Marks,
    table: Table,
    snapshots: Snapshots,
    // Whoever looks has this; the others wait for what it finds.
    watch: Mutex<Option<Box<dyn Watch>>>,
    start: Stopwatch,
}

impl KeyCache {
    pub(super) fn new(size: CacheSize) -> Self {
        let (bytes, interval_ns) = match size {
            CacheSize::Small => (SMALL_BYTES, 0),
            CacheSize::Server { bytes } => (bytes, LOOK_NS),
        };
        Self {
            marks: Marks::new(PLACES, interval_ns),
            table: Table::new(bytes),
            snapshots: Snapshots::default(),
            watch: Mutex::default(),
            start: Stopwatch::start(),
        }
    }

    /// What the database holds of a key, as of some moment after a verification began; `None` when
    /// there is no such key.
    ///
    /// # Errors
    /// When the database cannot be read: then nobody knows.
    pub(super) fn find(
        &self,
        store: &dyn Store,
        id: &KeyId,
        with: With,
        began: Stopwatch,
    ) -> Result<Option<Found>> {
        let began = began.ns_since(self.start) + 1;
        self.look_unless_fresh(store, began)?;
        match self.table.get(id, |cached| self.believe(cached, with, store)).flatten() {
            Some(found) => found.map(Some),
            None => self.read(store, id, with, began),
        }
    }

    /// Until the answer is dropped, no state of the database is held from one look-up to the next.
    pub(super) fn pause_snapshots(&self) -> Pause<'_> {
        self.snapshots.pause()
    }

    /// How many records there are, and their bytes.
    pub(super) fn extent(&self) -> (usize, usize) {
        (self.table.n_records(), self.table.bytes())
    }

    fn look_unless_fresh(&self, store: &dyn Store, began: u64) -> Result<()> {
        if self.marks.are_fresh(store.commits(), began) {
            return Ok(());
        }
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        self.marks.look(|| store.commits(), began, || self.see(&mut watch, store))
    }

    fn see(&self, watch: &mut Option<Box<dyn Watch>>, store: &dyn Store) -> Result<Changed> {
        let watch = match watch {
            Some(watch) => watch,
            none => none.insert(store.watch()?),
        };
        Ok(match watch.look()? {
            Seen::Nothing => Changed::Some(Vec::new()),
            Seen::Changes(subjects) => {
                Changed::Some(subjects.iter().map(|subject| self.place_of(subject)).collect())
            }
            Seen::Anything => Changed::All,
        })
    }

    /// What is in the table, if it is current.
    fn believe(&self, cached: &Cached, with: With, store: &dyn Store) -> Option<Result<Found>> {
        if !self.marks.is_current(cached.number, &cached.places) {
            return None;
        }
        let record = Arc::clone(&cached.record);
        if with == With::Record {
            return Some(Ok(Found { record, routes: None, source: Source::Memory }));
        }
        let routes = routes(cached, store);
        Some(routes.map(|routes| Found { record, routes: Some(routes), source: Source::Memory }))
    }

    fn read(&self, store: &dyn Store, id: &KeyId, with: With, began: u64) -> Result<Option<Found>> {
        let (number, record) = self.snapshots.read(&self.marks, store, id, began)?;
        let Some(record) = record else { return Ok(None) };
        let facts = &record.facts;
        let project = self.place_of_project(&facts.project);
        let account = facts.account.as_ref().map(|account| Subject::Account(account.id.clone()));
        let places =
            [self.place_of_key(id), account.map_or(project, |account| self.place_of(&account)), project];
        let cached = Cached::new(Arc::clone(&record), number, places);
        let routes = match with {
            With::Record => None,
            With::Routes => Some(routes(&cached, store)?),
        };
        self.table.put(cached);
        Ok(Some(Found { record, routes, source: Source::Database }))
    }

    fn place_of(&self, subject: &Subject) -> Place {
        match subject {
            Subject::Key(id) => self.place_of_key(id),
            Subject::Account(id) => self.marks.place(id_hash::hash_text('a', id.as_str())),
            Subject::Project(name) => self.place_of_project(name),
        }
    }

    fn place_of_key(&self, id: &KeyId) -> Place {
        self.marks.place(id_hash::hash(id))
    }

    fn place_of_project(&self, name: &ProjectName) -> Place {
        self.marks.place(id_hash::hash_text('p', name.as_str()))
    }
}

/// The rules that stand beside a record. They were read after it, so that what makes them old makes
/// the record old.
fn routes(cached: &Cached, store: &dyn Store) -> Result<Arc<RouteTable>> {
    if let Some(routes) = cached.routes.get() {
        return Ok(Arc::clone(routes));
    }
    let routes = store.route_table(&cached.record.facts.id)?;
    Ok(Arc::clone(cached.routes.get_or_init(|| routes)))
}
