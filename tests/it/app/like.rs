//! A new key that is like another one.

use jiff::SignedDuration;
use keysrv::app::revision;
use keysrv::model::account::Metadata;
use keysrv::model::key::{KeyName, NewKey, Note, parse_allowed_ips};
use keysrv::model::limit::{LimitsChange, Quota, RateLimit};

use super::{Fixture, default, key_principal, named, operator, reference, scopes};

#[test]
fn it_has_everything_of_the_other_but_name_secret_switch_and_use() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "acme", None);
    let new = NewKey {
        scopes: Some(scopes(&["keys:read", "platform:read"])),
        note: Note::parse("note", "for the build").unwrap(),
        account: Some(account.id.to_string()),
        expires_at: Some(fixture.app.now() + SignedDuration::from_hours(48)),
        metadata: Metadata::parse(r#"{"team":"blue"}"#).unwrap(),
        allowed_ips: parse_allowed_ips(["203.0.113.0/24"]).unwrap(),
        limits: LimitsChange {
            rate: Some(Some(RateLimit::parse("10/60").unwrap())),
            quota: Some(Some(Quota::parse("1000/day").unwrap())),
            ..LimitsChange::default()
        },
        ..named("a")
    };
    let first = fixture.create_with(&new);
    fixture.verify(first.token.expose(), &[]);
    fixture.app.disable_key(&operator(), &default(), &reference("a"), None).unwrap();
    fixture.clock.advance(SignedDuration::from_hours(24));
    let name = KeyName::parse("b").unwrap();
    let like = fixture.app.new_key_like(&operator(), &default(), &reference("a"), name).unwrap();
    let second = fixture.create_with(&like).key;
    let (a, b) = (first.key.facts, second.facts);
    assert_eq!(
        (&a.scopes, &a.account, &a.metadata, &a.allowed_ips),
        (&b.scopes, &b.account, &b.metadata, &b.allowed_ips)
    );
    assert_eq!((a.limits.rate, a.limits.quota, first.key.note), (b.limits.rate, b.limits.quota, second.note));
    assert_eq!(b.expires_at, Some(fixture.app.now() + SignedDuration::from_hours(48)), "as long a life");
    assert!(b.enabled && second.last_used_at.is_none() && a.id != b.id);
    assert_ne!(revision::of_key(&fixture.get("a")), revision::of_key(&fixture.get("b")));
}

#[test]
fn nobody_copies_a_key_that_they_may_not_see_or_be() {
    let fixture = Fixture::new();
    fixture.create_with(&NewKey { scopes: Some(scopes(&["credentials:read"])), ..named("a") });
    let name = || KeyName::parse("b").unwrap();
    let blind = key_principal(&["keys:write"], None);
    assert!(fixture.app.new_key_like(&blind, &default(), &reference("a"), name()).is_err());
    let weak = key_principal(&["keys:read", "keys:write"], None);
    let like = fixture.app.new_key_like(&weak, &default(), &reference("a"), name()).unwrap();
    assert!(fixture.app.create_key(&weak, &default(), &like).is_err());
}
