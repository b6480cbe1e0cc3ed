//! Whose address a request has, with and without proxies between.

use keysrv::model::key::{NewKey, parse_allowed_ips};

use super::Server;
use crate::app::named;

/// A key that only 203.0.113.7 may use.
fn bound(server: &Server) -> String {
    let allowed_ips = parse_allowed_ips(["203.0.113.7"]).unwrap();
    server.create_with(&NewKey { allowed_ips, ..named("bound") }).token.expose().to_owned()
}

fn code(server: &Server, token: &str, forwarded_for: &[&str]) -> String {
    let mut request = server.get("/v1/verify").key(token);
    for line in forwarded_for {
        request = request.header("X-Forwarded-For", line);
    }
    request.send().code()
}

#[test]
fn a_trusted_proxy_says_where_a_request_comes_from() {
    let server = Server::start_with(&["127.0.0.0/8", "10.0.0.0/8"]);
    let token = bound(&server);
    let allowed: &[&[&str]] = &[
        &["203.0.113.7"],
        &["203.0.113.7:4711"],
        &["::ffff:203.0.113.7"],
        &["198.51.100.1, 203.0.113.7"],
        &["198.51.100.1", "203.0.113.7"],
        &["203.0.113.7, 10.0.0.1"],
        &["203.0.113.7", "10.0.0.2, 10.0.0.1"],
    ];
    for lines in allowed {
        assert_eq!(code(&server, &token, lines), "valid", "{lines:?}");
    }
    // What the client writes stands on the left, and nobody believes it.
    let denied: &[&[&str]] = &[
        &[],
        &["198.51.100.1"],
        &["203.0.113.7, 198.51.100.1"],
        &["203.0.113.7", "198.51.100.1"],
        &["203.0.113.7, unknown"],
        &["203.0.113.7, 999.1.1.1, 10.0.0.1"],
    ];
    for lines in denied {
        assert_eq!(code(&server, &token, lines), "ip_denied", "{lines:?}");
    }
}

#[test]
fn anybody_else_is_where_the_connection_comes_from() {
    let server = Server::start_with(&["10.0.0.0/8"]);
    let token = bound(&server);
    assert_eq!(code(&server, &token, &["203.0.113.7"]), "ip_denied");
    let request = server.get("/healthz").header("X-Forwarded-Proto", "https");
    assert_eq!(request.send().header("strict-transport-security"), None);
}

#[test]
fn behind_a_trusted_proxy_with_tls_the_browser_is_told_to_stay_with_it() {
    let server = Server::start();
    let request = server.get("/healthz").header("X-Forwarded-Proto", "https");
    assert_eq!(request.send().header("strict-transport-security"), Some("max-age=31536000"));
    assert_eq!(server.get("/healthz").send().header("strict-transport-security"), None);
}
