//! The time that the use cases go by. It never runs backwards: a clock that was set back revives
//! nothing, also when keysrv was restarted in between.
//!
//! While the machine's clock is behind what was seen already, time goes on from there by the clock that
//! never stands still. What was seen is written with the uses that it decided, and once a minute.
//!
//! What is deleted for its age goes by another time, which follows the first at twice its speed at most:
//! a clock that jumps ahead by years deletes nothing.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::audit::Entry;
use super::permission::require;
use super::{App, Permission, Result};
use crate::clock::Clock;
use crate::model::audit::Target;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::store::clock::ClockMarks;
use crate::store::lock::{ServerLock, UseLock};
use crate::store::{self, ReadTx, Store};

/// A correction of the clock by less is waited out: time stands still until it has caught up.
const WAITED_OUT_MS: i64 = 1_000;

/// The machine's clock, and what has been seen of it.
pub(super) struct Time {
    clock: Arc<dyn Clock>,
    seen_ms: AtomicI64,
    /// What the time was when the clock that never stands still began; counts while the other is behind.
    began_ms: AtomicI64,
    settled: Mutex<Settled>,
    told: AtomicBool,
}

/// The time that deletions go by.
struct Settled {
    at_ms: i64,
    /// [`Clock::uptime`] when it was last moved.
    moved: Duration,
}

/// How far the machine's clock is behind the time that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ClockState {
    /// What the machine says.
    pub machine: Timestamp,
    /// What keysrv goes by.
    pub time: Timestamp,
    /// By how many seconds the machine is behind; 0 when it is not.
    pub behind_seconds: i64,
}

impl ClockState {
    fn new(machine: Timestamp, time: Timestamp) -> Self {
        let behind_ms = time.as_millisecond().saturating_sub(machine.as_millisecond());
        let behind_seconds = if behind_ms > WAITED_OUT_MS { behind_ms / 1_000 } else { 0 };
        Self { machine, time, behind_seconds }
    }

    /// Whether it is behind.
    pub fn is_behind(&self) -> bool {
        self.behind_seconds > 0
    }
}

impl Time {
    /// Goes on from the newest time that a database has seen.
    pub(super) fn start(clock: Arc<dyn Clock>, tx: &dyn ReadTx) -> store::Result<Self> {
        let marks = tx.clock_marks()?;
        let seen = newest_seen(tx, &marks)?;
        let time = Self {
            seen_ms: AtomicI64::new(seen.map_or(i64::MIN, Timestamp::as_millisecond)),
            began_ms: AtomicI64::new(i64::MIN),
            settled: Mutex::new(Settled { at_ms: 0, moved: clock.uptime() }),
            told: AtomicBool::default(),
            clock,
        };
        let settled = marks.settled.or(seen).unwrap_or_else(|| time.now());
        time.settled().at_ms = settled.as_millisecond();
        Ok(time)
    }

    /// Now: what the machine says, but never less than was answered before.
    #[inline]
    pub(super) fn now(&self) -> Timestamp {
        let machine = self.clock.now();
        let ms = machine.as_millisecond();
        let seen = self.seen_ms.load(Ordering::Relaxed);
        let seen = if ms > seen { self.seen_ms.fetch_max(ms, Ordering::Relaxed) } else { seen };
        if ms >= seen { machine } else { instant(self.while_behind(ms, seen)) }
    }

    #[cold]
    fn while_behind(&self, ms: i64, seen: i64) -> i64 {
        if seen - ms <= WAITED_OUT_MS {
            return seen;
        }
        let uptime = i64::try_from(self.clock.uptime().as_millis()).unwrap_or(i64::MAX);
        let began = seen - uptime;
        let now = began.max(self.began_ms.fetch_max(began, Ordering::Relaxed)) + uptime;
        now.max(self.seen_ms.fetch_max(now, Ordering::Relaxed))
    }

    /// The clock that never stands still.
    pub(super) fn uptime(&self) -> Duration {
        self.clock.uptime()
    }

    pub(super) fn state(&self) -> ClockState {
        ClockState::new(self.clock.now(), self.now())
    }

    /// The time before which something must have ended to be deleted for its age.
    pub(super) fn for_deletions(&self) -> Timestamp {
        let now = self.now().as_millisecond();
        let mut settled = self.settled();
        let uptime = self.clock.uptime();
        let passed = i64::try_from(uptime.saturating_sub(settled.moved).as_millis()).unwrap_or(i64::MAX);
        settled.at_ms = settled.at_ms.saturating_add(passed.saturating_mul(2)).min(now);
        settled.moved = uptime;
        instant(settled.at_ms)
    }

    fn settled(&self) -> MutexGuard<'_, Settled> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn instant(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

/// The newest time that a database has seen: of its uses, or of its newest audit event.
pub(super) fn newest_seen(tx: &dyn ReadTx, marks: &ClockMarks) -> store::Result<Option<Timestamp>> {
    let newest = tx.audit_head()?.map(|newest| newest.at);
    Ok(marks.seen.max(newest.filter(|at| marks.wrong_until.is_none_or(|until| *at > until))))
}

impl App {
    /// How the machine's clock stands to the time that keysrv goes by.
    pub fn clock_state(&self) -> ClockState {
        self.time.state()
    }

    /// Remembers the time, so that it goes on from there whatever the clock says at the next start.
    ///
    /// # Errors
    /// When it could not be written.
    pub fn keep_time(&self) -> Result<()> {
        let (seen, settled) = (Some(self.now()), Some(self.time.for_deletions()));
        let marks = ClockMarks { seen, settled, ..ClockMarks::default() };
        self.store.write_clock(&marks)?;
        let state = self.clock_state();
        if self.time.told.swap(state.is_behind(), Ordering::Relaxed) != state.is_behind() {
            tell(&state);
        }
        Ok(())
    }
}

fn tell(state: &ClockState) {
    let ClockState { machine, time, behind_seconds } = state;
    if state.is_behind() {
        tracing::warn!(%machine, %time, behind_seconds, "the machine's clock is behind the time that was seen already; keys are judged by the later time");
    } else {
        tracing::info!("the machine's clock has caught up");
    }
}

/// Lets the machine's clock count again, after one that was wrong had set the time far ahead. Keys
/// that expired by that time alone work again.
///
/// # Errors
/// When a server or another command uses the database, or `who` may not; then nothing has changed.
pub fn reset(data_dir: &Path, clock: &Arc<dyn Clock>, who: &Principal) -> Result<ClockState> {
    require(who, Permission::ManageServer, &ProjectName::default())?;
    // A server would go on with the time that it has in memory.
    let holder = format!("a reset of the clock, process {}", std::process::id());
    let _no_server = ServerLock::acquire(data_dir, &holder)?;
    drop(UseLock::alone(data_dir)?);
    let store = store::open(data_dir)?;
    let mut tx = store.write()?;
    let marks = tx.clock_marks()?;
    let machine = clock.now();
    let state = ClockState::new(machine, newest_seen(&*tx, &marks)?.unwrap_or(machine).max(machine));
    if !state.is_behind() {
        return Ok(state);
    }
    let settled = marks.settled.map(|settled| settled.min(machine));
    tx.reset_clock_marks(&ClockMarks { seen: Some(machine), settled, wrong_until: Some(state.time) })?;
    let detail = json!({ "from": state.time, "to": machine, "behind_seconds": state.behind_seconds });
    let target = Target::new("server", "clock", "clock");
    Entry { who, at: machine, project: None }.append(&mut *tx, "server.clock_reset", target, detail)?;
    tx.commit()?;
    Ok(state)
}

/// The time that a restore goes by: no earlier than any of these databases has seen. One that cannot
/// be read is no reason not to restore.
pub(super) fn no_earlier_than<'a>(
    now: Timestamp,
    stores: impl Iterator<Item = &'a (dyn Store + 'a)>,
) -> Timestamp {
    let seen = |store: &dyn Store| -> store::Result<Option<Timestamp>> {
        let tx = store.read()?;
        newest_seen(&*tx, &tx.clock_marks()?)
    };
    stores.filter_map(|store| seen(store).ok().flatten()).fold(now, Timestamp::max)
}

/// How far a machine's clock is behind what a database has seen.
pub fn state_of(clock: &dyn Clock, seen: Option<Timestamp>) -> ClockState {
    let machine = clock.now();
    ClockState::new(machine, seen.map_or(machine, |seen| seen.max(machine)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    use crate::clock::ManualClock;

    fn time(at: i64) -> (Arc<ManualClock>, Time) {
        let clock = Arc::new(ManualClock::at(instant(at)));
        let time = Time {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            seen_ms: AtomicI64::new(i64::MIN),
            began_ms: AtomicI64::new(i64::MIN),
            settled: Mutex::new(Settled { at_ms: at, moved: clock.uptime() }),
            told: AtomicBool::default(),
        };
        assert_eq!(time.now(), instant(at));
        (clock, time)
    }

    fn move_by(clock: &ManualClock, ms: i64) {
        clock.advance(SignedDuration::from_millis(ms));
    }

    #[test]
    fn a_small_correction_is_waited_out() {
        let (clock, time) = time(10_000);
        move_by(&clock, -400);
        assert_eq!(time.now(), instant(10_000));
        move_by(&clock, 300);
        assert_eq!(time.now(), instant(10_000));
        assert!(!time.state().is_behind());
        move_by(&clock, 200);
        assert_eq!(time.now(), instant(10_100));
    }

    #[test]
    fn while_the_clock_is_behind_time_goes_on() {
        let (clock, time) = time(1_000_000);
        for round in 0..3 {
            let before = time.now();
            move_by(&clock, -500_000);
            assert_eq!(time.now(), before, "{round}");
            move_by(&clock, 7_000);
            assert_eq!(time.now(), instant(before.as_millisecond() + 7_000), "{round}");
            assert_eq!(time.state().behind_seconds, 500);
            // Set further ahead than what was seen: the machine counts again.
            clock.jump(SignedDuration::from_millis(600_000));
            assert_eq!(time.now(), time.clock.now(), "{round}");
            assert_eq!(time.state().behind_seconds, 0);
        }
    }

    #[test]
    fn no_thread_sees_time_go_back() {
        let (clock, time) = time(1_000_000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut last = time.now();
                    for _ in 0..20_000 {
                        let now = time.now();
                        assert!(now >= last, "{now} after {last}");
                        last = now;
                    }
                });
            }
            for step in [5_000, -90_000, 3, -1, 200_000, -400, 900, -2_000].repeat(200) {
                move_by(&clock, step);
            }
        });
    }

    #[test]
    fn a_jump_ahead_deletes_nothing() {
        const DAY: i64 = 86_400_000;
        let (clock, time) = time(DAY);
        assert_eq!(time.for_deletions(), instant(DAY));
        move_by(&clock, DAY);
        assert_eq!(time.for_deletions(), instant(2 * DAY), "it goes with the time");
        let settled = time.settled().at_ms;
        clock.jump(SignedDuration::from_millis(3_650 * DAY));
        assert_eq!(time.for_deletions(), instant(settled), "a jump does not move it");
        move_by(&clock, DAY);
        assert_eq!(time.for_deletions(), instant(settled + 2 * DAY), "it follows at twice the speed");
    }
}
