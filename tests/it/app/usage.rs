//! Counts of use: who sees them, and that folding old ones changes no sum.

use jiff::{SignedDuration, Timestamp};
use keysrv::app::App;
use keysrv::model::expiry::Span;
use keysrv::model::page::{Limit, PageRequest};
use keysrv::model::usage::{Retention, UsageCount, UsageRange, UsageStep};

use super::{Fixture, default, key_principal, named, open, operator, reference};

const KEEP: Retention = Retention { hours: Span::DAY.times(90), days: Span::DAY.times(730) };

fn range(step: UsageStep, now: Timestamp) -> UsageRange {
    let long_ago = now - SignedDuration::from_hours(24 * 1_000);
    UsageRange::new(step, Some(long_ago), None, now).unwrap()
}

fn all() -> PageRequest {
    PageRequest { limit: Limit::max(), cursor: None }
}

fn counts(app: &App, step: UsageStep) -> Vec<UsageCount> {
    let range = range(step, app.now());
    app.key_usage(&operator(), &default(), &reference("k"), &range, &all()).unwrap().counts.items
}

fn total(counts: &[UsageCount]) -> u64 {
    counts.iter().map(|count| count.count).sum()
}

#[test]
fn hours_that_are_old_become_days_and_no_use_is_lost_or_doubled() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "Acme", Some("cus_1"));
    let mut new = named("k");
    new.account = Some(account.id.to_string());
    let token = fixture.create_with(&new).token;
    for hours in 0..60 {
        fixture.verify(token.expose(), &[]);
        if hours % 3 == 0 {
            fixture.verify(token.expose(), &["keys:write"]);
        }
        fixture.clock.advance(SignedDuration::from_hours(5));
    }
    let before = counts(&fixture.app, UsageStep::Day);
    assert_eq!(total(&before), 80);
    fixture.clock.advance(SignedDuration::from_hours(24 * 85));
    assert!(fixture.app.fold_usage(&KEEP).unwrap());
    // A server that starts again begins anew.
    let other = open(fixture.dir.path(), &fixture.clock);
    while other.fold_usage(&KEEP).unwrap() {}
    assert!(!other.fold_usage(&KEEP).unwrap(), "nothing is left for today");
    while fixture.app.fold_usage(&KEEP).unwrap() {}
    assert_eq!(counts(&fixture.app, UsageStep::Day), before);
    let hours = total(&counts(&fixture.app, UsageStep::Hour));
    assert!(0 < hours && hours < 80, "{hours} are kept by hour");
    let range = range(UsageStep::Day, fixture.app.now());
    let of_account = fixture.app.account_usage(&operator(), &default(), "cus_1", &range, &all()).unwrap();
    assert_eq!(of_account.counts.items, before);

    fixture.clock.advance(SignedDuration::from_hours(24 * 800));
    while fixture.app.fold_usage(&KEEP).unwrap() {}
    assert_eq!(counts(&fixture.app, UsageStep::Day), []);
}

#[test]
fn a_key_sees_the_counts_of_keys_that_it_may_see() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "Acme", Some("cus_1"));
    let token = fixture.create("k").token;
    fixture.verify(token.expose(), &[]);
    let range = range(UsageStep::Hour, fixture.app.now());
    let usage = |held: &[&str], account| {
        let who = key_principal(held, account);
        fixture.app.key_usage(&who, &default(), &reference("k"), &range, &all())
    };
    let seen = usage(&["keys:read"], None).unwrap();
    assert_eq!(seen.last_used_network.unwrap().to_string(), "203.0.113.0/24");
    assert_eq!((total(&seen.counts.items), seen.last_used_at), (1, Some(fixture.app.now())));
    assert_eq!(usage(&["platform:read"], None).unwrap_err().code().as_str(), "insufficient_scope");
    let bound = usage(&["keys:read"], Some(account.id.clone()));
    assert_eq!(bound.unwrap_err().code().as_str(), "no_such_resource");
    let of_account = |held: &[&str]| {
        let who = key_principal(held, None);
        fixture.app.account_usage(&who, &default(), "cus_1", &range, &all())
    };
    assert_eq!(of_account(&["platform:read", "keys:read"]).unwrap().counts.items, []);
    assert_eq!(of_account(&["platform:read"]).unwrap_err().code().as_str(), "insufficient_scope");
}

#[test]
fn what_a_server_noted_before_it_was_killed_is_seen_by_whoever_reads_next() {
    let fixture = Fixture::new();
    let token = fixture.create("k").token;
    fixture.verify(token.expose(), &[]);
    fixture.verify(token.expose(), &["keys:write"]);
    fixture.app.note_usage(0).unwrap();
    fixture.verify(token.expose(), &[]);
    fixture.app.note_usage(0).unwrap();
    let other = open(fixture.dir.path(), &fixture.clock);
    assert_eq!(total(&counts(&other, UsageStep::Hour)), 3);
    let key = other.get_key(&operator(), &default(), &reference("k")).unwrap();
    assert_eq!(key.last_used_at, Some(fixture.app.now()));
    assert_eq!(key.last_refused_code.unwrap().as_str(), "insufficient_scope");
    assert_eq!(total(&counts(&fixture.app, UsageStep::Hour)), 3, "it counts once");
}

#[test]
fn a_reader_waits_for_a_bounded_number_of_counts_and_none_is_lost() {
    const KEYS: u32 = 5_400;
    let fixture = Fixture::new();
    let created =
        fixture.app.create_keys(&operator(), &default(), &named("many"), KEYS, &mut |_, _| {}).unwrap();
    for (_, token) in &created {
        fixture.verify(token.expose(), &[]);
    }
    let range = range(UsageStep::Day, fixture.app.now());
    let count_used = || fixture.app.project_outcomes(&operator(), &default(), &range).unwrap().accepted();
    assert!(count_used() < u64::from(KEYS), "it waited for all");
    assert_eq!(count_used(), u64::from(KEYS));
}
