//! Counts of use.

use serde_json::{Value, json};

use super::{list, nullable, object, reference, with_all};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("UsageStep", step()), ("UsageCount", count()), ("Usage", usage())]
}

fn step() -> Value {
    json!({"type": "string", "enum": ["hour", "day"]})
}

fn count() -> Value {
    object(
        "How often one verdict was given in one hour or day",
        json!({
            "at": reference("Time"),
            "code": {"type": "string", "description": "The verdict"},
            "count": {"type": "integer", "minimum": 1},
        }),
    )
}

fn usage() -> Value {
    let mut usage = list("UsageCount");
    let more = [
        ("last_used_at", nullable("Time")),
        (
            "last_used_network",
            json!({
                "type": ["string", "null"],
                "description": "The network of the address from where it was last accepted: `/24` of IPv4, `/48` of IPv6",
            }),
        ),
    ];
    if let Some(required) = usage.get_mut("required").and_then(Value::as_array_mut) {
        required.extend(more.iter().map(|(name, _)| Value::from(*name)));
    }
    let fields = usage.get("properties").cloned().unwrap_or_default();
    super::with(usage, "properties", with_all(fields, more))
}
