//! Accounts.

use serde_json::{Value, json};

use super::{list, nullable, object, reference};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("Account", account()), ("AccountList", list("Account"))]
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
