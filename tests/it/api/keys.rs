//! `/v1/keys` over HTTP: shapes, strict bodies, and requests that are safe to send twice.

use keysrv::model::key::NewKey;
use serde_json::{Value, json};

use super::{Request, Response, Server};
use crate::app::{default, named, operator, scopes};

const ALL: [&str; 10] = [
    "actions:execute",
    "connectors:read",
    "connectors:write",
    "credentials:read",
    "keys:read",
    "keys:write",
    "platform:read",
    "platform:write",
    "unified:read",
    "unified:write",
];

/// The token of a key that may do everything.
fn manager(server: &Server) -> String {
    let new = NewKey { scopes: Some(scopes(&ALL)), ..named("manager") };
    server.create_with(&new).token.expose().to_owned()
}

fn patch<'a>(server: &'a Server, path: &str, body: &Value) -> Request<'a> {
    let request = server.request("PATCH", path).header("Content-Type", "application/json");
    request.body(&body.to_string())
}

fn create(server: &Server, token: &str, body: &Value) -> Response {
    server.post("/v1/keys", body.to_string()).key(token).send()
}

/// Field and code of a refusal.
fn refused(response: &Response) -> (u16, String, Value) {
    (response.status, response.code(), response.json()["field"].clone())
}

#[test]
fn a_key_is_made_shown_changed_rotated_and_deleted() {
    let server = Server::start();
    let token = manager(&server);
    let created = create(
        &server,
        &token,
        &json!({ "name": "ci", "scopes": ["unified:read"], "note": "nightly", "metadata": { "team": 7 },
            "expires_at": "2027-01-31T12:00:00Z", "allowed_ips": ["203.0.113.0/24", "127.0.0.1"] }),
    );
    assert_eq!(created.status, 201, "{created:?}");
    let (key, secret) = (created.json()["key"].clone(), created.json()["token"].as_str().unwrap().to_owned());
    let path = format!("/v1/keys/{}", key["id"].as_str().unwrap());
    assert_eq!(created.header("location"), Some(path.as_str()));
    let shown = server.get(&path).key(&token).send();
    assert_eq!(shown.json(), key);
    assert_eq!(shown.header("etag"), created.header("etag"));
    let visible = format!("/v1/keys/ks_{}_", key["id"].as_str().unwrap());
    assert_eq!(server.get(&visible).key(&token).send().json(), key);

    let changed = patch(&server, &path, &json!({ "note": null, "expires_at": null, "allowed_ips": [] }));
    let changed = changed.key(&token).send().json();
    assert_eq!(
        json!([changed["note"], changed["expires_at"], changed["allowed_ips"]]),
        json!([null, null, []])
    );
    assert_eq!(changed["metadata"], json!({ "team": 7 }));
    let off = patch(&server, &path, &json!({ "enabled": false, "reason": "leaked" })).key(&token).send();
    assert_eq!((off.status, off.json()["status"].clone()), (200, json!("disabled")));
    assert_eq!(server.get("/v1/verify").key(&secret).send().code(), "disabled");

    let rotated = server.post(&format!("{path}/rotate"), r#"{"overlap_seconds":3600}"#).key(&token).send();
    assert_eq!(rotated.status, 200);
    assert_eq!(rotated.json()["key"]["secrets"].as_array().unwrap().len(), 2);
    assert_ne!(rotated.json()["token"], secret);
    assert_eq!(rotated.json()["key"]["secrets"][1]["safe_to_end"], false);
    let ended = server.post(&format!("{path}/rotate/end"), "{}").key(&token).send();
    assert_eq!((ended.status, ended.json()["secrets"].as_array().unwrap().len()), (200, 1));
    let again = server.request("POST", &format!("{path}/rotate/end")).key(&token).send();
    assert_eq!((again.status, again.code().as_str()), (409, "in_use"));
    let quiet = r#"{"overlap_seconds":3600,"end_when_quiet_seconds":1800}"#;
    let quiet = server.post(&format!("{path}/rotate"), quiet).key(&token).send();
    assert_eq!(quiet.json()["key"]["secrets"][1]["ends_when_quiet_for_seconds"], 1800);
    let bare = server.request("POST", &format!("{path}/rotate")).key(&token).send();
    assert_eq!(bare.status, 200, "a body is not needed: {bare:?}");

    let deleted = server.request("DELETE", &path).key(&token).send();
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    assert_eq!(refused(&server.get(&path).key(&token).send()).1, "no_such_resource");
}

#[test]
fn a_key_without_scopes_named_gets_the_defaults_and_with_an_empty_list_none() {
    let server = Server::start();
    let token = manager(&server);
    let held = |body: &Value| create(&server, &token, body).json()["key"]["scopes"].clone();
    let defaults = held(&json!({ "name": "a" }));
    assert_eq!(defaults.as_array().unwrap().len(), 6);
    assert_eq!(held(&json!({ "name": "b", "scopes": null })), defaults);
    assert_eq!(held(&json!({ "name": "c", "scopes": [] })), json!([]));
}

#[test]
fn what_breaks_a_rule_is_told_with_its_field_and_makes_nothing() {
    let server = Server::start();
    let token = manager(&server);
    create(&server, &token, &json!({ "name": "taken" }));
    let before = server.events().len();
    let leaked = server.token("leaked");
    let (start, end) = leaked.split_at(3);
    let with = |field: &str, value: Value| {
        let mut body = json!({ "name": "new" });
        body[field] = value;
        refused(&create(&server, &token, &body))
    };
    let broken = |field: &str| (422, "invalid_value".to_owned(), json!(field));
    for (field, value) in [
        ("name", json!("")),
        ("name", json!(7)),
        ("name", json!("x".repeat(65))),
        ("scopes", json!("unified:read")),
        ("scopes", json!(["no:such"])),
        ("scopes", json!([7])),
        ("note", json!(["x"])),
        ("note", json!("x".repeat(1001))),
        ("expires_at", json!("tomorrow")),
        ("expires_at", json!("2020-01-01T00:00:00Z")),
        ("metadata", json!([])),
        ("metadata", json!({ "x": "y".repeat(4096) })),
        ("allowed_ips", json!(["10.0.0.0/33"])),
        ("allowed_ips", json!(vec!["10.0.0.1"; 101])),
        ("scope", json!(["unified:read"])),
    ] {
        assert_eq!(with(field, value.clone()), broken(field), "{field}: {value}");
    }
    assert_eq!(with("account_id", json!("nobody")), (404, "no_such_resource".to_owned(), Value::Null));
    assert_eq!(with("name", json!("taken")), (409, "taken".to_owned(), json!("name")));
    let token_in = |field: &str| with(field, json!(format!("{start}{end}")));
    for field in ["name", "note"] {
        assert_eq!(token_in(field), (422, "contains_token".to_owned(), json!(field)));
    }
    assert_eq!(with("metadata", json!({ "k": leaked })).1, "contains_token");
    assert_eq!(server.events().len(), before + 1, "the leaked key alone");
}

#[test]
fn a_name_never_changes() {
    let server = Server::start();
    let token = manager(&server);
    let id = create(&server, &token, &json!({ "name": "ci" })).json()["key"]["id"].clone();
    let path = format!("/v1/keys/{}", id.as_str().unwrap());
    let response = patch(&server, &path, &json!({ "name": "ci" })).key(&token).send();
    assert_eq!(refused(&response), (422, "name_immutable".to_owned(), json!("name")));
}

#[test]
fn a_request_that_is_sent_twice_is_done_once_and_shows_no_token_again() {
    let server = Server::start();
    let token = manager(&server);
    let send = |name: &str, body: &str| {
        server.post("/v1/keys", body).header("Idempotency-Key", name).key(&token).send()
    };
    let body = r#"{"name":"ci","scopes":[]}"#;
    let first = send("8e03978e", body);
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None));
    let second = send("8e03978e", body);
    assert_eq!((second.status, second.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!(second.header("location"), first.header("location"));
    assert_eq!(
        (second.json()["key"].clone(), &second.json()["token"]),
        (first.json()["key"].clone(), &Value::Null)
    );
    assert!(second.json()["detail"].as_str().unwrap().contains("rotate the key"), "{second:?}");
    assert_eq!(server.actions().iter().filter(|action| *action == "key.created").count(), 2);

    let other = send("8e03978e", r#"{"name":"other"}"#);
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused".to_owned()));
    assert_eq!(send("another", r#"{"name":"other"}"#).status, 201);

    server.clock.advance(jiff::SignedDuration::from_hours(25));
    let later = send("8e03978e", r#"{"name":"later"}"#);
    assert_eq!((later.status, later.header("idempotency-replayed")), (201, None), "{later:?}");
}

#[test]
fn ending_an_old_secret_twice_under_one_name_ends_it_once() {
    let server = Server::start();
    let token = manager(&server);
    let id = server.create_with(&NewKey { scopes: Some(scopes(&[])), ..named("ci") }).key.facts.id;
    let post = |path: &str, name: &str| {
        let request = server.post(&format!("/v1/keys/{id}/{path}"), "{}");
        request.header("Idempotency-Key", name).key(&token).send()
    };
    assert_eq!(post("rotate/end", "1").code(), "in_use", "what fails is not kept");
    let body = r#"{"overlap_seconds":60}"#;
    assert_eq!(server.post(&format!("/v1/keys/{id}/rotate"), body).key(&token).send().status, 200);
    let (first, second) = (post("rotate/end", "1"), post("rotate/end", "1"));
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None), "{first:?}");
    assert_eq!((second.status, second.header("idempotency-replayed")), (200, Some("true")), "{second:?}");
    assert_eq!(second.json()["secrets"], first.json()["secrets"]);
    assert_eq!(post("rotate/end", "2").code(), "in_use");
    assert_eq!(post("rotate", "1").code(), "idempotency_key_reused");
}

#[test]
fn of_one_caller_a_bounded_number_of_names_is_kept_and_the_newest_are() {
    let server = Server::start();
    let token = manager(&server);
    let send = |name: &str, body: &str| {
        server.post("/v1/accounts", body).header("Idempotency-Key", name).key(&token).send()
    };
    assert_eq!(send("oldest", r#"{"name":"a"}"#).status, 201);
    let database = rusqlite::Connection::open(server.dir.path().join("keysrv.db")).unwrap();
    let many = "INSERT INTO idempotency (caller, hash, request, target_id, at)
        WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 9999)
        SELECT caller, randomblob(32), request, target_id, at FROM n, idempotency LIMIT 9999";
    database.execute(many, []).unwrap();
    assert_eq!(send("newest", r#"{"name":"b"}"#).status, 201);
    assert_eq!(send("newest", r#"{"name":"b"}"#).header("idempotency-replayed"), Some("true"));
    let n: u32 = database.query_row("SELECT count(*) FROM idempotency", [], |row| row.get(0)).unwrap();
    assert_eq!(n, 10_000);
    assert_eq!(send("oldest", r#"{"name":"a"}"#).header("idempotency-replayed"), None, "it is forgotten");
}

#[test]
fn a_rotation_and_an_account_are_made_once_too() {
    let server = Server::start();
    let token = manager(&server);
    let id = server.create_with(&NewKey { scopes: Some(scopes(&[])), ..named("ci") }).key.facts.id;
    let once = |path: &str, body: &str| {
        server.post(path, body).header("Idempotency-Key", "\"a b\"").key(&token).send()
    };
    let rotate = format!("/v1/keys/{id}/rotate");
    let (first, second) = (once(&rotate, "{}"), once(&rotate, "{}"));
    assert!(first.json()["token"].is_string());
    assert_eq!((second.status, &second.json()["token"]), (200, &Value::Null));
    let account = once("/v1/accounts", r#"{"name":"Acme"}"#);
    assert_eq!(account.code(), "idempotency_key_reused", "a name is the caller's, whatever the address");
    let once =
        |body: &str| server.post("/v1/accounts", body).header("Idempotency-Key", "2").key(&token).send();
    let (first, second) = (once(r#"{"name":"Acme"}"#), once(r#"{"name":"Acme"}"#));
    assert_eq!((second.status, second.json()), (201, first.json()));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
}

#[test]
fn what_another_caller_named_is_nobody_elses() {
    let server = Server::start();
    let tokens = [manager(&server), {
        let new = NewKey { scopes: Some(scopes(&ALL)), ..named("other manager") };
        server.create_with(&new).token.expose().to_owned()
    }];
    for (token, name) in tokens.iter().zip(["one", "two"]) {
        let body = json!({ "name": name, "scopes": [] }).to_string();
        let response = server.post("/v1/keys", body).header("Idempotency-Key", "1").key(token).send();
        assert_eq!((response.status, response.header("idempotency-replayed")), (201, None));
    }
}

#[test]
fn a_name_for_a_request_that_cannot_be_read_does_nothing() {
    let server = Server::start();
    let token = manager(&server);
    let before = server.events().len();
    for name in ["", "x".repeat(256).as_str(), "ü"] {
        let request = server.post("/v1/keys", r#"{"name":"ci"}"#).key(&token).header("Idempotency-Key", name);
        let response = request.send();
        assert_eq!(refused(&response), (422, "invalid_value".to_owned(), json!("Idempotency-Key")), "{name}");
    }
    let twice = server.post("/v1/keys", r#"{"name":"ci"}"#).header("Idempotency-Key", "1");
    assert_eq!(twice.header("Idempotency-Key", "2").key(&token).send().status, 400);
    assert_eq!(server.events().len(), before);
}

#[test]
fn an_update_that_would_be_lost_is_412() {
    let server = Server::start();
    let token = manager(&server);
    let created = create(&server, &token, &json!({ "name": "ci", "scopes": [] }));
    let path = created.header("location").unwrap().to_owned();
    let seen = created.header("etag").unwrap().to_owned();
    let note = |text: &str, etag: &str| {
        patch(&server, &path, &json!({ "note": text })).header("If-Match", etag).key(&token).send()
    };
    let first = note("first", &seen);
    assert_eq!(first.status, 200);
    assert_ne!(first.header("etag"), Some(seen.as_str()));
    let lost = note("second", &seen);
    assert_eq!((lost.status, lost.code()), (412, "precondition_failed".to_owned()));
    assert_eq!(note("third", "*").status, 200);
    assert_eq!(refused(&note("fourth", "x")), (422, "invalid_value".to_owned(), json!("If-Match")));
    let tag = note("fourth", "*").header("etag").unwrap().to_owned();
    let weak = note("fifth", &format!("W/{tag}"));
    assert_eq!(refused(&weak), (412, "precondition_failed".to_owned(), json!("If-Match")));
    assert!(weak.json()["fix"].as_str().unwrap().contains("without `W/`"), "{weak:?}");
    let lines = patch(&server, &path, &json!({ "note": "third" })).header("If-Match", "\"x\", \"y\"");
    assert_eq!(lines.header("If-Match", &tag).key(&token).send().status, 200, "one list in two lines");
    for method in ["DELETE", "POST"] {
        let path = if method == "POST" { format!("{path}/rotate") } else { path.clone() };
        let response = server.request(method, &path).header("If-Match", &seen).key(&token).send();
        assert_eq!((response.status, response.code()), (412, "precondition_failed".to_owned()), "{method}");
    }
    let now = server.get(&path).key(&token).send();
    assert_eq!(now.json()["note"], "third");
    let etag = now.header("etag").unwrap().to_owned();
    assert_eq!(server.request("DELETE", &path).header("If-Match", &etag).key(&token).send().status, 204);
}

#[test]
fn lists_filter_sort_and_page_by_the_address() {
    let server = Server::start();
    let token = manager(&server);
    for name in ["b", "a", "c"] {
        create(&server, &token, &json!({ "name": name, "scopes": ["unified:read"] }));
    }
    let names = |query: &str| {
        let response = server.get(&format!("/v1/keys?{query}")).key(&token).send();
        assert_eq!(response.status, 200, "{response:?}");
        let names = response.json()["data"].as_array().unwrap().clone();
        let names: Vec<String> = names.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect();
        (names.join(" "), response.json()["next_cursor"].clone())
    };
    assert_eq!(names("sort=name").0, "a b c manager");
    assert_eq!(names("scope=keys:write").0, "manager");
    assert_eq!(names("q=MANA").0, "manager");
    assert_eq!(names("status=disabled").0, "");
    assert_eq!(names("unused_for=1d").0, "", "a new key had no time yet to be unused");
    server.clock.advance(jiff::SignedDuration::from_hours(48));
    assert_eq!(names("unused_for=1d").0, "c a b");
    let (first, cursor) = names("sort=name&limit=3");
    let (second, end) = names(&format!("sort=name&limit=3&cursor={}", cursor.as_str().unwrap()));
    assert_eq!((first.as_str(), second.as_str(), end), ("a b c", "manager", Value::Null));
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=x", "cursor"),
        ("status=gone", "status"),
        ("sort=size", "sort"),
        ("scope=x", "scope"),
        ("unused_for=soon", "unused_for"),
    ] {
        let response = server.get(&format!("/v1/keys?{query}")).key(&token).send();
        let (status, _, told) = refused(&response);
        assert_eq!((status, told), (422, json!(field)), "{query}");
    }
    assert_eq!(refused(&server.get("/v1/keys?name=a").key(&token).send()).0, 400);
}

#[test]
fn nobody_elses_body_is_read() {
    let server = Server::start();
    for (method, path) in [("POST", "/v1/keys"), ("PATCH", "/v1/keys/x"), ("POST", "/v1/accounts")] {
        let response = server.request(method, path).body("{").send();
        assert_eq!(response.status, 401, "{method} {path}");
    }
}

#[test]
fn whoever_finds_a_key_can_stop_it() {
    let server = Server::start();
    let bound = NewKey {
        allowed_ips: keysrv::model::key::parse_allowed_ips(["203.0.113.0/24"]).unwrap(),
        ..named("leaked")
    };
    let token = server.create_with(&bound).token.expose().to_owned();
    let delete = || server.request("DELETE", "/v1/whoami").key(&token).send();
    assert_eq!(server.get("/v1/verify").key(&token).send().code(), "ip_denied");
    assert_eq!(delete().status, 204);
    assert_eq!(delete().code(), "not_found");
    let event = &server.events()[0];
    assert_eq!((event.action.as_str(), event.actor.name.as_str()), ("key.deleted", "leaked"));
    assert_eq!(event.detail, json!({ "by": "holder" }));
}

#[test]
fn a_longest_lifetime_refuses_never_and_fills_in_what_is_not_said() {
    let server = Server::start();
    let token = manager(&server);
    let longest = keysrv::model::expiry::Span::parse("max_lifetime", "30d").unwrap();
    let change =
        keysrv::model::project::ProjectChange { max_lifetime: Some(Some(longest)), ..Default::default() };
    server.app.change_project(&operator(), &default(), &change).unwrap();
    let made = create(&server, &token, &json!({ "name": "a", "scopes": [] })).json();
    assert_eq!(made["key"]["expires_at"], "2026-12-24T12:00:00Z");
    let never = create(&server, &token, &json!({ "name": "b", "scopes": [], "expires_at": null }));
    assert_eq!(refused(&never), (422, "invalid_value".to_owned(), json!("expires_at")));
    let forever = json!({ "name": "c", "scopes": [], "expires_at": "9999-12-31T23:59:59Z" });
    let detail = create(&server, &token, &forever).json()["detail"].clone();
    assert!(detail.as_str().unwrap().ends_with("before the year 9999; `null` says never"), "{detail}");
    let path = format!("/v1/keys/{}", made["key"]["id"].as_str().unwrap());
    let never = patch(&server, &path, &json!({ "expires_at": null })).key(&token).send();
    assert_eq!(refused(&never), (422, "invalid_value".to_owned(), json!("expires_at")));
    for (within, n) in [("14d", 0), ("31d", 1)] {
        let list = server.get(&format!("/v1/keys?expires_within={within}")).key(&token).send().json();
        assert_eq!(list["data"].as_array().unwrap().len(), n, "{within}");
    }
}
