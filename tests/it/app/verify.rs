//! Verdicts, in the order of the contract, and how uses are counted.

use jiff::SignedDuration;
use keysrv::app::verify::{Ask, Counting};
use keysrv::model::expiry::Span;
use keysrv::model::key::parse_allowed_ips;
use keysrv::model::page::PageRequest;
use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::scope::Catalogue;
use keysrv::model::usage::{UsageRange, UsageStep};

use super::{Fixture, IP, default, named, open, operator, reference};

#[test]
fn a_new_key_is_valid_and_says_who_it_is() {
    let fixture = Fixture::new();
    let created = fixture.create("a");
    let verdict = fixture.verify(created.token.expose(), &["platform:read", "actions:execute"]);
    assert_eq!(verdict.code.as_str(), "valid");
    assert_eq!(verdict.key.unwrap().record.facts, created.key.facts);
}

#[test]
fn a_stranger_learns_nothing() {
    let fixture = Fixture::new();
    let created = fixture.create("a");
    let other = Fixture::new().create("a");
    for (token, code) in [
        ("", "malformed"),
        ("ks_short", "malformed"),
        (&created.token.expose()[1..], "malformed"),
        (other.token.expose(), "not_found"),
    ] {
        let verdict = fixture.verify(token, &["platform:write"]);
        assert_eq!((verdict.code.as_str(), verdict.key, verdict.missing_scopes.len()), (code, None, 0));
    }
}

#[test]
fn a_wrong_secret_of_a_real_key_is_not_found_and_counts_nowhere() {
    let fixture = Fixture::new();
    let created = fixture.create("a");
    let forged = keysrv::crypto::token::Token::for_key(&Prefix::default(), created.key.facts.id).unwrap();
    assert_eq!(fixture.code(forged.expose()), "not_found");
    assert_eq!(fixture.get("a").last_refused_code, None);
}

#[test]
fn the_first_check_that_fails_is_the_answer() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "acme", None);
    let mut new = named("a");
    new.account = Some(account.id.to_string());
    new.expires_at = Some(fixture.app.now() + SignedDuration::from_hours(1));
    new.allowed_ips = parse_allowed_ips(["10.0.0.0/8"]).unwrap();
    new.scopes = Some(super::scopes(&["platform:read"]));
    let token = fixture.create_with(&new).token;
    let who = operator();
    let code = |scopes: &[&str]| fixture.verify(token.expose(), scopes).code.as_str();

    assert_eq!(code(&["platform:write"]), "ip_denied");
    fixture.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(code(&[]), "expired");
    fixture.app.disable_account(&who, &default(), account.id.as_str()).unwrap();
    assert_eq!(code(&[]), "account_disabled");
    fixture.app.disable_key(&who, &default(), &reference("a"), None).unwrap();
    assert_eq!(code(&[]), "disabled");
}

#[test]
fn every_missing_scope_is_named() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    let verdict = fixture.verify(token.expose(), &["keys:write", "platform:read", "credentials:read"]);
    assert_eq!(verdict.code.as_str(), "insufficient_scope");
    assert_eq!(verdict.missing_scopes.to_text(), "credentials:read keys:write");
}

#[test]
fn write_does_not_imply_read() {
    let fixture = Fixture::new();
    let mut new = named("a");
    new.scopes = Some(super::scopes(&["connectors:write"]));
    let token = fixture.create_with(&new).token;
    assert_eq!(fixture.verify(token.expose(), &["connectors:read"]).code.as_str(), "insufficient_scope");
}

#[test]
fn a_list_of_addresses_lets_in_only_those() {
    let fixture = Fixture::new();
    let mut new = named("a");
    new.allowed_ips = parse_allowed_ips(["203.0.113.0/24", "2001:db8::/32"]).unwrap();
    let token = fixture.create_with(&new).token;
    let code = |ip: Option<&str>| {
        let ip = ip.map(|ip| ip.parse().unwrap());
        let ask = Ask { project: None, scopes: &[], ip, counting: Counting::Dry, ..Ask::new(token.expose()) };
        fixture.app.verify(&ask).unwrap().code.as_str()
    };
    assert_eq!(code(Some("203.0.113.9")), "valid");
    assert_eq!(code(Some("::ffff:203.0.113.9")), "valid");
    assert_eq!(code(Some("2001:db8::1")), "valid");
    assert_eq!(code(Some("203.0.114.1")), "ip_denied");
    assert_eq!(code(None), "ip_denied", "an address that nobody knows fits no list");
}

#[test]
fn a_key_of_another_project_is_not_found() {
    let fixture = Fixture::new();
    let staging = ProjectName::parse("staging").unwrap();
    fixture.app.create_project(&operator(), &staging, &Prefix::default(), &Catalogue::example()).unwrap();
    let token = fixture.app.create_key(&operator(), &staging, &named("a")).unwrap().token;
    for (project, code) in [
        (Some("default"), "not_found"),
        (Some("nowhere"), "not_found"),
        (Some("staging"), "valid"),
        (None, "valid"),
    ] {
        let ask =
            Ask { project, scopes: &[], ip: Some(IP), counting: Counting::Dry, ..Ask::new(token.expose()) };
        let verdict = fixture.app.verify(&ask).unwrap();
        assert_eq!((verdict.code.as_str(), verdict.key.is_some()), (code, code == "valid"), "{project:?}");
    }
}

#[test]
fn uses_are_seen_at_once_and_survive_a_flush() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    fixture.verify(token.expose(), &[]);
    fixture.verify(token.expose(), &["keys:read"]);
    fixture.verify(token.expose(), &[]);
    let key = fixture.get("a");
    assert_eq!(key.last_used_at, Some(fixture.app.now()));
    assert_eq!(key.last_used_ip.as_deref(), Some("203.0.113.7"));
    assert_eq!(key.last_refused_code.unwrap().as_str(), "insufficient_scope");
    assert_eq!(key.secrets[0].last_used_at, Some(fixture.app.now()));

    let other = open(fixture.dir.path(), &fixture.clock);
    let (range, page) =
        (UsageRange::new(UsageStep::Hour, None, None, other.now()).unwrap(), PageRequest::default());
    let usage = other.key_usage(&operator(), &default(), &reference("a"), &range, &page).unwrap();
    let counts: Vec<_> = usage.counts.items.iter().map(|count| (count.code.as_str(), count.count)).collect();
    assert_eq!(counts, [("insufficient_scope", 1), ("valid", 2)]);
}

#[test]
fn looking_does_not_count() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    let ask =
        Ask { project: None, scopes: &[], ip: Some(IP), counting: Counting::Dry, ..Ask::new(token.expose()) };
    fixture.app.verify(&ask).unwrap();
    assert_eq!(fixture.get("a").last_used_at, None);
}

#[test]
fn a_change_by_another_process_counts_on_the_next_request() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    let other = open(fixture.dir.path(), &fixture.clock);
    for _ in 0..50 {
        assert_eq!(fixture.code(token.expose()), "valid");
        other.disable_key(&operator(), &default(), &reference("a"), None).unwrap();
        assert_eq!(fixture.code(token.expose()), "disabled");
        other.enable_key(&operator(), &default(), &reference("a")).unwrap();
    }
    other
        .rotate_key(&operator(), &default(), &reference("a"), Some(Span::parse("overlap", "0s").unwrap()))
        .unwrap();
    assert_eq!(fixture.code(token.expose()), "rotated");
    other.delete_key(&operator(), &default(), &reference("a"), None).unwrap();
    assert_eq!(fixture.code(token.expose()), "not_found");
}
