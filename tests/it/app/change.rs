//! Changing a key: all of a change or none of it, one event for what is different.

use keysrv::app::revision;
use keysrv::model::account::{AccountName, Metadata, NewAccount};
use keysrv::model::code::Code;
use keysrv::model::key::{Key, KeyChange, KeyRef, Note, ScopesChange, parse_allowed_ips};
use keysrv::model::limit::{LimitsChange, Mode, Quota, RateLimit};
use keysrv::model::principal::Principal;
use keysrv::model::revision::Expected;
use serde_json::json;

use super::{Fixture, default, key_principal, named, operator, reference, scopes};

fn account(fixture: &Fixture, name: &str) -> keysrv::model::account::Account {
    let new = NewAccount {
        name: AccountName::parse(name).unwrap(),
        external_id: None,
        metadata: Metadata::default(),
        enabled: true,
        limits: keysrv::model::limit::LimitsChange::default(),
    };
    fixture.app.create_account(&operator(), &default(), &new).unwrap()
}

fn set(fixture: &Fixture, who: &Principal, key: &KeyRef, change: &KeyChange) -> Result<Key, Code> {
    fixture.app.set_key(who, &default(), key, change).map_err(|error| error.code())
}

fn replace(names: &[&str]) -> KeyChange {
    KeyChange { scopes: Some(ScopesChange::Replace(scopes(names))), ..KeyChange::default() }
}

#[test]
fn everything_that_may_change_does_and_counts_on_the_next_request() {
    let fixture = Fixture::new();
    let token = fixture.create("k").token.expose().to_owned();
    let acme = account(&fixture, "Acme");
    let change = KeyChange {
        enabled: Some(false),
        reason: Note::parse("reason", "leaked").unwrap(),
        scopes: Some(ScopesChange::Edit {
            add: scopes(&["credentials:read"]),
            remove: scopes(&["unified:read", "unified:write", "actions:execute", "connectors:read"]),
        }),
        note: Some(Note::parse("note", "for the build").unwrap()),
        expires_at: Some(Some("2026-12-24T12:00:00Z".parse().unwrap())),
        account: Some(Some(acme.id.to_string())),
        metadata: Some(Metadata::parse(r#"{"team":"blue"}"#).unwrap()),
        allowed_ips: Some(parse_allowed_ips(["203.0.113.0/24"]).unwrap()),
        limits: LimitsChange {
            rate: Some(Some(RateLimit::parse("10/60").unwrap())),
            quota: Some(Some(Quota::parse("1000/day").unwrap())),
            quota_mode: Some(Mode::Watch),
            ..LimitsChange::default()
        },
    };
    let key = set(&fixture, &operator(), &reference("k"), &change).unwrap();
    assert_eq!(key, fixture.get("k"));
    assert_eq!(key.facts.scopes.to_text(), "credentials:read platform:read platform:write");
    assert_eq!(key.facts.account.as_ref().unwrap().id, acme.id);
    assert_eq!(fixture.code(&token), "disabled");
    let events = fixture.events();
    assert_eq!(events[0].action, "key.disabled");
    assert_eq!(events[0].detail, json!({ "reason": "leaked" }));
    let expected = json!({
        "account_id": { "from": null, "to": acme.id },
        "allowed_ips": { "from": [], "to": ["203.0.113.0/24"] },
        "expires_at": { "from": null, "to": "2026-12-24T12:00:00Z" },
        "metadata": { "from": {}, "to": { "team": "blue" } },
        "note": { "from": null, "to": "for the build" },
        "quota": { "from": null, "to": "1000/day" },
        "quota_mode": { "from": "enforce", "to": "watch" },
        "rate_limit": { "from": null, "to": "10/60" },
        "scopes": {
            "added": ["credentials:read"],
            "removed": ["actions:execute", "connectors:read", "unified:read", "unified:write"],
        },
    });
    assert_eq!(events[1].detail, expected);
}

#[test]
fn what_may_be_empty_is_emptied_and_what_is_not_named_stays() {
    let fixture = Fixture::new();
    fixture.create("k");
    let acme = account(&fixture, "Acme");
    let full = KeyChange {
        note: Some(Note::parse("note", "n").unwrap()),
        expires_at: Some(Some("2027-01-01T00:00:00Z".parse().unwrap())),
        account: Some(Some(acme.id.to_string())),
        ..KeyChange::default()
    };
    set(&fixture, &operator(), &reference("k"), &full).unwrap();
    let empty = KeyChange { note: Some(None), expires_at: Some(None), ..KeyChange::default() };
    let key = set(&fixture, &operator(), &reference("k"), &empty).unwrap();
    assert_eq!((key.note, key.facts.expires_at), (None, None));
    assert_eq!(key.facts.account.unwrap().id, acme.id);
    let free = KeyChange { account: Some(None), ..KeyChange::default() };
    assert_eq!(set(&fixture, &operator(), &reference("k"), &free).unwrap().facts.account, None);
}

#[test]
fn a_change_that_changes_nothing_leaves_no_event() {
    let fixture = Fixture::new();
    let key = fixture.create("k").key;
    let before = fixture.actions();
    let same = KeyChange {
        enabled: Some(true),
        scopes: Some(ScopesChange::Replace(key.facts.scopes.clone())),
        ..KeyChange::default()
    };
    assert_eq!(set(&fixture, &operator(), &reference("k"), &same).unwrap(), key);
    assert_eq!(fixture.actions(), before);
}

#[test]
fn a_change_that_breaks_one_rule_changes_nothing() {
    let fixture = Fixture::new();
    let (key, before) = (fixture.create("k").key, fixture.actions());
    let note = Some(Note::parse("note", "new").unwrap());
    let past = Some(Some("2020-01-01T00:00:00Z".parse().unwrap()));
    for (change, code) in [
        (replace(&["no:such"]), Code::InvalidValue),
        (KeyChange { expires_at: past, ..KeyChange::default() }, Code::InvalidValue),
        (
            KeyChange { account: Some(Some("nobody".to_owned())), ..KeyChange::default() },
            Code::NoSuchResource,
        ),
    ] {
        let change = KeyChange { note: note.clone(), enabled: Some(false), ..change };
        assert_eq!(set(&fixture, &operator(), &reference("k"), &change), Err(code));
    }
    assert_eq!((fixture.get("k"), fixture.actions()), (key, before));
}

#[test]
fn a_key_changes_only_what_it_could_be_and_grants_only_what_it_holds() {
    let fixture = Fixture::new();
    let weak = keysrv::model::key::NewKey { scopes: Some(scopes(&["unified:read"])), ..named("weak") };
    fixture.create_with(&weak);
    fixture.create("strong");
    let caller = key_principal(&["keys:write", "unified:read"], None);
    let off = KeyChange { enabled: Some(false), ..KeyChange::default() };
    assert_eq!(set(&fixture, &caller, &reference("strong"), &off), Err(Code::InsufficientScope));
    let more = replace(&["unified:read", "credentials:read"]);
    assert_eq!(set(&fixture, &caller, &reference("weak"), &more), Err(Code::InsufficientScope));
    assert!(set(&fixture, &caller, &reference("weak"), &replace(&[])).is_ok());
}

#[test]
fn a_bound_key_moves_no_key_out_of_its_account_or_into_another() {
    let fixture = Fixture::new();
    let (own, other) = (account(&fixture, "Own"), account(&fixture, "Other"));
    let new = keysrv::model::key::NewKey {
        account: Some(own.id.to_string()),
        scopes: Some(scopes(&[])),
        ..named("k")
    };
    fixture.create_with(&new);
    let caller = key_principal(&["keys:write"], Some(own.id.clone()));
    let to = |account: Option<String>| KeyChange { account: Some(account), ..KeyChange::default() };
    let k = reference("k");
    assert_eq!(set(&fixture, &caller, &k, &to(None)), Err(Code::AccountBound));
    assert_eq!(set(&fixture, &caller, &k, &to(Some(other.id.to_string()))), Err(Code::NoSuchResource));
    assert!(set(&fixture, &caller, &k, &to(Some(own.id.to_string()))).is_ok());
}

#[test]
fn a_lost_update_is_refused_and_use_alone_is_no_update() {
    let fixture = Fixture::new();
    let created = fixture.create("k");
    let seen = revision::of_key(&created.key);
    assert_eq!(fixture.code(created.token.expose()), "valid");
    let expecting = |seen: &keysrv::model::revision::Revision| {
        reference("k").expecting(Expected::parse(&seen.etag()).unwrap())
    };
    assert_eq!(revision::of_key(&fixture.get("k")), seen, "a use is no change");
    let first = KeyChange { note: Some(Note::parse("note", "first").unwrap()), ..KeyChange::default() };
    set(&fixture, &operator(), &expecting(&seen), &first).unwrap();
    let second = KeyChange { note: Some(Note::parse("note", "second").unwrap()), ..KeyChange::default() };
    assert_eq!(set(&fixture, &operator(), &expecting(&seen), &second), Err(Code::PreconditionFailed));
    let deleted = fixture.app.delete_key(&operator(), &default(), &expecting(&seen), None);
    assert_eq!(deleted.unwrap_err().code(), Code::PreconditionFailed);
    let rotated = fixture.app.rotate_key(&operator(), &default(), &expecting(&seen), None);
    assert_eq!(rotated.unwrap_err().code(), Code::PreconditionFailed);
    let now = revision::of_key(&fixture.get("k"));
    assert_eq!(fixture.get("k").note.unwrap().as_str(), "first");
    assert!(set(&fixture, &operator(), &expecting(&now), &second).is_ok());
}
