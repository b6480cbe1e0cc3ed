//! What a new key is made of, and what may change about one.

use serde_json::{Value, json};

use super::{body, limits, nullable, reference, with, with_all};
use crate::model::limit::ADDRESSES_MAX;
use crate::model::scope::ScopeSet;

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("NewKey", new_key()), ("KeyChange", key_change()), ("Reason", reason()), ("Rotation", rotation())]
}

/// What both may say.
fn shared() -> Value {
    let fields = json!({
        "scopes": {
            "type": ["array", "null"],
            "items": reference("Scope"),
            "maxItems": ScopeSet::MAX,
            "description": "Exactly these",
        },
        "note": nullable("Note"),
        "account_id": {"type": ["string", "null"], "description": "Who it is issued to: an account's id or external id"},
        "expires_at": {"anyOf": [reference("Time"), {"type": "null"}], "description": "From when on it is refused; later than now. `null` is never; a new key without it lives as long as the project allows"},
        "metadata": nullable("Metadata"),
        "allowed_ips": {
            "type": ["array", "null"],
            "items": reference("Network"),
            "maxItems": ADDRESSES_MAX,
            "description": "Where it may be used from; empty for anywhere",
        },
        "allowed_ips_mode": nullable("Mode"),
    });
    with_all(fields, limits::set())
}

fn new_key() -> Value {
    let fields = with(shared(), "name", reference("KeyName"));
    let example = json!({"name": "ci", "scopes": ["actions:execute"], "expires_at": "2099-01-01T00:00:00Z"});
    with(body("A new key", &["name"], fields), "examples", json!([example]))
}

fn key_change() -> Value {
    let switch = json!({"type": ["boolean", "null"], "description": "Whether it works"});
    let fields = with_all(shared(), [("enabled", switch), ("reason", why()), limits::reset()]);
    let example = json!({"enabled": false, "reason": "Found in a public repository"});
    with(body("What changes about a key", &[], fields), "examples", json!([example]))
}

fn why() -> Value {
    json!({"anyOf": [reference("Note"), {"type": "null"}], "description": "Why, for the audit log"})
}

fn reason() -> Value {
    body("Why something is done", &[], json!({"reason": why()}))
}

fn rotation() -> Value {
    let overlap = json!({
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": 100_i64 * 366 * 86_400,
        "description": "How long the secret before stays good; not at all when it is not given",
    });
    let quiet = json!({
        "type": ["integer", "null"],
        "minimum": 60,
        "maximum": 100_i64 * 366 * 86_400,
        "description": "The secret before ends sooner, once it was not seen for so long; only with an overlap",
    });
    let example = json!({"overlap_seconds": 86_400});
    let fields = json!({"overlap_seconds": overlap, "end_when_quiet_seconds": quiet});
    with(body("How a key is rotated", &[], fields), "examples", json!([example]))
}
