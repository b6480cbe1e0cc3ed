//! Accounts.

use serde_json::{Value, json};

use super::{body, list, nullable, object, reference, with};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Account", account()),
        ("AccountList", list("Account")),
        ("NewAccount", new()),
        ("AccountChange", change()),
    ]
}

fn account() -> Value {
    object(
        "A customer, team or agent that keys are issued to",
        json!({
            "id": reference("AccountId"),
            "project": reference("ProjectName"),
            "name": reference("AccountName"),
            "external_id": nullable("ExternalId"),
            "metadata": reference("Metadata"),
            "enabled": {"type": "boolean", "description": "Whether its keys work"},
            "created_at": reference("Time"),
        }),
    )
}

fn shared() -> Value {
    json!({
        "external_id": nullable("ExternalId"),
        "metadata": nullable("Metadata"),
        "enabled": {"type": ["boolean", "null"], "description": "Whether its keys work"},
    })
}

fn new() -> Value {
    let fields = with(shared(), "name", reference("AccountName"));
    let example = json!([{"name": "Acme GmbH", "external_id": "cust-4711"}]);
    with(body("A new account", &["name"], fields), "examples", example)
}

fn change() -> Value {
    let fields = with(shared(), "name", nullable("AccountName"));
    with(body("What changes about an account", &[], fields), "examples", json!([{"enabled": false}]))
}
