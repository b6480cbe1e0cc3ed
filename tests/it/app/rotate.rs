//! Rotation: a new secret for the same key, with or without an overlap.

use jiff::SignedDuration;
use keysrv::model::expiry::Span;

use super::{Fixture, default, named, operator, reference};

fn rotate(
    fixture: &Fixture,
    overlap: Option<&str>,
) -> keysrv::app::Result<keysrv::app::keys_create::CreatedKey> {
    let overlap = overlap.map(|text| Span::parse("overlap", text).unwrap());
    fixture.app.rotate_key(&operator(), &default(), &reference("a"), overlap)
}

#[test]
fn without_overlap_the_old_secret_ends_now() {
    let fixture = Fixture::new();
    let old = fixture.create("a");
    let new = rotate(&fixture, None).unwrap();
    assert_eq!((fixture.code(old.token.expose()), fixture.code(new.token.expose())), ("rotated", "valid"));
    assert_eq!((new.key.facts.id, new.key.secrets.len()), (old.key.facts.id, 1));
}

#[test]
fn with_overlap_both_work_until_it_ends() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    let new = rotate(&fixture, Some("1h")).unwrap();
    assert_eq!(new.key.secrets.len(), 2);
    assert_eq!((fixture.code(old.expose()), fixture.code(new.token.expose())), ("valid", "valid"));
    fixture.clock.advance(SignedDuration::from_hours(1));
    assert_eq!((fixture.code(old.expose()), fixture.code(new.token.expose())), ("rotated", "valid"));
}

#[test]
fn rotating_during_an_overlap_ends_the_oldest() {
    let fixture = Fixture::new();
    let first = fixture.create("a").token;
    let second = rotate(&fixture, Some("7d")).unwrap().token;
    let third = rotate(&fixture, Some("7d")).unwrap();
    let codes = [first.expose(), second.expose(), third.token.expose()].map(|token| fixture.code(token));
    assert_eq!(codes, ["rotated", "valid", "valid"]);
    assert_eq!(third.key.secrets.len(), 2);
}

#[test]
fn a_disabled_key_stays_disabled_and_an_expired_one_is_not_rotated() {
    let fixture = Fixture::new();
    let mut new = named("a");
    new.expires_at = Some(fixture.app.now() + SignedDuration::from_hours(1));
    fixture.create_with(&new);
    fixture.app.disable_key(&operator(), &default(), &reference("a"), None).unwrap();
    assert_eq!(fixture.code(rotate(&fixture, None).unwrap().token.expose()), "disabled");
    fixture.app.enable_key(&operator(), &default(), &reference("a")).unwrap();
    fixture.clock.advance(SignedDuration::from_hours(2));
    assert!(rotate(&fixture, None).unwrap_err().to_string().contains("has expired"));
}

#[test]
fn an_overlap_of_more_than_90_days_is_refused() {
    let fixture = Fixture::new();
    fixture.create("a");
    assert_eq!(rotate(&fixture, Some("91d")).unwrap_err().field(), Some("overlap"));
    rotate(&fixture, Some("90d")).unwrap();
}
