//! `/v1/routes`, and what the rules mean to `/v1/verify`.

use serde_json::json;

use super::Server;
use crate::app::routes::add;

#[test]
fn any_valid_key_reads_the_rules_in_the_order_in_which_they_are_asked() {
    let server = Server::start();
    let token = server.token("k");
    assert_eq!(
        server.get("/v1/routes").key(&token).send().json(),
        json!({ "data": [], "next_cursor": null })
    );
    add(&server, &["* /*", "GET /unified/* unified:read unified:write"]);
    let answer = server.get("/v1/routes?limit=1").key(&token).send().json();
    let first =
        json!({ "method": "GET", "pattern": "/unified/*", "scopes": ["unified:read", "unified:write"] });
    assert_eq!(answer["data"], json!([first]));
    let next = format!("/v1/routes?cursor={}", answer["next_cursor"].as_str().unwrap());
    let answer = server.get(&next).key(&token).send().json();
    assert_eq!(
        answer,
        json!({ "data": [{ "method": "*", "pattern": "/*", "scopes": [] }], "next_cursor": null })
    );
    assert_eq!(server.get("/v1/routes?cursor=x").key(&token).send().code(), "invalid_value");
    assert_eq!(server.get("/v1/routes?page=2").key(&token).send().code(), "bad_request");
}

#[test]
fn a_backend_asks_the_rules_with_method_and_path() {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["GET /unified/* unified:read", "POST /keys keys:write"]);
    let verify = |fields: serde_json::Value| {
        let mut body = json!({ "token": token });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        server.post("/v1/verify", body.to_string()).send()
    };
    for (fields, code) in [
        (json!({}), "valid"),
        (json!({ "method": "GET", "path": "/unified/hris?x=1" }), "valid"),
        (json!({ "method": "POST", "path": "/unified/hris" }), "no_route"),
        (json!({ "method": "GET", "path": "/unified/../keys" }), "no_route"),
        (json!({ "method": "POST", "path": "/keys" }), "insufficient_scope"),
        (json!({ "method": "GET", "path": "/unified/hris", "scopes": ["keys:read"] }), "insufficient_scope"),
        (json!({ "method": "GET" }), "invalid_value"),
        (json!({ "path": "/a" }), "invalid_value"),
    ] {
        assert_eq!(verify(fields.clone()).code(), code, "{fields}");
    }
    assert_eq!(verify(json!({ "path": "/a" })).json()["detail"], "method is missing beside `path`");
    let both = verify(json!({ "method": "POST", "path": "/keys", "scopes": ["credentials:read"] })).json();
    assert_eq!(both["missing_scopes"], json!(["credentials:read", "keys:write"]));
}
