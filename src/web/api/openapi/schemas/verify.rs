//! Questions about a token, and verdicts.

use serde_json::{Value, json};

use super::{TOKEN, body, nullable, object, reference, told, with};
use crate::model::limit::COST_MAX;
use crate::model::scope::ScopeSet;

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("Ask", ask()), ("Accepted", accepted()), ("Verdict", verdict()), ("Explanation", explanation())]
}

fn ask() -> Value {
    let fields = json!({
        "token": {"type": "string", "description": "The token, as it was presented"},
        "scopes": {
            "type": ["array", "null"],
            "items": reference("Scope"),
            "maxItems": ScopeSet::MAX,
            "description": "The scopes that the key must hold",
        },
        "ip": {
            "anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}, {"type": "null"}],
            "description": "Where the request came from",
        },
        "project": {
            "type": ["string", "null"],
            "description": "Only keys of this project are accepted; `default` when not given",
        },
        "method": {"type": ["string", "null"], "description": "For route rules: the method of the request"},
        "path": {"type": ["string", "null"], "description": "For route rules: its path"},
        "cost": {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": COST_MAX,
            "description": "How much of the key's limits the request takes; 1 when not given",
        },
    });
    let example = json!({"token": TOKEN, "scopes": ["actions:execute"], "ip": "203.0.113.7"});
    with(body("A question about a token", &["token"], fields), "examples", json!([example]))
}

fn accepted() -> Value {
    object(
        "An accepted key",
        json!({"valid": {"type": "boolean", "const": true}, "code": reference("Code"), "key": reference("HeldKey")}),
    )
}

fn verdict() -> Value {
    let mut verdict = object(
        "The answer about a token",
        json!({
            "valid": {"type": "boolean", "description": "Whether it is good for what was asked"},
            "code": told("Code", "`valid`, or the first check that failed"),
            "key": nullable("HeldKey"),
            "missing_scopes": {"type": "array", "items": reference("Scope"), "description": "The scopes that it lacks"},
        }),
    );
    let retry_after = json!({
        "type": "integer",
        "description": "With `rate_limited` and `quota_exceeded`: after how many seconds the same request fits",
    });
    if let Some(properties) = verdict.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("retry_after".to_owned(), retry_after);
    }
    verdict
}

fn explanation() -> Value {
    let check = json!({
        "type": "object",
        "description": "One check",
        "required": ["code", "passed", "detail"],
        "properties": {
            "code": told("Code", "The verdict that it leads to when it fails"),
            "passed": {"type": "boolean"},
            "detail": {"type": "string", "description": "What it looked at and found"},
            "fix": {"type": "string", "description": "What would make it pass"},
        },
    });
    object(
        "Why a token is good for something, or not",
        json!({
            "valid": {"type": "boolean", "description": "Whether every check passed"},
            "code": told("Code", "What a verification would answer"),
            "checks": {"type": "array", "items": check, "description": "In the order of the verdicts"},
        }),
    )
}
