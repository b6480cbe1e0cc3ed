//! Keys that nobody uses: announced, then disabled, never deleted, and only where a project says so.

use jiff::SignedDuration;
use keysrv::model::expiry::Span;
use keysrv::model::project::ProjectChange;

use super::{Fixture, default, operator, reference};

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn rule(fixture: &Fixture, after: Option<&str>) -> keysrv::app::Result<()> {
    let after = after.map(|text| Span::parse("disable_unused", text).unwrap());
    let change = ProjectChange { disable_unused: Some(after), ..ProjectChange::default() };
    fixture.app.change_project(&operator(), &default(), &change).map(|_| ())
}

fn after(fixture: &Fixture, n: i64) -> (usize, usize) {
    fixture.clock.advance(days(n));
    fixture.app.disable_unused_keys().unwrap()
}

#[test]
fn nothing_happens_where_nobody_said_so() {
    let fixture = Fixture::new();
    fixture.create("a");
    assert_eq!(after(&fixture, 3_000), (0, 0));
    assert!(fixture.get("a").facts.enabled);
}

#[test]
fn an_unused_key_is_announced_14_days_ahead_and_then_disabled_and_stays() {
    let fixture = Fixture::new();
    rule(&fixture, Some("90d")).unwrap();
    let token = fixture.create("a").token;
    assert_eq!(after(&fixture, 75), (0, 0));
    assert_eq!(after(&fixture, 1), (0, 1));
    assert_eq!(fixture.get("a").unused_off_at, Some(fixture.app.now() + days(14)));
    assert_eq!(fixture.actions()[0], "project.unused_announced");
    assert_eq!(after(&fixture, 13), (0, 0));
    assert_eq!(fixture.code(token.expose()), "valid");
}

#[test]
fn a_key_that_is_not_used_after_its_announcement_is_disabled_by_the_server() {
    let fixture = Fixture::new();
    rule(&fixture, Some("90d")).unwrap();
    let token = fixture.create("a").token;
    assert_eq!(after(&fixture, 76), (0, 1));
    assert_eq!(after(&fixture, 14), (1, 0));
    assert_eq!(fixture.code(token.expose()), "disabled");
    let key = fixture.get("a");
    assert_eq!(key.disabled_reason.unwrap().as_str(), "it was not used for 90d");
    let event = fixture.events().remove(0);
    assert_eq!((event.action.as_str(), event.actor.name.as_str()), ("key.disabled", "the server"));
    fixture.app.enable_key(&operator(), &default(), &reference("a")).unwrap();
    assert_eq!(after(&fixture, 75), (0, 0), "a key that is switched on has its time again");
    assert_eq!(fixture.code(token.expose()), "valid");
}

#[test]
fn a_use_takes_the_announcement_back() {
    let fixture = Fixture::new();
    rule(&fixture, Some("90d")).unwrap();
    let token = fixture.create("a").token;
    assert_eq!(after(&fixture, 80), (0, 1));
    fixture.verify(token.expose(), &[]);
    assert_eq!(fixture.get("a").unused_off_at, None);
    assert_eq!(after(&fixture, 14), (0, 0));
    assert_eq!(fixture.code(token.expose()), "valid");
}

#[test]
fn a_clock_that_jumps_announces_before_it_disables() {
    let fixture = Fixture::new();
    fixture.create("a");
    rule(&fixture, Some("30d")).unwrap();
    assert_eq!(after(&fixture, 3_000), (0, 1));
    assert_eq!(fixture.app.disable_unused_keys().unwrap(), (0, 0));
    assert!(fixture.get("a").facts.enabled);
}

#[test]
fn a_rule_that_is_lifted_takes_its_announcements_back() {
    let fixture = Fixture::new();
    fixture.create("a");
    rule(&fixture, Some("30d")).unwrap();
    assert_eq!(after(&fixture, 30), (0, 1));
    rule(&fixture, None).unwrap();
    assert_eq!(fixture.get("a").unused_off_at, None);
    assert_eq!(after(&fixture, 100), (0, 0));
}

#[test]
fn a_key_that_cannot_be_used_is_not_held_to_it() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "acme", None);
    let new = keysrv::model::key::NewKey { account: Some(account.id.to_string()), ..super::named("a") };
    fixture.create_with(&new);
    rule(&fixture, Some("30d")).unwrap();
    assert_eq!(after(&fixture, 30), (0, 1));
    fixture.app.disable_account(&operator(), &default(), account.id.as_str()).unwrap();
    assert_eq!(after(&fixture, 20), (0, 0));
    fixture.app.enable_account(&operator(), &default(), account.id.as_str()).unwrap();
    assert_eq!(fixture.app.disable_unused_keys().unwrap(), (0, 1), "it is announced anew");
}

#[test]
fn a_time_that_is_not_longer_than_the_announcement_is_refused() {
    let fixture = Fixture::new();
    assert_eq!(rule(&fixture, Some("14d")).unwrap_err().field(), Some("disable_unused"));
    rule(&fixture, Some("15d")).unwrap();
}
