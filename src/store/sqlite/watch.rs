//! A look at what has changed in `SQLite`: `PRAGMA data_version`, and the audit events after the last.
//!
//! The version of a connection changes when any other connection, of this process or another, has
//! committed (<https://www.sqlite.org/pragma.html#pragma_data_version>). Without that, a look is one
//! comparison with the index of the write-ahead log, 1.5 µs. (To read that index's counter oneself would
//! do the same in 0.3 µs, but to close a file that `SQLite` has open drops all its locks on it, and to
//! look without opening it needs code that Rust cannot check.)

use rusqlite::{Connection, OptionalExtension, Row};

use crate::model::account::AccountId;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;
use crate::store::Result;
use crate::store::watch::{Seen, Subject, Watch};

/// More events than this are not read one by one, so that a look takes a millisecond at most.
const EVENTS_MAX: usize = 1_000;

/// See the module. It has a connection of its own, since versions of two cannot be compared.
pub(super) struct Watcher {
    connection: Connection,
    seen: Option<At>,
}

/// How far somebody has seen.
#[derive(Clone, Copy)]
struct At {
    version: i64,
    event: i64,
}

impl Watcher {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, seen: None }
    }

    fn newest_event(&self) -> Result<i64> {
        let mut statement = self.connection.prepare_cached("SELECT n FROM audit ORDER BY n DESC LIMIT 1")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    fn events_after(&self, event: i64) -> Result<Vec<(i64, Told)>> {
        let sql = "SELECT n, target_kind, target_id, project FROM audit WHERE n > ?1 ORDER BY n LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let events = statement.query_map((event, EVENTS_MAX), |row| Ok((row.get(0)?, told_by(row)?)))?;
        Ok(events.collect::<rusqlite::Result<_>>()?)
    }
}

impl Watch for Watcher {
    fn look(&mut self) -> Result<Seen> {
        // Asked before anything is read: a commit in between is in the events, and the next look finds
        // another version and no more events.
        let version =
            self.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        let Some(seen) = self.seen else {
            self.seen = Some(At { version, event: self.newest_event()? });
            return Ok(Seen::Anything);
        };
        if seen.version == version {
            return Ok(Seen::Nothing);
        }
        let events = self.events_after(seen.event)?;
        let is_all = events.len() < EVENTS_MAX;
        let last = events.last().map_or(seen.event, |(n, _)| *n);
        self.seen = Some(At { version, event: if is_all { last } else { self.newest_event()? } });
        if !is_all {
            return Ok(Seen::Anything);
        }
        Ok(told(events))
    }
}

fn told(events: Vec<(i64, Told)>) -> Seen {
    let mut subjects = Vec::new();
    for (_, told) in events {
        match told {
            Told::Nothing => {}
            Told::Subject(subject) => subjects.push(subject),
            Told::Anything => return Seen::Anything,
        }
    }
    if subjects.is_empty() { Seen::Nothing } else { Seen::Changes(subjects) }
}

/// What an event changed that a verdict may depend on.
enum Told {
    Nothing,
    Subject(Subject),
    Anything,
}

// An event that cannot be read must not stop verifications, or hide a change.
fn told_by(row: &Row<'_>) -> rusqlite::Result<Told> {
    let (kind, id) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
    let subject = match kind {
        "user" | "session" | "server" => return Ok(Told::Nothing),
        "key" => KeyId::parse(id).ok().map(Subject::Key),
        "account" => AccountId::parse(id).ok().map(Subject::Account),
        // Rules, scopes, the project itself, and whatever there will be.
        _ => row
            .get_ref(3)?
            .as_str_or_null()?
            .and_then(|name| ProjectName::parse(name).ok())
            .map(Subject::Project),
    };
    Ok(subject.map_or(Told::Anything, Told::Subject))
}
