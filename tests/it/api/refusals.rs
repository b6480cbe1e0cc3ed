//! Every refusal as it is answered: status, headers, body.

use keysrv::model::key::NewKey;
use serde_json::json;

use super::verify::with_checksum;
use super::{Server, basic};
use crate::app::{default, named, operator, reference, scopes};

#[test]
fn no_credentials() {
    let server = Server::start();
    insta::assert_snapshot!(server.get("/v1/verify").send().shown(), @r#"
    401
    content-type: application/problem+json
    www-authenticate: Basic realm="keysrv", charset="UTF-8"
    x-keysrv-code: no_credentials
    x-keysrv-missing-scopes: -

    {"type":"urn:keysrv:error:no_credentials",
    "title":"No API key was sent",
    "status":401,
    "detail":"the request carries no API key",
    "code":"no_credentials",
    "request_id":"[id]",
    "fix":"send it as the Basic user name with an empty password (`curl -u TOKEN:`), as `Authorization: Bearer TOKEN` or as `X-API-Key: TOKEN`"}
    "#);
}

#[test]
fn ambiguous_credentials() {
    let server = Server::start();
    let response = server.get("/v1/verify").key("a").header("X-API-Key", "b").send();
    insta::assert_snapshot!(response.shown(), @r#"
    400
    content-type: application/problem+json
    x-keysrv-code: ambiguous_credentials
    x-keysrv-missing-scopes: -

    {"type":"urn:keysrv:error:ambiguous_credentials",
    "title":"Two different tokens in one request",
    "status":400,
    "detail":"the request carries two different API keys",
    "code":"ambiguous_credentials",
    "request_id":"[id]",
    "fix":"send one API key, in one header"}
    "#);
}

#[test]
fn malformed() {
    let server = Server::start();
    let response = server.get("/v1/verify").header("Authorization", "Basic a2V5OnBhc3N3b3Jk").send();
    insta::assert_snapshot!(response.shown(), @r#"
    401
    content-type: application/problem+json
    www-authenticate: Basic realm="keysrv", charset="UTF-8"
    x-keysrv-code: malformed
    x-keysrv-missing-scopes: -

    {"type":"urn:keysrv:error:malformed",
    "title":"This is not an API key",
    "status":401,
    "detail":"what was sent is not an API key",
    "code":"malformed",
    "request_id":"[id]",
    "fix":"check that the whole token was copied, and that the Basic password is empty"}
    "#);
}

#[test]
fn not_found() {
    let server = Server::start();
    // A whole token with the right checksum, of no key.
    let token = with_checksum(&format!("ks_{}_{}", "a".repeat(12), "b".repeat(32)));
    insta::assert_snapshot!(server.get("/v1/verify").key(&token).send().shown(), @r#"
    401
    content-type: application/problem+json
    www-authenticate: Basic realm="keysrv", charset="UTF-8"
    x-keysrv-code: not_found
    x-keysrv-missing-scopes: -

    {"type":"urn:keysrv:error:not_found",
    "title":"No such API key",
    "status":401,
    "detail":"there is no such API key",
    "code":"not_found",
    "request_id":"[id]",
    "fix":"check that the key was not deleted and belongs to the project that is asked for"}
    "#);
}

#[test]
fn rotated() {
    let server = Server::start();
    let token = server.token("my-agent-key");
    server.app.rotate_key(&operator(), &default(), &reference("my-agent-key"), None).unwrap();
    insta::assert_snapshot!(server.get("/v1/verify").key(&token).send().shown(), @r#"
    401
    content-type: application/problem+json
    www-authenticate: Basic realm="keysrv", charset="UTF-8"
    x-keysrv-code: rotated
    x-keysrv-missing-scopes: -
    x-keysrv-secret-ends-at: 2026-11-24T12:00:00Z

    {"type":"urn:keysrv:error:rotated",
    "title":"This secret was replaced by a newer one",
    "status":401,
    "detail":"this secret of key `my-agent-key` was replaced by a newer one and ended at 2026-11-24T12:00:00Z",
    "code":"rotated",
    "request_id":"[id]",
    "fix":"use the token that the rotation made"}
    "#);
}

#[test]
fn disabled() {
    let server = Server::start();
    let token = server.token("my-agent-key");
    server.app.disable_key(&operator(), &default(), &reference("my-agent-key"), None).unwrap();
    insta::assert_snapshot!(server.get("/v1/verify").key(&token).send().shown(), @r#"
    401
    content-type: application/problem+json
    www-authenticate: Basic realm="keysrv", charset="UTF-8"
    x-keysrv-code: disabled
    x-keysrv-missing-scopes: -

    {"type":"urn:keysrv:error:disabled",
    "title":"The key is disabled",
    "status":401,
    "detail":"key `my-agent-key` is disabled",
    "code":"disabled",
    "request_id":"[id]",
    "fix":"ask who manages the keys to enable it"}
    "#);
}

#[test]
fn expired() {
    let server = Server::start();
    let expires_at = Some(server.app.now() + jiff::SignedDuration::from_mins(5));
    let token = server.create_with(&NewKey { expires_at, ..named("my-agent-key") });
    server.clock.advance(jiff::SignedDuration::from_mins(5));
    insta::assert_snapshot!(server.get("/v1/verify").key(token.token.expose()).send().shown(), @r#"
    401
    content-type: application/problem+json
    www-authenticate: Basic realm="keysrv", charset="UTF-8"
    x-keysrv-code: expired
    x-keysrv-expires-at: 2026-11-24T12:05:00Z
    x-keysrv-missing-scopes: -

    {"type":"urn:keysrv:error:expired",
    "title":"The key has expired",
    "status":401,
    "detail":"key `my-agent-key` expired at 2026-11-24T12:05:00Z",
    "code":"expired",
    "request_id":"[id]",
    "fix":"ask who manages the keys for a new one"}
    "#);
}

#[test]
fn insufficient_scope() {
    let server = Server::start();
    let scopes = Some(scopes(&["platform:read"]));
    let token = server.create_with(&NewKey { scopes, ..named("my-agent-key") });
    let target = "/v1/verify?scope=keys:write&scope=keys:read&scope=platform:read";
    insta::assert_snapshot!(server.get(target).key(token.token.expose()).send().shown(), @r#"
    403
    content-type: application/problem+json
    x-keysrv-code: insufficient_scope
    x-keysrv-missing-scopes: keys:read keys:write

    {"type":"urn:keysrv:error:insufficient_scope",
    "title":"The key lacks a scope",
    "status":403,
    "detail":"key `my-agent-key` lacks `keys:read` and `keys:write`",
    "code":"insufficient_scope",
    "request_id":"[id]",
    "missing_scopes":["keys:read",
    "keys:write"],
    "fix":"use a key that holds the missing scopes, or ask who manages the keys for one"}
    "#);
}

#[test]
fn no_such_path() {
    let server = Server::start();
    insta::assert_snapshot!(server.get("/v1/nothing").send().shown(), @r#"
    404
    content-type: application/problem+json

    {"type":"urn:keysrv:error:no_such_path",
    "title":"There is nothing at this address",
    "status":404,
    "detail":"there is nothing at this address",
    "code":"no_such_path",
    "request_id":"[id]",
    "fix":"check the address; all of them are listed in the OpenAPI document"}
    "#);
}

#[test]
fn method_not_allowed() {
    let server = Server::start();
    insta::assert_snapshot!(server.request("DELETE", "/v1/verify").send().shown(), @r#"
    405
    allow: GET, HEAD, POST, OPTIONS
    content-type: application/problem+json

    {"type":"urn:keysrv:error:method_not_allowed",
    "title":"This address does not take that method",
    "status":405,
    "detail":"this address takes GET, HEAD, POST, OPTIONS, not this method",
    "code":"method_not_allowed",
    "request_id":"[id]",
    "fix":"use one of the methods that `Allow` names"}
    "#);
}

#[test]
fn a_missing_field() {
    let server = Server::start();
    insta::assert_snapshot!(server.post("/v1/verify", "{}").send().shown(), @r#"
    422
    content-type: application/problem+json

    {"type":"urn:keysrv:error:invalid_value",
    "title":"A value breaks a rule",
    "status":422,
    "detail":"`token` is missing",
    "code":"invalid_value",
    "request_id":"[id]",
    "field":"token",
    "fix":"correct the value of `field`"}
    "#);
}

#[test]
fn an_unknown_field() {
    let server = Server::start();
    let response = server.post("/v1/verify", json!({ "token": "t", "scope": "a:b" }).to_string()).send();
    insta::assert_snapshot!(response.shown(), @r#"
    422
    content-type: application/problem+json

    {"type":"urn:keysrv:error:invalid_value",
    "title":"A value breaks a rule",
    "status":422,
    "detail":"field `scope` is not known here",
    "code":"invalid_value",
    "request_id":"[id]",
    "field":"scope",
    "fix":"correct the value of `field`"}
    "#);
}

#[test]
fn a_body_that_is_no_json() {
    let server = Server::start();
    insta::assert_snapshot!(server.post("/v1/verify", "token=t").send().shown(), @r#"
    400
    content-type: application/problem+json

    {"type":"urn:keysrv:error:bad_request",
    "title":"The request cannot be read",
    "status":400,
    "detail":"the body is not JSON that can be read, at line 1, column 2",
    "code":"bad_request",
    "request_id":"[id]",
    "fix":"correct what `detail` names; the same request fails again"}
    "#);
}

#[test]
fn a_body_of_another_type() {
    let server = Server::start();
    let request = server.request("POST", "/v1/verify").header("Content-Length", "0");
    insta::assert_snapshot!(request.send().shown(), @r#"
    415
    content-type: application/problem+json

    {"type":"urn:keysrv:error:unsupported_media_type",
    "title":"The body is of a type that is not read here",
    "status":415,
    "detail":"the body has no `Content-Type`; send `application/json`",
    "code":"unsupported_media_type",
    "request_id":"[id]",
    "fix":"send JSON with `Content-Type: application/json`, uncompressed"}
    "#);
}

#[test]
fn a_refusal_of_a_key_on_every_endpoint_is_the_same_problem() {
    let server = Server::start();
    for path in ["/v1/verify", "/v1/accounts", "/v1/whoami"] {
        let response = server.get(path).header("Authorization", &basic("nonsense")).send();
        assert_eq!((response.status, response.code().as_str()), (401, "malformed"), "{path}");
        assert_eq!(response.header("www-authenticate"), Some(r#"Basic realm="keysrv", charset="UTF-8""#));
        assert_eq!(response.header("x-keysrv-code"), Some("malformed"));
        assert_eq!(response.header("x-keysrv-missing-scopes"), Some("-"));
    }
}
