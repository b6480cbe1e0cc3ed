//! Counts of use over HTTP.

use keysrv::model::limit::Mode;
use serde_json::json;

use super::Server;
use crate::app::{named, scopes};

#[test]
fn a_keys_uses_are_told_by_verdict_and_a_wrong_question_is_refused() {
    let server = Server::start();
    let mut new = named("reader");
    new.scopes = Some(scopes(&["keys:read"]));
    let reader = server.create_with(&new).token;
    let token = server.token("k");
    for query in ["", "", "?scope=keys:write"] {
        server.get(&format!("/v1/verify{query}")).key(&token).send();
    }
    let ask = |query: &str| server.get(&format!("/v1/keys/k/usage{query}")).key(reader.expose()).send();
    let answer = ask("?by=day").json();
    let refused = json!({ "at": "2026-11-24T00:00:00Z", "code": "insufficient_scope", "count": 1 });
    let valid = json!({ "at": "2026-11-24T00:00:00Z", "code": "valid", "count": 2 });
    assert_eq!(answer["data"], json!([refused, valid]));
    assert_eq!(answer["last_used_network"], "127.0.0.0/24");
    let first = ask("?limit=1").json();
    assert_eq!(first["data"].as_array().unwrap().len(), 1);
    let next = ask(&format!("?cursor={}", first["next_cursor"].as_str().unwrap())).json();
    assert_eq!((&next["data"][0]["code"], &next["next_cursor"]), (&json!("valid"), &json!(null)));
    for (query, status) in [
        ("?by=week", 422),
        ("?from=yesterday", 422),
        ("?from=2026-11-24T12:00:00Z&to=2026-11-23T12:00:00Z", 422),
        ("?cursor=x", 422),
        ("?since=1", 400),
    ] {
        assert_eq!(ask(query).status, status, "{query}");
    }
}

#[test]
fn an_accounts_uses_and_what_watched_limits_would_have_refused_are_told() {
    let server = Server::start();
    let account = crate::app::accounts::create(&server.fixture, "Acme", Some("cus_1"));
    let mut new = named("reader");
    new.scopes = Some(scopes(&["keys:read", "platform:read"]));
    let reader = server.create_with(&new).token;
    let mut new = named("k");
    new.account = Some(account.id.to_string());
    new.allowed_ips = vec!["203.0.113.7".parse::<std::net::IpAddr>().unwrap().into()];
    new.limits.ips_mode = Some(Mode::Watch);
    let token = server.create_with(&new).token;
    for _ in 0..3 {
        server.get("/v1/verify").key(token.expose()).send();
    }
    let ask = |path: &str| server.get(path).key(reader.expose()).send();
    let would_refuse = json!([{ "code": "ip_denied", "count": 3 }]);
    assert_eq!(ask("/v1/keys/k/usage").json()["would_refuse"], would_refuse);
    let answer = ask("/v1/accounts/cus_1/usage?by=day").json();
    let valid = json!({ "at": "2026-11-24T00:00:00Z", "code": "valid", "count": 3 });
    let whole = json!({ "data": [valid], "next_cursor": null, "would_refuse": would_refuse });
    assert_eq!(answer, whole);
    let before = ask("/v1/accounts/cus_1/usage?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z").json();
    assert_eq!(before["would_refuse"], json!([]));
    assert_eq!(ask("/v1/accounts/cus_2/usage").code(), "no_such_resource");
}
