//! `/v1/verify`: the table of verdicts, by every way of presenting a token.

use keysrv::model::account::{AccountName, NewAccount};
use keysrv::model::key::{NewKey, parse_allowed_ips};
use keysrv::model::page::PageRequest;
use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::scope::Catalogue;
use keysrv::model::usage::{UsageRange, UsageStep};
use serde_json::json;

use super::{Server, basic};
use crate::app::{default, named, operator, reference, scopes};

/// A token for every verdict, made so that the verdict comes out.
fn tokens(server: &Server) -> Vec<(&'static str, u16, String)> {
    let good = server.token("good");
    let mut wrong_secret = good.clone();
    wrong_secret.truncate(good.len() - 38);
    wrong_secret = with_checksum(&format!("{wrong_secret}{}", "x".repeat(32)));
    vec![
        ("valid", 200, good.clone()),
        ("malformed", 401, format!("{good}x")),
        ("not_found", 401, with_checksum(&format!("ks_{}_{}", "a".repeat(12), "b".repeat(32)))),
        ("not_found", 401, wrong_secret),
        ("not_found", 401, of_another_project(server)),
        ("rotated", 401, rotated(server)),
        ("disabled", 401, disabled(server)),
        ("account_disabled", 401, of_a_disabled_account(server)),
        ("expired", 401, expired(server)),
        ("ip_denied", 403, bound_to_an_address(server)),
    ]
}

pub(super) fn with_checksum(start: &str) -> String {
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(start.as_bytes()) as usize;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    format!("{start}{}", String::from_utf8(digits.to_vec()).unwrap())
}

fn of_another_project(server: &Server) -> String {
    let (who, staging) = (operator(), ProjectName::parse("staging").unwrap());
    server.app.create_project(&who, &staging, &Prefix::default(), &Catalogue::example()).unwrap();
    server.app.create_key(&who, &staging, &named("elsewhere")).unwrap().token.expose().to_owned()
}

fn rotated(server: &Server) -> String {
    let old = server.token("rotated");
    server.app.rotate_key(&operator(), &default(), &reference("rotated"), None).unwrap();
    old
}

fn disabled(server: &Server) -> String {
    let token = server.token("disabled");
    server.app.disable_key(&operator(), &default(), &reference("disabled"), None).unwrap();
    token
}

fn of_a_disabled_account(server: &Server) -> String {
    let new = NewAccount {
        name: AccountName::parse("Acme").unwrap(),
        external_id: None,
        metadata: keysrv::model::account::Metadata::default(),
        enabled: true,
        limits: keysrv::model::limit::LimitsChange::default(),
    };
    let account = server.app.create_account(&operator(), &default(), &new).unwrap();
    let key = NewKey { account: Some(account.id.to_string()), ..named("acme") };
    let token = server.create_with(&key).token.expose().to_owned();
    server.app.disable_account(&operator(), &default(), account.id.as_str()).unwrap();
    token
}

fn expired(server: &Server) -> String {
    let soon = server.app.now() + jiff::SignedDuration::from_mins(5);
    let token = server.create_with(&NewKey { expires_at: Some(soon), ..named("expired") });
    server.clock.advance(jiff::SignedDuration::from_mins(5));
    token.token.expose().to_owned()
}

fn bound_to_an_address(server: &Server) -> String {
    let allowed_ips = parse_allowed_ips(["203.0.113.0/24"]).unwrap();
    server.create_with(&NewKey { allowed_ips, ..named("bound") }).token.expose().to_owned()
}

#[test]
fn each_verdict_is_the_same_by_every_way_of_presenting() {
    let server = Server::start();
    for (code, status, token) in tokens(&server) {
        let ways = [
            ("Authorization", basic(&token)),
            ("Authorization", format!("bearer {token}")),
            ("X-API-Key", token.clone()),
        ];
        for (name, value) in &ways {
            let response = server.get("/v1/verify").header(name, value).send();
            assert_eq!((response.status, response.code().as_str()), (status, code), "{name}: {response:?}");
            let in_header = (code != "valid").then_some(code);
            assert_eq!(response.header("x-keysrv-code"), in_header, "{code}");
        }
        let response = server.post("/v1/verify", json!({ "token": token }).to_string()).send();
        assert_eq!((response.status, response.code().as_str()), (200, code), "{response:?}");
        assert_eq!(response.json()["valid"], code == "valid");
    }
}

#[test]
fn a_stranger_learns_nothing_about_a_key_and_the_holder_everything() {
    let server = Server::start();
    for (code, _, token) in tokens(&server) {
        let answer = server.post("/v1/verify", json!({ "token": token }).to_string()).send().json();
        let is_stranger = ["malformed", "not_found"].contains(&code);
        assert_eq!(answer["key"].is_null(), is_stranger, "{answer}");
    }
}

#[test]
fn an_accepted_key_is_shown_to_its_holder() {
    let server = Server::start();
    let created = server.create("my-agent-key");
    let response = server.get("/v1/verify?scope=actions:execute").key(created.token.expose()).send();
    let shown = response.shown().replace(created.key.facts.id.as_str(), "[key]");
    insta::assert_snapshot!(shown, @r#"
    200
    content-type: application/json

    {"valid":true,
    "code":"valid",
    "key":{"id":"[key]",
    "project":"default",
    "name":"my-agent-key",
    "prefix":"ks",
    "scopes":["actions:execute",
    "connectors:read",
    "platform:read",
    "platform:write",
    "unified:read",
    "unified:write"],
    "enabled":true,
    "status":"active",
    "account":null,
    "created_at":"2026-11-24T12:00:00Z",
    "expires_at":null,
    "metadata":{},
    "secret":{"created_at":"2026-11-24T12:00:00Z",
    "ends_at":null}}}
    "#);
}

#[test]
fn scopes_are_asked_for_by_name_and_the_missing_ones_are_told() {
    let server = Server::start();
    let token = server.create_with(&NewKey { scopes: Some(scopes(&["platform:read"])), ..named("k") });
    let token = token.token.expose();
    assert_eq!(server.get("/v1/verify?scope=platform%3Aread").key(token).send().status, 200);
    let response = server.get("/v1/verify?scope=platform:read&scope=b:write&scope=a:read").key(token).send();
    assert_eq!((response.status, response.code().as_str()), (403, "insufficient_scope"));
    assert_eq!(response.header("x-keysrv-missing-scopes"), Some("a:read b:write"));
    let body = json!({ "token": token, "scopes": ["platform:read", "b:write"] }).to_string();
    let answer = server.post("/v1/verify", body).send().json();
    assert_eq!(
        (&answer["code"], &answer["missing_scopes"]),
        (&json!("insufficient_scope"), &json!(["b:write"]))
    );
}

#[test]
fn a_key_of_another_project_is_accepted_only_where_it_is_asked_for() {
    let server = Server::start();
    let token = of_another_project(&server);
    assert_eq!(server.get("/v1/verify").key(&token).send().code(), "not_found");
    assert_eq!(server.get("/v1/verify?project=staging").key(&token).send().status, 200);
    assert_eq!(server.get("/v1/verify?project=nowhere").key(&token).send().code(), "not_found");
    for (project, code) in [("default", "not_found"), ("staging", "valid"), ("no such\nname", "not_found")] {
        let body = json!({ "token": token, "project": project }).to_string();
        assert_eq!(server.post("/v1/verify", body).send().code(), code, "{project}");
    }
}

#[test]
fn the_address_in_the_body_is_the_one_that_is_checked() {
    let server = Server::start();
    let token = bound_to_an_address(&server);
    for (ip, code) in
        [("203.0.113.9", "valid"), ("::ffff:203.0.113.9", "valid"), ("198.51.100.1", "ip_denied")]
    {
        let body = json!({ "token": token, "ip": ip }).to_string();
        assert_eq!(server.post("/v1/verify", body).send().code(), code, "{ip}");
    }
}

#[test]
fn what_was_changed_counts_from_the_next_request_on() {
    let server = Server::start();
    let token = server.token("k");
    assert_eq!(server.get("/v1/verify").key(&token).send().status, 200);
    server.app.disable_key(&operator(), &default(), &reference("k"), None).unwrap();
    assert_eq!(server.get("/v1/verify").key(&token).send().code(), "disabled");
    server.app.enable_key(&operator(), &default(), &reference("k")).unwrap();
    assert_eq!(server.get("/v1/verify").key(&token).send().status, 200);
    server.app.delete_key(&operator(), &default(), &reference("k"), None).unwrap();
    assert_eq!(server.get("/v1/verify").key(&token).send().code(), "not_found");
}

#[test]
fn every_request_with_a_key_counts_under_its_verdict_at_once() {
    let server = Server::start();
    let token = server.token("k");
    server.get("/v1/verify").key(&token).send();
    server.get("/v1/verify?scope=keys:write").key(&token).send();
    server.post("/v1/verify", json!({ "token": token }).to_string()).send();
    server.get("/v1/accounts").key(&token).send();
    server.get("/v1/whoami").key(&token).send();
    let range = UsageRange::new(UsageStep::Hour, None, None, server.app.now()).unwrap();
    let page = PageRequest::default();
    let usage = server.app.key_usage(&operator(), &default(), &reference("k"), &range, &page).unwrap();
    let counts: Vec<_> = usage.counts.items.iter().map(|count| (count.code.as_str(), count.count)).collect();
    assert_eq!(counts, [("insufficient_scope", 1), ("valid", 3)]);
    let key = server.fixture.get("k");
    assert_eq!(key.last_used_ip.as_deref(), Some("127.0.0.1"));
    assert_eq!(key.last_refused_code.unwrap().as_str(), "insufficient_scope");
}

#[test]
fn a_parameter_that_is_not_known_is_refused_instead_of_asking_for_nothing() {
    let server = Server::start();
    let token = server.token("k");
    for query in ["scopes=keys:write", "scope[]=keys:write", "token=x", "project=a&project=b", "x"] {
        let response = server.get(&format!("/v1/verify?{query}")).key(&token).send();
        assert_eq!((response.status, response.code().as_str()), (400, "bad_request"), "{query}");
    }
    for query in ["scope=", "scope=keys", "scope=a:b,c:d", "scope=a:b%20c:d"] {
        let response = server.get(&format!("/v1/verify?{query}")).key(&token).send();
        assert_eq!((response.status, response.code().as_str()), (422, "invalid_value"), "{query}");
        assert_eq!(response.json()["field"], "scope");
    }
}

#[test]
fn a_token_in_the_address_is_never_read_nor_repeated() {
    let server = Server::start();
    let token = server.token("k");
    for target in [
        format!("/v1/verify?token={token}"),
        format!("/v1/verify?{token}"),
        format!("/v1/verify?scope={token}"),
    ] {
        let response = server.get(&target).send();
        assert!((400..500).contains(&response.status), "{response:?}");
        assert!(!response.body.contains(&token[20..]), "{response:?}");
    }
}

#[test]
fn an_explanation_has_every_check_and_is_no_use() {
    let server = Server::start();
    let token = bound_to_an_address(&server);
    let body = json!({ "token": token, "ip": "198.51.100.1", "scopes": ["keys:write"] }).to_string();
    let answer = server.post("/v1/explain", body).send().json();
    assert_eq!((&answer["valid"], &answer["code"]), (&json!(false), &json!("ip_denied")));
    let failed = |check: &&serde_json::Value| check["passed"] == false;
    let failed: Vec<_> = answer["checks"].as_array().unwrap().iter().filter(failed).collect();
    let codes: Vec<_> = failed.iter().map(|check| check["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["ip_denied", "insufficient_scope"]);
    assert!(failed.iter().all(|check| check["fix"].is_string() && check["detail"].is_string()));
    let stranger = server.post("/v1/explain", json!({ "token": "x" }).to_string()).send().json();
    assert_eq!((&stranger["code"], stranger["checks"].as_array().unwrap().len()), (&json!("malformed"), 1));
    let typo = json!({ "token": token, "scope": [] }).to_string();
    assert_eq!(server.post("/v1/explain", typo).send().status, 422);
    let key = server.app.list_keys(
        &operator(),
        &default(),
        &keysrv::model::key::KeyFilter::default(),
        &keysrv::model::page::PageRequest::default(),
    );
    let key = key.unwrap().items.remove(0);
    assert_eq!((key.last_used_at, key.last_refused_at), (None, None));
}

#[test]
fn a_caller_is_told_when_its_key_and_its_old_secret_end() {
    let server = Server::start();
    let forever = server.token("k");
    let plain = server.get("/v1/verify").key(&forever).send();
    assert_eq!((plain.header("x-keysrv-expires-at"), plain.header("x-keysrv-secret-ends-at")), (None, None));
    let expires_at = Some(server.app.now() + jiff::SignedDuration::from_hours(48));
    let old = server.create_with(&NewKey { expires_at, ..named("ends") }).token;
    let overlap = keysrv::model::expiry::Span::parse("overlap", "24h").unwrap();
    let new =
        server.app.rotate_key(&operator(), &default(), &reference("ends"), Some(overlap)).unwrap().token;
    for path in ["/v1/verify", "/v1/whoami", "/v1/accounts", "/v1/verify?scope=keys:write"] {
        let answer = server.get(path).key(old.expose()).send();
        assert_eq!(answer.header("x-keysrv-secret-ends-at"), Some("2026-11-25T12:00:00Z"), "{path}");
        assert_eq!(answer.header("x-keysrv-expires-at"), Some("2026-11-26T12:00:00Z"), "{path}");
        let answer = server.get(path).key(new.expose()).send();
        assert_eq!(answer.header("x-keysrv-secret-ends-at"), None, "{path}");
    }
}
