//! `/v1/accounts`: *List accounts*.

use keysrv::model::account::{Account, AccountName, ExternalId, Metadata, NewAccount};
use keysrv::model::key::NewKey;

use serde_json::json;

use super::{Response, Server};
use crate::app::{default, named, operator, scopes};

fn account(server: &Server, name: &str, external_id: Option<&str>) -> Account {
    let new = NewAccount {
        name: AccountName::parse(name).unwrap(),
        external_id: external_id.map(|id| ExternalId::parse(id).unwrap()),
        metadata: Metadata::default(),
        enabled: true,
        limits: keysrv::model::limit::LimitsChange::default(),
    };
    server.app.create_account(&operator(), &default(), &new).unwrap()
}

fn names(response: &Response) -> Vec<String> {
    assert_eq!(response.status, 200, "{response:?}");
    let data = response.json()["data"].as_array().unwrap().clone();
    data.iter().map(|account| account["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_empty_list_means_that_the_key_works() {
    let server = Server::start();
    let token = server.token("k");
    insta::assert_snapshot!(server.get("/v1/accounts").key(&token).send().shown(), @r#"
    200
    content-type: application/json

    {"data":[],
    "next_cursor":null}
    "#);
}

#[test]
fn an_account_is_shown_whole() {
    let server = Server::start();
    let (token, account) = (server.token("k"), account(&server, "Acme GmbH", Some("cust-4711")));
    let response = server.get("/v1/accounts").key(&token).send();
    insta::assert_snapshot!(response.shown().replace(account.id.as_str(), "[account]"), @r#"
    200
    content-type: application/json

    {"data":[{"id":"[account]",
    "project":"default",
    "name":"Acme GmbH",
    "external_id":"cust-4711",
    "metadata":{},
    "enabled":true,
    "created_at":"2026-11-24T12:00:00Z",
    "rate_limit":null,
    "quota":null,
    "quota_usage":null,
    "n_keys":0}],
    "next_cursor":null}
    "#);
}

#[test]
fn filters_narrow_the_list() {
    let server = Server::start();
    let token = server.token("k");
    account(&server, "Acme", Some("cust-1"));
    let off = account(&server, "Blue Team", Some("team/blue"));
    account(&server, "50% Off_Ltd", None);
    server.app.disable_account(&operator(), &default(), off.id.as_str()).unwrap();
    let list = |query: &str| names(&server.get(&format!("/v1/accounts?{query}")).key(&token).send());
    assert_eq!(list(""), ["50% Off_Ltd", "Blue Team", "Acme"]);
    assert_eq!(list("q=bLuE"), ["Blue Team"]);
    assert_eq!(list("q=0%25%20"), ["50% Off_Ltd"], "a per cent sign is only that");
    assert_eq!(list("q=%25"), [""; 0], "a short text is looked for at the start");
    assert_eq!(list("q=B"), ["Blue Team"]);
    assert_eq!(list("q=TEAM/"), ["Blue Team"]);
    assert_eq!(list("q=acc_"), ["50% Off_Ltd", "Blue Team", "Acme"]);
    assert_eq!(list("external_id=cust-1"), ["Acme"]);
    assert_eq!(list("external_id=cust"), [""; 0]);
    assert_eq!(list("status=disabled"), ["Blue Team"]);
    assert_eq!(list("status=enabled&q=acm"), ["Acme"]);
}

#[test]
fn pages_follow_one_another_without_a_gap() {
    let server = Server::start();
    let token = server.token("k");
    for n in 0..5 {
        account(&server, &format!("a{n}"), None);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let response = server.get(&format!("/v1/accounts?limit=2{cursor}")).key(&token).send();
        seen.extend(names(&response));
        match response.json()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["a4", "a3", "a2", "a1", "a0"]);
}

#[test]
fn a_page_for_which_too_much_would_be_looked_at_says_so_and_names_the_next() {
    let server = Server::start();
    let token = server.token("k");
    account(&server, "wanted", None);
    let database = rusqlite::Connection::open(server.dir.path().join("keysrv.db")).unwrap();
    let many = "INSERT INTO accounts (project_seq, id, name, metadata, enabled, created_at)
        WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3100)
        SELECT project_seq, printf('acc_%012d', n), name, metadata, 0, created_at FROM n, accounts LIMIT 3100";
    database.execute(many, []).unwrap();
    let list = |query: &str| server.get(&format!("/v1/accounts?{query}")).key(&token).send();
    let first = list("status=enabled").json();
    assert_eq!((&first["data"], &first["stopped_early"]), (&json!([]), &json!(true)), "{first}");
    let next = list(&format!("status=enabled&cursor={}", first["next_cursor"].as_str().unwrap()));
    assert_eq!(names(&next), ["wanted"]);
    assert_eq!((&next.json()["next_cursor"], next.json().get("stopped_early")), (&json!(null), None));
    let full = list("limit=2").json();
    assert_eq!((full["data"].as_array().unwrap().len(), full.get("stopped_early")), (2, None));
}

#[test]
fn a_parameter_that_cannot_be_read_is_told_with_its_field() {
    let server = Server::start();
    let token = server.token("k");
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("cursor=x", "cursor"),
        ("status=on", "status"),
    ] {
        let response = server.get(&format!("/v1/accounts?{query}")).key(&token).send();
        assert_eq!((response.status, response.json()["field"].as_str()), (422, Some(field)), "{query}");
    }
    for (query, field) in [("enabled=true", "enabled"), ("q=%ff", "q"), ("limit=1&limit=2", "limit")] {
        let response = server.get(&format!("/v1/accounts?{query}")).key(&token).send();
        assert_eq!((response.status, response.code().as_str()), (400, "bad_request"), "{query}");
        assert_eq!(response.json()["field"], field, "{query}");
    }
}

#[test]
fn a_key_without_the_scope_sees_nothing() {
    let server = Server::start();
    let new = NewKey { scopes: Some(scopes(&["actions:execute"])), ..named("k") };
    let token = server.create_with(&new).token.expose().to_owned();
    let response = server.get("/v1/accounts").key(&token).send();
    assert_eq!((response.status, response.header("x-keysrv-missing-scopes")), (403, Some("platform:read")));
}

#[test]
fn a_key_that_is_bound_to_an_account_sees_that_one() {
    let server = Server::start();
    let own = account(&server, "Own", None);
    account(&server, "Other", None);
    let new = NewKey { account: Some(own.id.to_string()), ..named("k") };
    let token = server.create_with(&new).token.expose().to_owned();
    assert_eq!(names(&server.get("/v1/accounts").key(&token).send()), ["Own"]);
    assert_eq!(names(&server.get("/v1/accounts?q=Other").key(&token).send()), [""; 0]);
}
