//! Accounts, the catalogue and the audit log for callers with a key.

use keysrv::model::account::{Account, AccountName, ExternalId, Metadata, NewAccount};
use keysrv::model::key::NewKey;
use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::scope::Catalogue;
use serde_json::{Value, json};

use super::{Response, Server};
use crate::app::{default, named, operator, scopes};

fn account(server: &Server, name: &str) -> Account {
    let new = NewAccount {
        name: AccountName::parse(name).unwrap(),
        external_id: Some(ExternalId::parse(&format!("ext-{name}")).unwrap()),
        metadata: Metadata::default(),
        enabled: true,
        limits: keysrv::model::limit::LimitsChange::default(),
    };
    server.app.create_account(&operator(), &default(), &new).unwrap()
}

fn key(server: &Server, name: &str, held: &[&str], account: Option<&Account>) -> String {
    let account = account.map(|account| account.id.to_string());
    let new = NewKey { scopes: Some(scopes(held)), account, ..named(name) };
    server.create_with(&new).token.expose().to_owned()
}

fn send(server: &Server, token: &str, (method, path): (&str, &str), body: &Value) -> Response {
    let request = server.request(method, path).header("Content-Type", "application/json").key(token);
    if body.is_null() { request.send() } else { request.body(&body.to_string()).send() }
}

#[test]
fn an_account_is_made_changed_and_deleted_with_its_keys() {
    let server = Server::start();
    let token = key(&server, "k", &["platform:read", "platform:write", "keys:write"], None);
    let body = json!({ "name": "Acme", "external_id": "cus_1", "metadata": { "plan": "pro" } });
    let created = send(&server, &token, ("POST", "/v1/accounts"), &body);
    assert_eq!(created.status, 201, "{created:?}");
    let path = created.header("location").unwrap().to_owned();
    assert_eq!(send(&server, &token, ("GET", &path), &Value::Null).json(), created.json());
    assert_eq!(send(&server, &token, ("GET", "/v1/accounts/cus_1"), &Value::Null).json(), created.json());

    let change = json!({ "name": "Acme Inc", "external_id": null });
    let changed = send(&server, &token, ("PATCH", &path), &change).json();
    assert_eq!((&changed["name"], &changed["external_id"]), (&json!("Acme Inc"), &Value::Null));
    assert_eq!(changed["metadata"], json!({ "plan": "pro" }));
    assert_eq!(server.events()[0].action, "account.changed");
    assert_eq!(server.events()[0].detail["name"], json!({ "from": "Acme", "to": "Acme Inc" }));

    let id = created.json()["id"].as_str().unwrap().to_owned();
    let held = NewKey { account: Some(id), scopes: Some(scopes(&[])), ..named("held") };
    let held = server.create_with(&held).token.expose().to_owned();
    send(&server, &token, ("PATCH", &path), &json!({ "enabled": false }));
    assert_eq!(server.get("/v1/verify").key(&held).send().code(), "account_disabled");
    assert_eq!(send(&server, &token, ("GET", &path), &Value::Null).json()["n_keys"], 1);
    let deleted = send(&server, &token, ("DELETE", &path), &Value::Null);
    assert_eq!((deleted.status, deleted.header("x-keysrv-deleted-keys")), (204, Some("1")));
    assert_eq!(server.get("/v1/verify").key(&held).send().code(), "not_found");
}

#[test]
fn an_account_may_begin_switched_off() {
    let server = Server::start();
    let token = key(&server, "k", &["platform:write"], None);
    let made = send(&server, &token, ("POST", "/v1/accounts"), &json!({ "name": "A", "enabled": false }));
    assert_eq!(made.json()["enabled"], false);
}

#[test]
fn what_an_account_cannot_be_is_told_with_its_field() {
    let server = Server::start();
    let token = key(&server, "k", &["platform:write"], None);
    account(&server, "taken");
    for (body, status, field) in [
        (json!({}), 422, "name"),
        (json!({ "name": "" }), 422, "name"),
        (json!({ "name": "A", "external_id": "ext-taken" }), 409, "external_id"),
        (json!({ "name": "A", "enabled": "yes" }), 422, "enabled"),
        (json!({ "name": "A", "metadata": 1 }), 422, "metadata"),
        (json!({ "name": "A", "id": "x" }), 422, "id"),
    ] {
        let response = send(&server, &token, ("POST", "/v1/accounts"), &body);
        assert_eq!((response.status, &response.json()["field"]), (status, &json!(field)), "{body}");
    }
}

#[test]
fn what_stops_keys_needs_the_right_to_the_keys() {
    let server = Server::start();
    let acme = account(&server, "Acme");
    key(&server, "strong", &["credentials:read"], Some(&acme));
    let token = key(&server, "k", &["platform:write", "keys:write"], None);
    let path = format!("/v1/accounts/{}", acme.id);
    for (method, body) in [("PATCH", json!({ "enabled": false })), ("DELETE", Value::Null)] {
        let response = send(&server, &token, (method, &path), &body);
        assert_eq!((response.status, response.code()), (403, "insufficient_scope".to_owned()));
        assert_eq!(response.json()["missing_scopes"], json!(["credentials:read"]));
    }
    assert_eq!(send(&server, &token, ("PATCH", &path), &json!({ "name": "New" })).status, 200);
}

#[test]
fn a_lost_update_of_an_account_is_412() {
    let server = Server::start();
    let token = key(&server, "k", &["platform:read", "platform:write"], None);
    let acme = account(&server, "Acme");
    let path = format!("/v1/accounts/{}", acme.id);
    let seen = send(&server, &token, ("GET", &path), &Value::Null).header("etag").unwrap().to_owned();
    key(&server, "held", &[], Some(&acme));
    let change = |name: &str| {
        let request = server.request("PATCH", &path).header("Content-Type", "application/json");
        request.header("If-Match", &seen).key(&token).body(&json!({ "name": name }).to_string()).send()
    };
    assert_eq!(change("First").status, 200, "a new key is no change of its account");
    assert_eq!((change("Second").status, change("Second").code()), (412, "precondition_failed".to_owned()));
    let delete = server.request("DELETE", &path).header("If-Match", &seen).key(&token).send();
    assert_eq!(delete.status, 412);
}

#[test]
fn a_bound_key_sees_and_makes_what_is_its_accounts_alone() {
    let server = Server::start();
    let (own, other) = (account(&server, "own"), account(&server, "other"));
    let held = ["keys:read", "keys:write", "platform:read", "platform:write"];
    let token = key(&server, "bound", &held, Some(&own));
    key(&server, "foreign", &[], Some(&other));
    key(&server, "free", &[], None);
    let get = |path: &str| send(&server, &token, ("GET", path), &Value::Null);
    let names = |path: &str| {
        let data = get(path).json()["data"].as_array().unwrap().clone();
        data.iter().map(|thing| thing["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("/v1/keys"), ["bound"]);
    assert_eq!(names("/v1/accounts"), ["own"]);
    assert_eq!(get(&format!("/v1/accounts/{}", other.id)).code(), "no_such_resource");
    let made = send(&server, &token, ("POST", "/v1/keys"), &json!({ "name": "new", "scopes": [] }));
    assert_eq!(made.json()["key"]["account"]["id"], json!(own.id));
    let moved = json!({ "name": "moved", "scopes": [], "account_id": other.id });
    assert_eq!(send(&server, &token, ("POST", "/v1/keys"), &moved).code(), "no_such_resource");
    let made = send(&server, &token, ("POST", "/v1/accounts"), &json!({ "name": "x" }));
    assert_eq!((made.status, made.code()), (403, "account_bound".to_owned()));

    let targets = |path: &str| {
        let data = get(path).json()["data"].as_array().unwrap().clone();
        data.iter().map(|event| event["target"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(targets("/v1/audit"), ["new", "bound", "own"]);
    assert_eq!(targets(&format!("/v1/audit?target_id={}", other.id)), [""; 0]);
}

#[test]
fn the_catalogue_and_the_log_are_those_of_the_callers_project() {
    let server = Server::start();
    let token = key(&server, "k", &["keys:read"], None);
    let catalogue = send(&server, &token, ("GET", "/v1/scopes"), &Value::Null).json();
    assert_eq!(catalogue["data"][0]["scopes"][0]["scope"], "platform:read");
    assert_eq!(catalogue["presets"].as_array().unwrap().len(), 2);
    let staging = ProjectName::parse("staging").unwrap();
    let (prefix, example) = (Prefix::default(), Catalogue::example());
    server.app.create_project(&operator(), &staging, &prefix, &example).unwrap();
    let events = send(&server, &token, ("GET", "/v1/audit"), &Value::Null).json();
    let actions: Vec<&str> =
        events["data"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["key.created", "project.created"]);
    assert_eq!(events["data"][1]["target"]["name"], "default");
    let filtered = |query: &str| {
        let answer = send(&server, &token, ("GET", &format!("/v1/audit?{query}")), &Value::Null).json();
        answer["data"].as_array().unwrap().len()
    };
    assert_eq!(filtered("action=key."), 1);
    assert_eq!(filtered("actor_kind=user"), 0);
    assert_eq!(filtered("target=k"), 1);
    assert_eq!(filtered("actor=nobody"), 0);
    assert_eq!(filtered("from=2000-01-01T00:00:00Z&to=2000-01-02T00:00:00Z"), 0);
    assert_eq!(filtered("from=2000-01-01T00:00:00Z"), 2);
    let wrong = send(&server, &token, ("GET", "/v1/audit?actor_kind=robot"), &Value::Null);
    assert_eq!((wrong.status, &wrong.json()["field"]), (422, &json!("actor_kind")));
    let backwards = "/v1/audit?from=2000-01-02T00:00:00Z&to=2000-01-01T00:00:00Z";
    let wrong = send(&server, &token, ("GET", backwards), &Value::Null);
    assert_eq!((wrong.status, &wrong.json()["field"]), (422, &json!("from")));
}
