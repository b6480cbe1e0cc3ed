//! What is remembered of the time, as rows of `meta`.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::rows::{ms, unfit};
use super::tx::Tx;
use crate::store::clock::ClockMarks;
use crate::store::usage::UsageBatch;
use crate::store::{ClockReads, ClockWrites, Result};

const SEEN: &str = "clock_seen_ms";
const SETTLED: &str = "clock_settled_ms";
const WRONG_UNTIL: &str = "clock_wrong_until_ms";

/// Moves the marks forward; never back, whoever else moved them meanwhile.
pub(super) fn advance(connection: &Connection, marks: &ClockMarks) -> Result<()> {
    let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE
        SET value = excluded.value WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)";
    put(connection, sql, marks)
}

/// Remembers the newest time of a batch of uses.
pub(super) fn note_uses(connection: &Connection, batch: &UsageBatch) -> Result<()> {
    let times = batch.iter().flat_map(|(_, usage)| {
        let refused = usage.last_refused.map(|(at, _)| at);
        usage.last_used.map(|last| last.at).into_iter().chain(refused)
    });
    advance(connection, &ClockMarks { seen: times.max(), ..ClockMarks::default() })
}

fn put(connection: &Connection, sql: &str, marks: &ClockMarks) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let marks = [(SEEN, marks.seen), (SETTLED, marks.settled), (WRONG_UNTIL, marks.wrong_until)];
    for (name, at) in marks {
        if let Some(at) = at {
            statement.execute(params![name, ms(at).to_string()])?;
        }
    }
    Ok(())
}

impl ClockReads for Tx {
    fn clock_marks(&self) -> Result<ClockMarks> {
        let mark = |name| -> Result<Option<Timestamp>> {
            let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?1";
            let mut statement = self.connection().prepare_cached(sql)?;
            let ms: Option<i64> = statement.query_row([name], |row| row.get(0)).optional()?;
            Ok(ms.map(Timestamp::from_millisecond).transpose().map_err(|error| unfit(0, error))?)
        };
        Ok(ClockMarks { seen: mark(SEEN)?, settled: mark(SETTLED)?, wrong_until: mark(WRONG_UNTIL)? })
    }
}

impl ClockWrites for Tx {
    fn reset_clock_marks(&mut self, marks: &ClockMarks) -> Result<()> {
        let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        put(self.connection(), sql, marks)
    }
}
