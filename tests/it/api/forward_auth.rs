//! `/auth/*`: what the three dialects ask, and how each is answered.

use keysrv::model::account::{AccountName, ExternalId, Metadata, NewAccount};
use keysrv::model::expiry::Span;
use keysrv::model::key::NewKey;

use super::{Request, Response, Server, basic};
use crate::app::routes::add;
use crate::app::{default, named, operator, reference, scopes};

const DIALECTS: [Dialect; 3] = [Dialect::Nginx, Dialect::Forward, Dialect::Envoy];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Dialect {
    Nginx,
    Forward,
    Envoy,
}

impl Dialect {
    /// What a proxy of this kind sends about a request.
    fn about<'a>(self, server: &'a Server, method: &str, target: &str) -> Request<'a> {
        match self {
            Self::Nginx => {
                server.get("/auth/nginx").header("X-Original-Method", method).header("X-Original-URI", target)
            }
            Self::Forward => server
                .get("/auth/forward")
                .header("X-Forwarded-Method", method)
                .header("X-Forwarded-Uri", target),
            Self::Envoy => server.request(method, &format!("/auth/envoy/default{target}")),
        }
    }

    fn allowed(self) -> u16 {
        if self == Self::Nginx { 204 } else { 200 }
    }
}

fn told(response: &Response) -> (u16, &str) {
    (response.status, response.header("x-keysrv-code").unwrap_or("valid"))
}

const IDENTITY: [&str; 8] = [
    "x-keysrv-key-id",
    "x-keysrv-key-name",
    "x-keysrv-project",
    "x-keysrv-account-id",
    "x-keysrv-account-external-id",
    "x-keysrv-scopes",
    "x-keysrv-expires-at",
    "x-keysrv-secret-ends-at",
];

fn identity(response: &Response) -> Vec<&str> {
    IDENTITY.iter().map(|name| response.header(name).unwrap_or("")).collect()
}

#[test]
fn every_dialect_asks_the_same_rules_and_answers_in_its_own_statuses() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["GET /unified/* unified:read", "POST /keys keys:write"]);
    for dialect in DIALECTS {
        let ask = |method: &str, target: &str| dialect.about(&server, method, target).key(&token).send();
        assert_eq!(told(&ask("GET", "/unified/hris?x=1")), (dialect.allowed(), "valid"), "{dialect:?}");
        assert_eq!(told(&ask("POST", "/unified/hris")), (403, "no_route"), "{dialect:?}");
        let refused = ask("POST", "/keys");
        assert_eq!(told(&refused), (403, "insufficient_scope"), "{dialect:?}");
        assert_eq!(refused.header("x-keysrv-missing-scopes"), Some("keys:write"));
        let nobody = dialect.about(&server, "GET", "/unified/hris").send();
        assert_eq!(told(&nobody), (401, "no_credentials"), "{dialect:?}");
        assert!(nobody.header("www-authenticate").is_some());
        let two =
            dialect.about(&server, "GET", "/unified/hris").key(&token).header("X-API-Key", "other").send();
        let status = if dialect == Dialect::Nginx { 401 } else { 400 };
        assert_eq!(told(&two), (status, "ambiguous_credentials"), "{dialect:?}");
        let is_nginx = dialect == Dialect::Nginx;
        assert_eq!(two.header("x-keysrv-status"), is_nginx.then_some("400"), "{dialect:?}");
        assert_eq!(two.header("www-authenticate").is_some(), is_nginx, "{dialect:?}");
        assert_eq!(two.json()["status"], 400, "the body says what it is");
    }
}

#[test]
fn who_is_let_through_is_told_with_every_header_and_none_is_empty() {
    let server = Server::start();
    let new = NewAccount {
        name: AccountName::parse("Acme").unwrap(),
        external_id: Some(ExternalId::parse("cus_Zoë").unwrap()),
        metadata: Metadata::default(),
        enabled: true,
        limits: keysrv::model::limit::LimitsChange::default(),
    };
    let account = server.app.create_account(&operator(), &default(), &new).unwrap();
    let key = server.create_with(&NewKey {
        account: Some(account.id.to_string()),
        scopes: Some(scopes(&["unified:read", "platform:read"])),
        expires_at: Some("2027-01-01T00:00:00Z".parse().unwrap()),
        ..named("Zoë's 100%")
    });
    let bare = server.create_with(&NewKey { scopes: Some(scopes(&[])), ..named("bare") });
    server
        .app
        .rotate_key(&operator(), &default(), &reference("bare"), Some(Span::parse("overlap", "1h").unwrap()))
        .unwrap();
    for dialect in DIALECTS {
        let ask = |token: &str| dialect.about(&server, "GET", "/").key(token).send();
        let answer = ask(key.token.expose());
        assert_eq!(answer.status, dialect.allowed());
        assert_eq!(
            identity(&answer),
            [
                key.key.facts.id.as_str(),
                "Zo%C3%AB's 100%25",
                "default",
                account.id.as_str(),
                "cus_Zo%C3%AB",
                "platform:read unified:read",
                "2027-01-01T00:00:00Z",
                "-"
            ]
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.body, "");
        let ends_at = "2026-11-24T13:00:00Z";
        let id = bare.key.facts.id;
        let bare = ask(bare.token.expose());
        assert_eq!(identity(&bare), [id.as_str(), "bare", "default", "-", "-", "-", "-", ends_at]);
    }
}

#[test]
fn a_refusal_tells_no_identity() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["GET /a keys:write"]);
    for dialect in DIALECTS {
        let refused = dialect.about(&server, "GET", "/a").key(&token).send();
        assert_eq!(identity(&refused), [""; 8], "{dialect:?}");
    }
}

#[test]
fn the_proxys_own_configuration_fixes_project_and_scopes() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["GET /nothing keys:write"]);
    for path in ["/auth/nginx", "/auth/forward"] {
        let ask = |query: &str| server.get(&format!("{path}?{query}")).key(&token).send();
        assert_eq!(told(&ask("scope=platform:read&scope=unified:read")).1, "valid");
        assert_eq!(told(&ask("scope=platform:read&scope=keys:write")).1, "insufficient_scope");
        assert_eq!(told(&ask("project=staging")).1, "not_found");
        assert_eq!(told(&ask("project=default")).1, "no_route");
        for bad in ["scopes=platform:read", "scope=platform", "project=a&project=b"] {
            let answer = ask(bad);
            let is_nginx = path == "/auth/nginx";
            assert!(
                if is_nginx { answer.status == 403 } else { [400, 422].contains(&answer.status) },
                "{bad}"
            );
            assert_eq!(answer.header("x-keysrv-status").is_some(), is_nginx, "{bad}");
        }
    }
    assert_eq!(told(&server.get("/auth/envoy/staging/nothing").key(&token).send()).1, "not_found");
    // The client's query is the client's: it fixes nothing.
    let own =
        server.get("/auth/envoy/default/elsewhere?scope=platform:read&project=default").key(&token).send();
    assert_eq!(told(&own).1, "no_route");
}

#[test]
fn every_method_is_taken_and_a_body_ignored() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["* /a", "GET /b"]);
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"] {
        let forward = server
            .request(method, "/auth/forward")
            .header("X-Forwarded-Method", "GET")
            .header("X-Forwarded-Uri", "/b")
            .header("Content-Type", "application/json")
            .key(&token);
        assert_eq!(Request { body: b"{not json".to_vec(), ..forward }.send().status, 200, "{method}");
        let envoy = server.request(method, "/auth/envoy/default/a").key(&token).send();
        assert_eq!(envoy.status, 200, "{method}");
        let envoy = server.request(method, "/auth/envoy/default/b").key(&token).send();
        assert_eq!(envoy.status, if ["GET", "HEAD"].contains(&method) { 200 } else { 403 }, "{method}");
    }
}

#[test]
fn a_request_that_is_not_said_or_said_twice_matches_no_rule() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["* /*", "* /"]);
    let base = || server.get("/auth/forward").key(&token);
    let (method, uri) = (("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/a"));
    let with = |headers: &[(&str, &str)]| {
        headers.iter().fold(base(), |request, (name, value)| request.header(name, value)).send()
    };
    assert_eq!(told(&with(&[method, uri])).1, "valid");
    for headers in [
        &[][..],
        &[method],
        &[uri],
        &[method, uri, uri],
        &[method, method, uri],
        &[("X-Original-Method", "GET"), ("X-Original-URI", "/a")],
        &[method, ("X-Forwarded-Uri", "")],
        &[("X-Forwarded-Method", ""), uri],
        &[("X-Forwarded-Method", "GET, POST"), uri],
    ] {
        assert_eq!(told(&with(headers)), (403, "no_route"), "{headers:?}");
    }
    assert!(with(&[method]).json()["detail"].as_str().unwrap().contains("did not say"));
}

#[test]
fn from_a_peer_that_is_no_trusted_proxy_nothing_is_decided() {
    let server = Server::start_with(&["10.0.0.0/8"]);
    let token = server.token("k");
    for dialect in DIALECTS {
        let asked =
            dialect.about(&server, "GET", "/a").key(&token).header("X-Forwarded-For", "10.0.0.1").send();
        assert_eq!(told(&asked), (403, "untrusted_proxy"), "{dialect:?}");
        assert_eq!(told(&dialect.about(&server, "GET", "/a").send()), (403, "untrusted_proxy"));
        assert_eq!(identity(&asked), [""; 8]);
    }
    let bad = server.get("/auth/forward?nonsense=1").header("Authorization", &basic("x")).send();
    assert_eq!(told(&bad), (403, "untrusted_proxy"), "whatever it presents");
    assert_eq!(server.fixture.get("k").last_used_at, None);
    assert_eq!(server.fixture.get("k").last_refused_at, None);
}
