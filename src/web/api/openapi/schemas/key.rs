//! Keys, as their holders and their managers see them.

use serde_json::{Map, Value, json};

use super::{limits, nullable, object, reference, searched_list, told, with_all};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("AccountRef", account_ref()),
        ("HeldKey", held()),
        ("Actor", actor()),
        ("Secret", secret()),
        ("Key", managed()),
        ("KeyList", searched_list("Key")),
        ("CreatedKey", created()),
    ]
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

fn actor() -> Value {
    object(
        "Who did something",
        json!({"kind": reference("ActorKind"), "id": {"type": "string"}, "name": {"type": "string"}}),
    )
}

fn secret() -> Value {
    object(
        "A secret of a key",
        json!({
            "created_at": reference("Time"),
            "ends_at": nullable("Time"),
            "last_used_at": nullable("Time"),
            "last_seen_at": nullable("Time"),
            "last_seen_ip": {"type": ["string", "null"]},
            "seen_since_rotation": {"type": ["integer", "null"], "description": "How many requests presented it since the rotation; counted while two are live"},
            "safe_to_end": {"type": ["boolean", "null"], "description": "Of the old one: whether it was not seen for long enough"},
            "ends_when_quiet_for_seconds": {"type": ["integer", "null"], "description": "Of the old one: it ends by itself once it was not seen for so long"},
        }),
    )
}

fn managed() -> Value {
    let mut fields = shared();
    let more = json!({
        "note": nullable("Note"),
        "disabled_reason": {"anyOf": [reference("Note"), {"type": "null"}], "description": "Why it is switched off"},
        "unused_off_at": {"anyOf": [reference("Time"), {"type": "null"}], "description": "When it is switched off unless somebody uses it"},
        "created_by": reference("Actor"),
        "last_used_at": nullable("Time"),
        "last_used_ip": {"type": ["string", "null"]},
        "last_refused_at": nullable("Time"),
        "last_refused_code": nullable("Code"),
        "allowed_ips": {"type": "array", "items": reference("Network"), "description": "Where it may be used from; empty for anywhere"},
        "allowed_ips_mode": reference("Mode"),
        "secrets": {"type": "array", "items": reference("Secret")},
    });
    fields.extend(with_all(more, limits::shown()).as_object().cloned().unwrap_or_default());
    object("A key as its manager sees it", Value::Object(fields))
}

fn created() -> Value {
    json!({
        "type": "object",
        "description": "A key that was made or rotated",
        "required": ["key", "token"],
        "properties": {
            "key": told("Key", "The key"),
            "token": {
                "type": ["string", "null"],
                "description": "Shown this once; `null` when the request was done before under its `Idempotency-Key`",
            },
            "detail": {"type": "string", "description": "Why there is no token"},
        },
    })
}
