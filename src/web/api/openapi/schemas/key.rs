//! Keys, as their holders and their managers see them.

use serde_json::{Map, Value, json};

use super::{nullable, object, reference};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("AccountRef", account_ref()), ("HeldKey", held())]
}

fn account_ref() -> Value {
    object(
        "The account that a key belongs to",
        json!({"id": reference("AccountId"), "external_id": nullable("ExternalId"), "name": reference("AccountName")}),
    )
}

/// What everybody sees who may see a key.
fn shared() -> Map<String, Value> {
    let fields = json!({
        "id": reference("KeyId"),
        "project": reference("ProjectName"),
        "name": reference("KeyName"),
        "prefix": {"type": "string", "description": "What its tokens start with"},
        "scopes": {"type": "array", "items": reference("Scope"), "description": "What it may do"},
        "enabled": {"type": "boolean", "description": "Its own switch"},
        "status": reference("KeyStatus"),
        "account": nullable("AccountRef"),
        "created_at": reference("Time"),
        "expires_at": nullable("Time"),
        "metadata": reference("Metadata"),
    });
    fields.as_object().cloned().unwrap_or_default()
}

fn held() -> Value {
    let mut fields = shared();
    let secret = object(
        "The secret that was presented",
        json!({"created_at": reference("Time"), "ends_at": nullable("Time")}),
    );
    fields.insert("secret".to_owned(), secret);
    object("A key as its holder sees it", Value::Object(fields))
}
