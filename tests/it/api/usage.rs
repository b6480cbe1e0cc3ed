//! Counts of use over HTTP.

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
