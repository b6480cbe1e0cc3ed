//! Limits over HTTP: what a caller is told of them, and how they are set.

use keysrv::model::key::NewKey;
use keysrv::model::limit::LimitsChange;
use serde_json::json;

use super::{Response, Server};
use crate::app::{limits, named, scopes};

const TOLD: [&str; 6] = [
    "ratelimit-policy",
    "ratelimit",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
];

fn limited(server: &Server, name: &str, limits: LimitsChange) -> String {
    let scopes = Some(scopes(&["platform:read", "keys:read", "keys:write", "platform:write"]));
    server.create_with(&NewKey { limits, scopes, ..named(name) }).token.expose().to_owned()
}

fn both() -> LimitsChange {
    LimitsChange { rate: limits::rate("2/60").rate, ..limits::quota("100/month") }
}

fn told(response: &Response) -> String {
    let line = |name: &&str| Some(format!("{name}: {}", response.header(name)?));
    TOLD.iter().filter_map(line).collect::<Vec<_>>().join("\n")
}

fn patch(server: &Server, token: &str, path: &str, body: &serde_json::Value) -> Response {
    let request = server.request("PATCH", path).header("Content-Type", "application/json").key(token);
    request.body(&body.to_string()).send()
}

#[test]
fn allowed_and_refused_answers_tell_how_the_limits_stand() {
    let server = Server::start();
    let token = limited(&server, "a", both());
    let allowed = server.get("/v1/verify").key(&token).send();
    assert_eq!(allowed.status, 200);
    insta::assert_snapshot!(told(&allowed), @r#"
    ratelimit-policy: "key";q=2;w=60, "key-quota";q=100
    ratelimit: "key";r=1;t=30, "key-quota";r=99;t=561600
    x-ratelimit-limit: 2
    x-ratelimit-remaining: 1
    x-ratelimit-reset: 1795521630
    "#);
    assert_eq!(server.get("/v1/accounts").key(&token).send().status, 200, "keysrv's own routes count, too");
    let refused = server.get("/v1/accounts").key(&token).send();
    insta::assert_snapshot!(told(&refused), @r#"
    ratelimit-policy: "key";q=2;w=60, "key-quota";q=100
    ratelimit: "key";r=0;t=60, "key-quota";r=98;t=561600
    x-ratelimit-limit: 2
    x-ratelimit-remaining: 0
    x-ratelimit-reset: 1795521660
    retry-after: 30
    "#);
    let body = refused.json();
    assert_eq!(
        (refused.status, refused.code().as_str(), &body["retry_after"]),
        (429, "rate_limited", &json!(30))
    );
    assert_eq!(body["detail"], "key `a` may make 2 requests per 60 seconds; try again in 30 seconds");
    assert_eq!(refused.header("x-keysrv-code"), Some("rate_limited"));
    let whoami = server.get("/v1/whoami").key(&token).send();
    assert_eq!(whoami.status, 200, "looking at oneself takes nothing and is not refused");
}

#[test]
fn a_backend_is_told_in_the_body_and_says_what_a_request_costs() {
    let server = Server::start();
    let token = limited(&server, "a", limits::quota("10/day"));
    let ask = |cost: serde_json::Value| {
        server.post("/v1/verify", json!({ "token": token, "cost": cost }).to_string()).send()
    };
    let allowed = ask(json!(7));
    assert_eq!((allowed.code().as_str(), allowed.json().get("retry_after")), ("valid", None));
    assert_eq!(allowed.header("ratelimit"), Some("\"key-quota\";r=3;t=43200"));
    let refused = ask(json!(4));
    assert_eq!((refused.status, refused.code().as_str()), (200, "quota_exceeded"));
    assert_eq!(refused.json()["retry_after"], 43200);
    assert_eq!(ask(json!(0)).code(), "valid");
    assert_eq!(ask(json!(3)).code(), "valid");
    for cost in [json!(1_000_001), json!(-1), json!(1.5), json!("1")] {
        let wrong = ask(cost);
        assert_eq!((wrong.status, wrong.json()["field"].as_str()), (422, Some("cost")), "{wrong:?}");
    }
    assert_eq!(ask(json!(1_000_000)).code(), "quota_exceeded");
}

#[test]
fn a_proxy_is_told_of_a_refusal_in_the_way_that_it_can_pass_on() {
    let server = Server::start();
    let token = limited(&server, "a", both());
    let asked = |path: &str| server.get(path).header("X-Forwarded-For", "203.0.113.7").key(&token).send();
    let allowed = asked("/auth/forward");
    assert_eq!((allowed.status, allowed.header("x-ratelimit-remaining")), (200, Some("1")));
    assert_eq!(asked("/auth/nginx").status, 204);
    let refused = asked("/auth/forward");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("30")));
    let refused = asked("/auth/nginx");
    assert_eq!((refused.status, refused.header("retry-after")), (403, Some("30")));
    assert_eq!(refused.header("x-keysrv-status"), Some("429"));
    assert_eq!(refused.header("ratelimit"), Some("\"key\";r=0;t=60, \"key-quota\";r=98;t=561600"));
}

#[test]
fn a_key_without_limits_and_a_stranger_are_told_of_none() {
    let server = Server::start();
    let token = server.token("a");
    assert_eq!(told(&server.get("/v1/verify").key(&token).send()), "");
    let limited = limited(&server, "b", both());
    let id = server.fixture.get("b").facts.id;
    let forged =
        keysrv::crypto::token::Token::for_key(&keysrv::model::project::Prefix::default(), id).unwrap();
    assert_eq!(told(&server.get("/v1/verify").key(forged.expose()).send()), "");
    assert_eq!(told(&server.get("/v1/verify?scope=credentials:read").key(&limited).send()), "");
}

#[test]
fn limits_are_set_and_shown_over_the_api() {
    let server = Server::start();
    let token = limited(&server, "admin", LimitsChange::default());
    let body = json!({
        "name": "made", "scopes": ["platform:read"], "allowed_ips": ["127.0.0.0/8"], "allowed_ips_mode": "watch",
        "rate_limit": { "requests": 5, "per_seconds": 60 },
        "quota": { "requests": 1000, "per": "day", "mode": "watch" },
    });
    let made = server.post("/v1/keys", body.to_string()).key(&token).send();
    assert_eq!(made.status, 201, "{made:?}");
    let key = &made.json()["key"];
    assert_eq!(key["rate_limit"], json!({ "requests": 5, "per_seconds": 60, "mode": "enforce" }));
    assert_eq!(key["quota"], json!({ "requests": 1000, "per": "day", "mode": "watch" }));
    assert_eq!(key["quota_usage"], json!({ "used": 0, "resets_at": "2026-11-25T00:00:00Z" }));
    assert_eq!(key["allowed_ips_mode"], "watch");
    let path = format!("/v1/keys/{}", key["id"].as_str().unwrap());

    let change =
        json!({ "rate_limit": null, "quota": { "requests": 2000, "per": "day" }, "reset_quota": true });
    let changed = patch(&server, &token, &path, &change).json();
    assert_eq!(changed["rate_limit"], json!(null));
    assert_eq!(
        changed["quota"],
        json!({ "requests": 2000, "per": "day", "mode": "watch" }),
        "the mode stays"
    );

    for (change, field) in [
        (json!({ "rate_limit": { "requests": 0, "per_seconds": 60 } }), "rate_limit"),
        (json!({ "rate_limit": { "requests": 5 } }), "rate_limit"),
        (json!({ "rate_limit": { "requests": 5, "per_seconds": 60, "burst": 9 } }), "rate_limit"),
        (json!({ "rate_limit": "5/60" }), "rate_limit"),
        (json!({ "quota": { "requests": 5, "per": "year" } }), "quota"),
        (json!({ "quota": { "requests": 5, "per": "day", "mode": "off" } }), "quota"),
        (json!({ "allowed_ips_mode": 1 }), "allowed_ips_mode"),
        (json!({ "reset_quota": "yes" }), "reset_quota"),
        (json!({ "rate_limit": null, "reset_quota": true, "quota": null, "color": "red" }), "color"),
    ] {
        let refused = patch(&server, &token, &path, &change);
        assert_eq!(
            (refused.status, refused.json()["field"].as_str()),
            (422, Some(field)),
            "{change}: {refused:?}"
        );
    }
    assert_eq!(server.get(&path).key(&token).send().json()["quota"]["requests"], 2000);

    let account = json!({ "name": "Acme", "rate_limit": { "requests": 9, "per_seconds": 1 } });
    let account = server.post("/v1/accounts", account.to_string()).key(&token).send().json();
    assert_eq!(account["rate_limit"], json!({ "requests": 9, "per_seconds": 1, "mode": "enforce" }));
    let path = format!("/v1/accounts/{}", account["id"].as_str().unwrap());
    let change = json!({ "rate_limit": null, "quota": { "requests": 7, "per": "month" } });
    let account = patch(&server, &token, &path, &change).json();
    assert_eq!(account["quota"], json!({ "requests": 7, "per": "month", "mode": "enforce" }));
    assert_eq!(account["quota_usage"], json!({ "used": 0, "resets_at": "2026-12-01T00:00:00Z" }));
}

#[test]
fn a_number_is_whole_however_it_is_written() {
    let server = Server::start();
    let token = limited(&server, "a", LimitsChange::default());
    let body = json!({ "rate_limit": { "requests": 2.0, "per_seconds": 60.0 } });
    let changed = patch(&server, &token, "/v1/keys/a", &body);
    assert_eq!(changed.json()["rate_limit"]["requests"], 2, "{changed:?}");
    let body = json!({ "rate_limit": { "requests": 2.5, "per_seconds": 60 } });
    assert_eq!(patch(&server, &token, "/v1/keys/a", &body).status, 422);
}
