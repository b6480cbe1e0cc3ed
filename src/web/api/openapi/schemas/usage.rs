//! Counts of use.

use serde_json::{Value, json};

use super::{list, nullable, object, reference, with_all};
use crate::model::limit::Watched;

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("UsageStep", step()),
        ("UsageCount", count()),
        ("Usage", usage()),
        ("AccountUsage", account_usage()),
        ("WouldRefuse", would_refuse()),
    ]
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

fn would_refuse() -> Value {
    object(
        "How many requests a limit that is only watched would have refused",
        json!({
            "code": {"type": "string", "enum": Watched::ALL, "description": "The limit; those that start with `account_` are shared by an account's keys"},
            "count": {"type": "integer", "minimum": 1},
        }),
    )
}

fn would_refuse_list() -> (&'static str, Value) {
    let about =
        "What limits that are only watched would have refused in the whole range, not only on this page";
    ("would_refuse", json!({"type": "array", "description": about, "items": reference("WouldRefuse")}))
}

fn usage() -> Value {
    let network = json!({
        "type": ["string", "null"],
        "description": "The network of the address from where it was last accepted: `/24` of IPv4, `/48` of IPv6",
    });
    counts_with([("last_used_at", nullable("Time")), ("last_used_network", network), would_refuse_list()])
}

fn account_usage() -> Value {
    counts_with([would_refuse_list()])
}

fn counts_with<const N: usize>(more: [(&'static str, Value); N]) -> Value {
    let mut usage = list("UsageCount");
    if let Some(required) = usage.get_mut("required").and_then(Value::as_array_mut) {
        required.extend(more.iter().map(|(name, _)| Value::from(*name)));
    }
    let fields = usage.get("properties").cloned().unwrap_or_default();
    super::with(usage, "properties", with_all(fields, more))
}
