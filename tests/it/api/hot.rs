//! The addresses that are answered in the lane: as the framework answers them in front of its router, and
//! as the router does.
//!
//! The last request of a connection is the framework's, and one with a body the router's; no handler of
//! these addresses reads one, so that the three ways are compared by sending each request in three forms.

use keysrv::model::key::NewKey;

use super::{Request, Response, Server};
use crate::app::routes::add;
use crate::app::{default, limits, named, operator, reference};

/// Everything that is the same each time, in order.
fn whole(response: &Response) -> String {
    let id = response.header("x-request-id").unwrap();
    let mut lines: Vec<String> = response
        .headers
        .iter()
        // How the answer travels, which differs by what was sent.
        .filter(|(name, _)| name != "date" && name != "connection")
        .map(|(name, value)| format!("{name}: {value}").replace(id, "[id]"))
        .collect();
    lines.sort();
    format!("{}\n{}\n\n{}", response.status, lines.join("\n"), response.body.replace(id, "[id]"))
}

fn assert_same<'a>(what: &str, request: impl Fn() -> Request<'a>) -> Response {
    let lane = request().send();
    assert_eq!(whole(&lane), whole(&request().send_last()), "{what}, in front of the router");
    assert_eq!(whole(&lane), whole(&request().bytes(b"x").send()), "{what}, behind the router");
    lane
}

const ADDRESSES: [&str; 12] = [
    "/v1/verify",
    "/v1/verify?scope=platform:read",
    "/v1/verify?scope=keys:write&scope=platform:read",
    "/v1/verify?project=other",
    "/v1/verify?scopes=platform:read",
    "/auth/nginx",
    "/auth/nginx?scope=platform:read",
    "/auth/forward",
    "/auth/forward?project=a&project=b",
    "/auth/envoy/default/unified/hris?page=2",
    "/auth/envoy/default/elsewhere",
    "/auth/envoy//unified/hris",
];

#[test]
fn the_hot_path_answers_whatever_is_presented_as_the_router_does() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["GET /unified/* unified:read", "* /keys keys:write"]);
    let off = server.token("off");
    server.app.disable_key(&operator(), &default(), &reference("off"), None).unwrap();
    let unknown = server.token("gone");
    server.app.delete_key(&operator(), &default(), &reference("gone"), None).unwrap();
    let spoilt = format!("{token}x");
    for address in ADDRESSES {
        let about = || {
            server
                .get(address)
                .header("X-Forwarded-For", "203.0.113.7")
                .header("X-Forwarded-Proto", "https")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/unified/hris")
                .header("X-Forwarded-Method", "GET")
                .header("X-Forwarded-Uri", "/keys")
        };
        assert_same(address, about);
        for presented in [&token, &off, &unknown, &spoilt] {
            assert_same(address, || about().key(presented));
            assert_same(address, || about().header("X-API-Key", presented));
        }
        assert_same(address, || about().key(&token).header("X-API-Key", &off));
        assert_same(address, || about().header("Authorization", "Digest x"));
        assert_same(address, || server.get(address).key(&token));
    }
}

#[test]
fn a_method_that_is_not_hot_is_the_routers() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["* /unified/* unified:read"]);
    for method in ["HEAD", "OPTIONS", "DELETE", "PATCH", "BREW"] {
        for address in ["/v1/verify", "/auth/nginx?scope=unified:read", "/auth/envoy/default/unified/x"] {
            let ask = || server.request(method, address).header("X-Forwarded-For", "203.0.113.7").key(&token);
            let answer = assert_same(&format!("{method} {address}"), ask);
            let takes_any = address.starts_with("/auth/");
            let expected = match method {
                "HEAD" => [200, 204].contains(&answer.status) && answer.body.is_empty(),
                _ if takes_any => [200, 204].contains(&answer.status),
                "OPTIONS" => {
                    answer.status == 204 && answer.header("allow") == Some("GET, HEAD, POST, OPTIONS")
                }
                _ => answer.status == 405,
            };
            assert!(expected, "{method} {address}: {answer:?}");
        }
    }
}

#[test]
fn limits_and_ends_are_told_on_both_ways() {
    let server = Server::start();
    let new = NewKey { limits: limits::rate("1/3600"), ..named("limited") };
    let limited = server.create_with(&new).token.expose().to_owned();
    let first = server.get("/v1/verify").key(&limited).send();
    assert_eq!((first.status, first.header("x-ratelimit-remaining")), (200, Some("0")));
    let refused = assert_same("limited", || server.get("/v1/verify").key(&limited));
    assert_eq!(refused.code(), "rate_limited");
    assert!(refused.header("ratelimit-policy").is_some() && refused.header("retry-after").is_some());
}

#[test]
fn requests_one_behind_the_other_on_one_connection_are_answered_in_their_order() {
    let server = Server::start();
    let token = server.token("k");
    let head = |target: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: {}\r\n", super::basic(&token))
    };
    let requests = format!(
        "{}\r\n{}\r\n{}\r\n{}Connection: close\r\n\r\n",
        head("/v1/verify"),
        head("/healthz"),
        head("/v1/verify?scope=nobody:has"),
        head("/v1/whoami"),
    );
    let mut stream = server.connect();
    std::io::Write::write_all(&mut stream, requests.as_bytes()).unwrap();
    let bytes = String::from_utf8(super::read_to_end(stream)).unwrap();
    let statuses: Vec<&str> = bytes.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "200", "403", "200"], "{bytes}");
}
