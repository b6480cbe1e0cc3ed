//! Events of the audit log.

use serde_json::{Value, json};

use super::{object, reference, searched_list};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("AuditEvent", event()), ("AuditList", searched_list("AuditEvent"))]
}

fn event() -> Value {
    let target = object(
        "What it was done to",
        json!({"kind": {"type": "string"}, "id": {"type": "string"}, "name": {"type": "string", "description": "Its name at that time"}}),
    );
    object(
        "One change",
        json!({
            "n": {"type": "integer", "description": "Its number"},
            "at": reference("Time"),
            "project": {"type": ["string", "null"]},
            "actor": reference("Actor"),
            "action": {"type": "string", "description": "What was done, such as `key.disabled`"},
            "target": target,
            "detail": {"type": "object", "description": "What changed"},
        }),
    )
}
