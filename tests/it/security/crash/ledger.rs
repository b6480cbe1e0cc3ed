//! What one writer knows of its keys, and the comparison with what is there.

use std::collections::BTreeMap;

use crate::harness::Place;

/// What may happen to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Create,
    Disable,
    Enable,
    Rotate,
    Delete,
}

impl Change {
    pub(super) const ALL: [Self; 5] = [Self::Create, Self::Disable, Self::Enable, Self::Rotate, Self::Delete];

    fn action(self) -> &'static str {
        match self {
            Self::Create => "key.created",
            Self::Disable => "key.disabled",
            Self::Enable => "key.enabled",
            Self::Rotate => "key.rotated",
            Self::Delete => "key.deleted",
        }
    }
}

/// The changes of one key that count, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Life(Vec<Change>);

impl Life {
    fn n(&self, change: Change) -> usize {
        self.0.iter().filter(|done| **done == change).count()
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.0.iter().rev().find(|done| matches!(done, Change::Disable | Change::Enable))
            != Some(&Change::Disable)
    }

    fn is_there(&self) -> bool {
        self.0.first() == Some(&Change::Create) && self.n(Change::Delete) == 0
    }

    /// What must be found of such a key.
    fn expected(&self) -> Trace {
        let events = Change::ALL.map(|change| self.n(change));
        let row = self
            .is_there()
            .then(|| Row { is_enabled: self.is_enabled(), n_secrets: 1 + self.n(Change::Rotate) });
        Trace { row, events }
    }
}

/// One writer's keys by name.
pub(super) struct Ledger {
    pub(super) writer: usize,
    pub(super) keys: BTreeMap<String, Life>,
    /// The change whose acknowledgement has not come.
    under_way: Option<(String, Change)>,
    n_caught: usize,
}

impl Ledger {
    pub(super) fn new(writer: usize) -> Self {
        Self { writer, keys: BTreeMap::new(), under_way: None, n_caught: 0 }
    }

    pub(super) fn begin(&mut self, name: &str, change: Change) {
        self.under_way = Some((name.to_owned(), change));
    }

    /// The change was acknowledged.
    pub(super) fn done(&mut self) {
        let (name, change) = self.under_way.take().unwrap();
        self.keys.entry(name).or_default().0.push(change);
    }

    /// The change was refused: as if it had never begun.
    pub(super) fn refused(&mut self) {
        if let Some((name, _)) = self.under_way.take() {
            self.keys.entry(name).or_default();
        }
    }

    pub(super) fn n_caught(&self) -> usize {
        self.n_caught
    }

    /// Compares; what was under way is taken over as it was found, all of it or nothing.
    pub(super) fn settle(&mut self, found: &Found) {
        if let Some((name, change)) = self.under_way.take() {
            self.n_caught += 1;
            let before = self.keys.get(&name).cloned().unwrap_or_default();
            let mut after = before.clone();
            after.0.push(change);
            let there = found.trace(&name);
            assert!(
                there == before.expected() || there == after.expected(),
                "half done: {name}, {change:?} after {before:?}: {there:?}"
            );
            if there == after.expected() {
                self.keys.insert(name, after);
            }
        }
        for (name, life) in &self.keys {
            assert_eq!(found.trace(name), life.expected(), "lost: {name} {life:?}");
        }
    }
}

/// What is there of one key: its row, and how many events of each kind.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    row: Option<Row>,
    events: [usize; 5],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    is_enabled: bool,
    n_secrets: usize,
}

/// Everything that is there.
pub(super) struct Found {
    rows: BTreeMap<String, Row>,
    events: BTreeMap<(String, String), usize>,
}

impl Found {
    pub(super) fn read(place: &Place) -> Self {
        let database = place.data().join("keysrv.db");
        let database = rusqlite::Connection::open(database).unwrap();
        let mut rows = BTreeMap::new();
        let sql = "SELECT k.name, k.enabled, (SELECT count(*) FROM key_secrets s WHERE s.key_seq = k.seq) FROM keys k";
        let mut statement = database.prepare(sql).unwrap();
        let mut all = statement.query(()).unwrap();
        while let Some(row) = all.next().unwrap() {
            let found = Row { is_enabled: row.get(1).unwrap(), n_secrets: row.get(2).unwrap() };
            rows.insert(row.get(0).unwrap(), found);
        }
        let mut events = BTreeMap::new();
        let sql = "SELECT target_name, action, count(*) FROM audit GROUP BY target_name, action";
        let mut statement = database.prepare(sql).unwrap();
        let mut all = statement.query(()).unwrap();
        while let Some(row) = all.next().unwrap() {
            events.insert((row.get(0).unwrap(), row.get(1).unwrap()), row.get(2).unwrap());
        }
        Self { rows, events }
    }

    fn trace(&self, name: &str) -> Trace {
        let n = |change: Change| {
            self.events.get(&(name.to_owned(), change.action().to_owned())).copied().unwrap_or(0)
        };
        Trace { row: self.rows.get(name).cloned(), events: Change::ALL.map(n) }
    }
}
