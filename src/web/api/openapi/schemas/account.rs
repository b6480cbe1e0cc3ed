//! Accounts.

use serde_json::{Value, json};

use super::{body, limits, nullable, object, reference, searched_list, with, with_all};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Account", account()),
        ("AccountList", searched_list("Account")),
        ("NewAccount", new()),
        ("AccountChange", change()),
    ]
}

fn account() -> Value {
    let fields = json!({
        "id": reference("AccountId"),
        "project": reference("ProjectName"),
        "name": reference("AccountName"),
        "external_id": nullable("ExternalId"),
        "metadata": reference("Metadata"),
        "enabled": {"type": "boolean", "description": "Whether its keys work"},
        "created_at": reference("Time"),
        "n_keys": {"type": "integer", "minimum": 0, "description": "How many keys it has"},
    });
    object("A customer, team or agent that keys are issued to", with_all(fields, limits::shown()))
}

fn shared() -> Value {
    let fields = json!({
        "external_id": nullable("ExternalId"),
        "metadata": nullable("Metadata"),
        "enabled": {"type": ["boolean", "null"], "description": "Whether its keys work"},
    });
    with_all(fields, limits::set())
}

fn new() -> Value {
    let fields = with(shared(), "name", reference("AccountName"));
    let example = json!([{"name": "Acme GmbH", "external_id": "cust-4711"}]);
    with(body("A new account", &["name"], fields), "examples", example)
}

fn change() -> Value {
    let fields = with_all(shared(), [("name", nullable("AccountName")), limits::reset()]);
    with(body("What changes about an account", &[], fields), "examples", json!([{"enabled": false}]))
}
