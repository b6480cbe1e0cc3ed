//! Rotation: a new secret for the same key, with or without an overlap.

use jiff::SignedDuration;
use keysrv::app::view::ManagerView;
use keysrv::model::expiry::Span;
use keysrv::model::key::Rotation;
use serde_json::json;

use super::{Fixture, default, named, open, operator, reference};

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

fn rotation(overlap: &str, quiet: Option<&str>) -> Rotation {
    Rotation {
        overlap: Span::parse("overlap", overlap).unwrap(),
        quiet: quiet.map(|text| Span::parse("end_when_quiet", text).unwrap()),
    }
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn view(fixture: &Fixture) -> serde_json::Value {
    let key = fixture.get("a");
    serde_json::to_value(ManagerView::new(&key, fixture.app.now())).unwrap()["secrets"].clone()
}

#[test]
fn during_an_overlap_both_secrets_say_who_still_uses_them() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    fixture.verify(old.expose(), &[]);
    let before = fixture.app.now();
    assert_eq!(
        view(&fixture)[0]["seen_since_rotation"],
        serde_json::Value::Null,
        "nothing is counted of one secret"
    );
    fixture.clock.advance(hours(1));
    let new = fixture.app.rotate_key(&operator(), &default(), &reference("a"), rotation("7d", None)).unwrap();
    assert_eq!(new.key.overlap().unwrap().old.last_seen_at, Some(before), "what was known of the key");
    fixture.clock.advance(hours(1));
    fixture.verify(new.token.expose(), &[]);
    fixture.verify(new.token.expose(), &[]);
    fixture.verify(old.expose(), &["keys:write"]);
    let secrets = view(&fixture);
    let of = |n: usize, field: &str| secrets[n][field].clone();
    assert_eq!((of(0, "seen_since_rotation"), of(1, "seen_since_rotation")), (json!(2), json!(1)));
    assert_eq!((of(0, "last_seen_ip"), of(1, "last_seen_ip")), (json!("203.0.113.7"), json!("203.0.113.7")));
    assert_eq!(of(1, "last_seen_at"), json!(fixture.app.now()), "a refused request was seen, too");
    assert_eq!(of(1, "last_used_at"), json!(before), "but it is no use");
    assert_eq!((of(0, "safe_to_end"), of(1, "safe_to_end")), (json!(null), json!(false)));
    fixture.clock.advance(hours(24));
    assert_eq!(view(&fixture)[1]["safe_to_end"], true);
}

#[test]
fn after_an_overlap_the_uses_of_the_key_are_those_of_its_one_secret() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    let new = rotate(&fixture, Some("1h")).unwrap().token;
    fixture.verify(old.expose(), &[]);
    fixture.clock.advance(hours(1));
    assert_eq!(fixture.get("a").secrets[0].last_used_at, None, "that was the old one");
    fixture.verify(new.expose(), &[]);
    assert_eq!(fixture.get("a").secrets[0].last_used_at, Some(fixture.app.now()));
}

#[test]
fn the_old_secret_ends_at_a_word_and_only_if_there_is_one() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    let end = || fixture.app.end_old_secret(&operator(), &default(), &reference("a"));
    assert!(end().unwrap_err().to_string().contains("has one live secret"));
    let new = rotate(&fixture, Some("7d")).unwrap().token;
    assert_eq!(end().unwrap().secrets.len(), 1);
    assert_eq!((fixture.code(old.expose()), fixture.code(new.expose())), ("rotated", "valid"));
    assert_eq!(fixture.actions()[0], "key.old_secret_ended");
    assert!(end().is_err());
    let reader = super::key_principal(&["keys:read"], None);
    assert!(fixture.app.end_old_secret(&reader, &default(), &reference("a")).is_err());
}

#[test]
fn a_quiet_old_secret_ends_by_itself_and_one_in_use_does_not() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    let rotated = rotation("30d", Some("24h"));
    let new = fixture.app.rotate_key(&operator(), &default(), &reference("a"), rotated).unwrap().token;
    for _ in 0..5 {
        fixture.clock.advance(hours(23));
        assert_eq!(fixture.app.end_quiet_secrets().unwrap(), 0);
        // A request that is refused says that somebody still has it.
        fixture.verify(old.expose(), &["keys:write"]);
    }
    let other = open(fixture.dir.path(), &fixture.clock);
    fixture.clock.advance(hours(24));
    assert_eq!(fixture.app.end_quiet_secrets().unwrap(), 1);
    assert_eq!((fixture.code(old.expose()), fixture.code(new.expose())), ("rotated", "valid"));
    let event = fixture.events().remove(0);
    assert_eq!((event.action.as_str(), event.actor.name.as_str()), ("key.old_secret_ended", "the server"));
    assert!(event.detail["quiet_since"].is_string());
    assert_eq!(other.end_quiet_secrets().unwrap(), 0);
}

#[test]
fn an_overlap_that_does_not_say_so_never_ends_by_itself_before_its_time() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    rotate(&fixture, Some("30d")).unwrap();
    fixture.clock.advance(hours(24 * 29));
    assert_eq!(fixture.app.end_quiet_secrets().unwrap(), 0);
    assert_eq!(fixture.code(old.expose()), "valid");
}

#[test]
fn what_could_never_become_quiet_is_refused() {
    let fixture = Fixture::new();
    fixture.create("a");
    for (overlap, quiet) in [("0s", "24h"), ("7d", "10s")] {
        let refused =
            fixture.app.rotate_key(&operator(), &default(), &reference("a"), rotation(overlap, Some(quiet)));
        assert_eq!(refused.unwrap_err().field(), Some("end_when_quiet"), "{overlap} {quiet}");
    }
}

#[test]
fn an_ended_secret_says_so_for_90_days_and_is_forgotten_by_the_next_rotation() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    rotate(&fixture, None).unwrap();
    fixture.clock.advance(hours(24 * 90));
    rotate(&fixture, None).unwrap();
    assert_eq!(fixture.code(old.expose()), "rotated");
    fixture.clock.advance(hours(1));
    rotate(&fixture, None).unwrap();
    assert_eq!(fixture.code(old.expose()), "not_found");
}

#[test]
fn a_key_that_is_disabled_and_has_expired_is_not_rotated_either() {
    let fixture = Fixture::new();
    let mut new = named("a");
    new.expires_at = Some(fixture.app.now() + hours(1));
    fixture.create_with(&new);
    fixture.app.disable_key(&operator(), &default(), &reference("a"), None).unwrap();
    fixture.clock.advance(hours(1));
    assert!(rotate(&fixture, None).is_err());
}
