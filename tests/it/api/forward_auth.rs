//! `/auth/*`: what the three dialects ask, and how each is answered.

use keysrv::model::account::{AccountName, ExternalId, Metadata, NewAccount};
use keysrv::model::expiry::Span;
use keysrv::model::key::{NewKey, parse_allowed_ips};

use super::{Request, Response, Server, basic};
use crate::app::routes::add;
use crate::app::{default, limits, named, operator, reference, scopes};

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
            .key(&token);
        // A body that nobody reads keeps its connection for a while, so that one of them is enough.
        let body = if method == "PUT" { "{not json" } else { "" };
        let answer = Request { body: body.into(), ..forward }.send();
        assert_eq!(answer.status, 200, "{method}");
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

#[test]
fn a_key_that_is_used_up_is_told_so_in_each_dialect() {
    let server = Server::start();
    let new = NewKey { limits: limits::rate("1/60"), ..named("k") };
    let token = server.create_with(&new).token.expose().to_owned();
    assert_eq!(Dialect::Forward.about(&server, "GET", "/").key(&token).send().status, 200);
    for dialect in DIALECTS {
        let refused = dialect.about(&server, "GET", "/").key(&token).send();
        let is_nginx = dialect == Dialect::Nginx;
        assert_eq!(told(&refused), (if is_nginx { 403 } else { 429 }, "rate_limited"), "{dialect:?}");
        assert_eq!(refused.header("x-keysrv-status"), is_nginx.then_some("429"), "{dialect:?}");
        assert_eq!(refused.header("retry-after"), Some("60"), "{dialect:?}");
        assert!(refused.header("ratelimit").is_some(), "{dialect:?}");
    }
}

#[test]
fn the_address_of_the_client_is_what_the_nearest_trusted_proxies_say() {
    let server = Server::start_with(&["127.0.0.0/8", "10.0.0.0/8", "2001:db8:1::/48"]);
    let allowed_ips = parse_allowed_ips(["203.0.113.7", "2001:db8::7", "127.0.0.1"]).unwrap();
    let new = NewKey { allowed_ips, ..named("bound") };
    let token = server.create_with(&new).token.expose().to_owned();
    for dialect in DIALECTS {
        let code = |from: &str| {
            let request = dialect.about(&server, "GET", "/").key(&token).header("X-Forwarded-For", from);
            told(&request.send()).1.to_owned()
        };
        for from in [
            "203.0.113.7",
            "203.0.113.7:4711",
            "::ffff:203.0.113.7",
            "[2001:db8::7]:4711",
            "198.51.100.1, 2001:DB8::7, 10.1.2.3",
            "203.0.113.7, 2001:db8:1::5 , 10.1.2.3",
            "garbage, 203.0.113.7",
        ] {
            assert_eq!(code(from), "valid", "{dialect:?} {from}");
        }
        for from in [
            "198.51.100.1",
            "203.0.113.7, 198.51.100.1",
            "203.0.113.7, unknown",
            "203.0.113.7, 10.1.2.3.4",
            "203.0.113.7, _hidden, 10.1.2.3",
            "10.1.2.3",
            "",
        ] {
            assert_eq!(code(from), "ip_denied", "{dialect:?} {from}");
        }
        let unsaid = dialect.about(&server, "GET", "/").key(&token).send();
        assert_eq!(told(&unsaid).1, "ip_denied", "{dialect:?}: the proxy is not the client");
    }
}

#[test]
fn a_path_with_two_readings_passes_in_no_dialect_whatever_the_rules_allow() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["* /*", "* /", "* /guarded/* keys:write"]);
    let unclear = [
        "//guarded/x",
        "/a//guarded",
        "/a/../guarded/x",
        "/./guarded/x",
        "/a/..",
        "/%2e%2e/guarded/x",
        "/a/%2E./guarded/x",
        "/a%2fguarded",
        "/a%2F..%2Fguarded/x",
        "/a%5cguarded",
        "/a\\guarded",
        "/a;/guarded",
        "/..;/guarded/x",
        "/guarded;x/y",
        "/guarded%3Bx/y",
        "/%67uarded/x",
        "/guarde%64/x",
        "/a%00/guarded",
        "/a%0d%0aguarded",
        "/a%09",
        "/guarded%252fx",
        "/a%c0%af..%c0%afguarded",
        "/a%e0%80%af",
        "/a%ff",
        "/a%",
        "/a%g0",
        "/a%u002f",
        "/a%3f/../guarded",
        "/a%23",
        "/a|b",
        "/a\"b",
        "/a<b",
        "/a^b",
        "/a`b",
        "/{a}",
        "/GUARDED/x",
        "/Guarded/x",
        "/gu%41rded/x",
    ];
    for dialect in DIALECTS {
        let status = |path: &str| dialect.about(&server, "GET", path).key(&token).send().status;
        assert_eq!(status("/open"), dialect.allowed());
        assert_eq!(status("/guarded/x"), 403);
        for path in unclear {
            let status = status(path);
            // What is no address at all is refused before anybody asks the rules.
            assert!(
                status == 403 || status == 400 && dialect == Dialect::Envoy,
                "{dialect:?} {path} {status}"
            );
        }
    }
    for bytes in [&b"/\xff"[..], b"/caf\xc3\xa9", b"/a\xc0\xafb"] {
        let mut request =
            b"GET /auth/nginx HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Original-Method: GET\r\n"
                .to_vec();
        request.extend(format!("Authorization: {}\r\nX-Original-URI: ", basic(&token)).bytes());
        request.extend(bytes);
        request.extend(b"\r\n\r\n");
        assert_eq!(told(&server.raw(&request)), (403, "no_route"), "{bytes:?}");
    }
}
