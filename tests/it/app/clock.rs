//! A clock that is set back revives nothing, also over a restart; one that jumps ahead deletes nothing.

use std::sync::Arc;

use jiff::SignedDuration;
use keysrv::app::clock::{ClockState, reset};
use keysrv::app::restore::restore;
use keysrv::clock::{Clock, ManualClock};
use keysrv::model::page::PageRequest;
use keysrv::model::usage::{Retention, UsageRange, UsageStep};
use keysrv::store::check::silent;

use super::{Fixture, default, named, open, operator, reference};

const HOUR: i64 = 3_600;

fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

/// A key that ends in an hour.
fn key_for_an_hour(fixture: &Fixture) -> String {
    let mut new = named("a");
    new.expires_at = Some(fixture.app.now() + seconds(HOUR));
    fixture.create_with(&new).token.expose().to_owned()
}

fn shared(clock: &Arc<ManualClock>) -> Arc<dyn Clock> {
    Arc::clone(clock) as Arc<dyn Clock>
}

fn try_reset(fixture: &Fixture) -> keysrv::app::Result<ClockState> {
    reset(fixture.dir.path(), &shared(&fixture.clock), &operator())
}

#[test]
fn a_clock_set_back_revives_no_expired_key() {
    let fixture = Fixture::new();
    let token = key_for_an_hour(&fixture);
    fixture.clock.advance(seconds(HOUR));
    assert_eq!(fixture.code(&token), "expired");
    for _ in 0..3 {
        fixture.clock.advance(seconds(-10 * 365 * 24 * HOUR));
        assert_eq!(fixture.code(&token), "expired");
    }
}

#[test]
fn a_secret_that_ended_stays_ended_when_the_clock_is_set_back() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    let overlap = keysrv::model::expiry::Span::parse("overlap", "1h").ok();
    fixture.app.rotate_key(&operator(), &default(), &reference("a"), overlap).unwrap();
    fixture.clock.advance(seconds(HOUR));
    assert_eq!(fixture.code(old.expose()), "rotated");
    fixture.clock.advance(seconds(-2 * HOUR));
    assert_eq!(fixture.code(old.expose()), "rotated");
}

#[test]
fn what_ends_later_ends_in_its_time_although_the_clock_is_behind() {
    let fixture = Fixture::new();
    let token = key_for_an_hour(&fixture);
    fixture.clock.advance(seconds(-24 * HOUR));
    assert_eq!(fixture.code(&token), "valid");
    fixture.clock.advance(seconds(HOUR));
    assert_eq!(fixture.code(&token), "expired", "an hour has passed, whatever the clock says");
}

#[test]
fn a_restart_with_a_clock_that_was_set_back_revives_nothing() {
    let fixture = Fixture::new();
    let token = key_for_an_hour(&fixture);
    fixture.clock.advance(seconds(HOUR));
    // A refused use alone, no change: what it was judged by is written with it.
    assert_eq!(fixture.code(&token), "expired");
    fixture.app.flush_usage().unwrap();
    let Fixture { dir, clock, app } = fixture;
    drop(app);
    clock.advance(seconds(-5 * HOUR));
    let fixture = Fixture { app: open(dir.path(), &clock).into(), dir, clock };
    assert_eq!(fixture.code(&token), "expired");
    assert_eq!(fixture.app.clock_state().behind_seconds, 5 * HOUR);
}

#[test]
fn a_change_is_enough_for_the_next_start_to_know_the_time() {
    let fixture = Fixture::new();
    fixture.clock.advance(seconds(HOUR));
    fixture.create("b");
    let then = fixture.app.now();
    fixture.clock.advance(seconds(-HOUR));
    assert_eq!(open(fixture.dir.path(), &fixture.clock).now(), then);
}

#[test]
fn a_server_that_only_runs_remembers_the_time() {
    let fixture = Fixture::new();
    fixture.clock.advance(seconds(HOUR));
    let then = fixture.app.now();
    fixture.app.do_chores().unwrap();
    fixture.clock.advance(seconds(-HOUR));
    assert_eq!(open(fixture.dir.path(), &fixture.clock).now(), then);
}

#[test]
fn a_restored_backup_does_not_bring_the_old_time_back() {
    let fixture = Fixture::new();
    let token = key_for_an_hour(&fixture);
    let backup = fixture.dir.path().join("b.db");
    fixture.app.backup(&operator(), &backup, &mut silent).unwrap();
    fixture.clock.advance(seconds(HOUR));
    fixture.app.do_chores().unwrap();
    let Fixture { dir, clock, app } = fixture;
    drop(app);
    clock.advance(seconds(-HOUR));
    restore(dir.path(), &backup, &shared(&clock), &operator(), &mut silent).unwrap();
    let fixture = Fixture { app: open(dir.path(), &clock).into(), dir, clock };
    assert_eq!(fixture.code(&token), "expired");
}

#[test]
fn a_jump_ahead_deletes_neither_counts_nor_hashes() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    assert_eq!(fixture.code(old.expose()), "valid");
    fixture.app.rotate_key(&operator(), &default(), &reference("a"), None).unwrap();
    let began = fixture.app.now();
    fixture.app.do_chores().unwrap();
    let Fixture { dir, clock, app } = fixture;
    drop(app);
    clock.jump(seconds(20 * 365 * 24 * HOUR));
    let fixture = Fixture { app: open(dir.path(), &clock).into(), dir, clock };
    while fixture.app.fold_usage(&Retention::default()).unwrap() {}
    fixture.app.rotate_key(&operator(), &default(), &reference("a"), None).unwrap();
    assert_eq!(fixture.code(old.expose()), "rotated", "its hash is still there");
    let (from, to) = (Some(began - seconds(HOUR)), Some(began + seconds(HOUR)));
    let range = UsageRange::new(UsageStep::Hour, from, to, began).unwrap();
    let page = PageRequest::default();
    let usage = fixture.app.key_usage(&operator(), &default(), &reference("a"), &range, &page).unwrap();
    assert_eq!(usage.counts.items.len(), 1, "{usage:?}");
}

#[test]
fn a_time_that_a_wrong_clock_set_far_ahead_is_reset_with_an_event() {
    let fixture = Fixture::new();
    let token = key_for_an_hour(&fixture);
    fixture.clock.advance(seconds(100 * HOUR));
    fixture.app.do_chores().unwrap();
    fixture.create("made while the clock was wrong");
    fixture.clock.advance(seconds(-100 * HOUR));
    assert_eq!(fixture.code(&token), "expired");
    let refused = try_reset(&fixture).unwrap_err().to_string();
    assert!(!refused.is_empty(), "the database is in use");
    let Fixture { dir, clock, app } = fixture;
    drop(app);
    let closed = Fixture { app: Fixture::new().app, dir, clock };
    assert_eq!(try_reset(&closed).unwrap().behind_seconds, 100 * HOUR);
    assert_eq!(try_reset(&closed).unwrap().behind_seconds, 0, "once is enough");
    let fixture = Fixture { app: open(closed.dir.path(), &closed.clock).into(), ..closed };
    assert_eq!(fixture.app.now(), fixture.clock.now());
    fixture.create("made after the reset");
    assert_eq!(open(fixture.dir.path(), &fixture.clock).now(), fixture.clock.now());
    assert_eq!(fixture.code(&token), "valid");
    let event = fixture.events().remove(1);
    assert_eq!(event.action, "server.clock_reset");
    assert_eq!(event.detail["behind_seconds"], 100 * HOUR);
    assert!(fixture.app.check(&operator(), fixture.dir.path(), &mut silent).unwrap().would_restore());
}
