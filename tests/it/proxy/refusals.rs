//! What the client gets of a refusal, and for how long a verdict holds: for one request.

use super::{ProxyKind, Rig, with_each};

#[test]
fn a_refusal_arrives_whole() {
    with_each(|kind| {
        let mut rig =
            Rig::start(kind, &["GET /things/* unified:read", "* /secret/* keys:write platform:write"]);
        let token = rig.token("k", &["unified:read"]);
        let nobody = rig.wire.ask("GET", "/things/1", &[]);
        rig.refused(&nobody, 401, "no_credentials");
        assert_eq!(nobody.header("www-authenticate"), Some("Basic realm=\"keysrv\", charset=\"UTF-8\""));
        assert_eq!(nobody.json()["code"], "no_credentials", "{kind:?}");

        let lacking = rig.ask(&token, "DELETE", "/secret/1", &[]);
        rig.refused(&lacking, 403, "insufficient_scope");
        assert_eq!(lacking.header("x-keysrv-missing-scopes"), Some("keys:write platform:write"));
        assert_eq!(lacking.json()["missing_scopes"], serde_json::json!(["keys:write", "platform:write"]));
        assert_eq!(lacking.header("www-authenticate"), None, "{kind:?}");

        let nowhere = rig.ask(&token, "GET", "/elsewhere", &[]);
        rig.refused(&nowhere, 403, "no_route");
        let two = rig.ask(&token, "GET", "/things/1", &[("X-API-Key", "another")]);
        rig.refused(&two, 400, "ambiguous_credentials");

        for reply in [nobody, lacking, nowhere, two] {
            let problem = reply.json();
            assert_eq!(problem["status"], reply.status, "{kind:?}");
            assert_eq!(problem["type"], format!("urn:keysrv:error:{}", reply.code()), "{kind:?}");
            assert!(problem["title"].is_string() && problem["fix"].is_string(), "{kind:?} {problem}");
            assert_eq!(problem["request_id"].as_str(), reply.header("x-request-id"), "{kind:?}");
            assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{kind:?}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{kind:?}");
        }
    });
}

#[test]
fn who_asks_too_often_learns_when_to_come_back() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("k", &[]);
        rig.limit("k", "1/3600");
        rig.pass(&token, "/a", &[]);
        let reply = rig.ask(&token, "GET", "/a", &[]);
        rig.refused(&reply, 429, "rate_limited");
        let seconds: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3600).contains(&seconds), "{kind:?} {seconds}");
        assert_eq!(reply.json()["retry_after"], seconds, "{kind:?}");
        assert_eq!(reply.json()["status"], 429, "{kind:?}");
    });
}

#[test]
fn a_key_that_is_switched_off_stops_on_the_next_request() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("k", &[]);
        for _ in 0..3 {
            rig.pass(&token, "/a", &[]);
            rig.place.run(&["disable", "k"]).ok();
            let reply = rig.ask(&token, "GET", "/a", &[]);
            rig.refused(&reply, 401, "disabled");
            rig.place.run(&["enable", "k"]).ok();
        }
    });
}

#[test]
fn what_a_key_may_read_is_kept_by_nobody() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("k", &[]);
        let reply = rig.ask(&token, "GET", "/a", &[]);
        assert_eq!(reply.header("cache-control"), Some("private, no-store"), "{kind:?}");
        assert_eq!(reply.header("expires").filter(|value| !value.is_empty()), None, "{kind:?}");
    });
}

#[test]
fn connections_to_keysrv_are_kept_open() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("k", &[]);
        let before = rig.relay.n_connections();
        for _ in 0..50 {
            rig.pass(&token, "/a", &[]);
        }
        let opened = rig.relay.n_connections() - before;
        assert!(opened <= 5, "{kind:?} opened {opened} for 50 questions");
    });
}

#[test]
fn the_configuration_may_fix_project_and_scopes() {
    with_each(|kind| {
        let scopes = ["--scope", "unified:read", "--scope", "platform:read"];
        let scopes = if kind == ProxyKind::Envoy { &scopes[..0] } else { &scopes };
        let mut rig = Rig::start_with(kind, &["GET /nothing"], scopes);
        let both = rig.token("both", &["unified:read", "platform:read"]);
        let one = rig.token("one", &["unified:read"]);
        if kind == ProxyKind::Envoy {
            let reply = rig.ask(&both, "GET", "/anything?project=default&scope=unified:read", &[]);
            rig.refused(&reply, 403, "no_route");
            return;
        }
        rig.pass(&both, "/anything?project=staging", &[]);
        let reply = rig.ask(&one, "GET", "/anything?scope=unified:read", &[]);
        rig.refused(&reply, 403, "insufficient_scope");
        assert_eq!(reply.header("x-keysrv-missing-scopes"), Some("platform:read"), "{kind:?}");
    });
}

#[test]
fn a_key_of_another_project_is_nobody() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        rig.place.run(&["project", "create", "staging"]).ok();
        let token = rig.place.create(&["k", "--project", "staging"]);
        let reply = rig.ask(&token, "GET", "/a", &[]);
        rig.refused(&reply, 401, "not_found");
    });
}
