//! When keys end, and a project's longest lifetime.

use jiff::SignedDuration;
use keysrv::app::Result;
use keysrv::model::code::Code;
use keysrv::model::expiry::{Span, WithoutDate};
use keysrv::model::key::{Key, KeyChange, KeyFilter, NewKey};
use keysrv::model::page::PageRequest;
use keysrv::model::project::ProjectChange;

use super::{Fixture, default, named, operator, reference};

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

fn limit(fixture: &Fixture, max: Option<&str>) {
    let max = max.map(|text| Span::parse("max_lifetime", text).unwrap());
    let change = ProjectChange { max_lifetime: Some(max), ..ProjectChange::default() };
    fixture.app.change_project(&operator(), &default(), &change).unwrap();
}

fn end(fixture: &Fixture, in_days: Option<i64>) -> Result<Key> {
    let expires_at = Some(in_days.map(|n| fixture.app.now() + days(n)));
    let change = KeyChange { expires_at, ..KeyChange::default() };
    fixture.app.set_key(&operator(), &default(), &reference("a"), &change)
}

fn create(fixture: &Fixture, name: &str, new: NewKey) -> std::result::Result<Option<i64>, String> {
    let created =
        fixture.app.create_key(&operator(), &default(), &NewKey { ..new }).map_err(|e| e.to_string())?;
    assert_eq!(created.key.facts.name.as_str(), name);
    let lives = created.key.facts.expires_at.map(|at| at.duration_since(fixture.app.now()));
    Ok(lives.map(|lives| lives.as_hours() / 24))
}

#[test]
fn without_a_longest_lifetime_no_date_is_no_end() {
    let fixture = Fixture::new();
    assert_eq!(create(&fixture, "a", named("a")), Ok(None));
    assert_eq!(end(&fixture, Some(36_000)).unwrap().facts.expires_at, Some(fixture.app.now() + days(36_000)));
    assert_eq!(end(&fixture, None).unwrap().facts.expires_at, None);
}

#[test]
fn under_a_longest_lifetime_no_date_is_the_longest_and_never_is_refused() {
    let fixture = Fixture::new();
    limit(&fixture, Some("365d"));
    assert_eq!(create(&fixture, "a", named("a")), Ok(Some(365)));
    let never = NewKey { without_date: WithoutDate::Never, ..named("b") };
    assert_eq!(
        create(&fixture, "b", never).unwrap_err(),
        "expiry `never` is later than the project allows; a key may live 365d at most, until \
         2027-11-24T12:00:00Z"
    );
    let dated = |n| NewKey { expires_at: Some(fixture.app.now() + days(n)), ..named("b") };
    assert!(create(&fixture, "b", dated(366)).is_err());
    assert_eq!(create(&fixture, "b", dated(30)), Ok(Some(30)));
    assert_eq!(end(&fixture, None).unwrap_err().code(), Code::InvalidValue);
    assert!(end(&fixture, Some(366)).is_err());
    fixture.clock.advance(days(100));
    end(&fixture, Some(365)).unwrap();
    limit(&fixture, None);
    end(&fixture, None).unwrap();
}

#[test]
fn a_new_limit_leaves_what_is_there_until_its_end_changes() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    limit(&fixture, Some("30d"));
    fixture.clock.advance(days(60));
    assert_eq!(fixture.code(token.expose()), "valid");
    let note = keysrv::model::key::Note::parse("note", "still mine").unwrap();
    let change = KeyChange { note: Some(note), ..KeyChange::default() };
    fixture.app.set_key(&operator(), &default(), &reference("a"), &change).unwrap();
}

#[test]
fn a_past_date_is_refused_and_an_extension_is_in_the_log() {
    let fixture = Fixture::new();
    let token =
        fixture.create_with(&NewKey { expires_at: Some(fixture.app.now() + days(1)), ..named("a") }).token;
    assert_eq!(end(&fixture, Some(-1)).unwrap_err().field(), Some("expires_at"));
    fixture.clock.advance(days(2));
    assert_eq!(fixture.code(token.expose()), "expired");
    let until = end(&fixture, Some(90)).unwrap().facts.expires_at.unwrap();
    assert_eq!(fixture.code(token.expose()), "valid");
    let event = fixture.events().remove(0);
    assert_eq!(event.action, "key.changed");
    assert_eq!(event.detail["expires_at"]["to"], until.to_string());
    assert_eq!(event.detail["expires_at"]["from"], "2026-11-25T12:00:00Z");
}

#[test]
fn the_list_of_keys_that_end_soon_has_those_alone() {
    let fixture = Fixture::new();
    for (name, n) in [("gone", 1), ("soon", 10), ("later", 40)] {
        fixture.create_with(&NewKey { expires_at: Some(fixture.app.now() + days(n)), ..named(name) });
    }
    fixture.create("never");
    fixture.clock.advance(days(2));
    let filter = KeyFilter { expires_by: Some(fixture.app.now() + days(14)), ..KeyFilter::default() };
    let found = fixture.app.list_keys(&operator(), &default(), &filter, &PageRequest::default()).unwrap();
    let names: Vec<_> = found.items.iter().map(|key| key.facts.name.as_str()).collect();
    assert_eq!(names, ["soon"]);
}
