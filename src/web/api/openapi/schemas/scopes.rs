//! The catalogue of scopes.

use serde_json::{Value, json};

use super::{object, reference};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("Catalogue", catalogue()), ("Resource", resource()), ("Preset", preset())]
}

fn catalogue() -> Value {
    object(
        "What a project offers to grant",
        json!({
            "data": {"type": "array", "items": reference("Resource")},
            "presets": {"type": "array", "items": reference("Preset")},
        }),
    )
}

fn resource() -> Value {
    let scope = object(
        "One action of a resource",
        json!({
            "scope": reference("Scope"),
            "label": {"type": "string"},
            "default": {"type": "boolean", "description": "Whether a new key gets it when nothing is said"},
        }),
    );
    object(
        "A row of the catalogue",
        json!({
            "name": {"type": "string", "description": "The part of a scope before the colon"},
            "label": {"type": "string"},
            "description": {"type": "string"},
            "scopes": {"type": "array", "items": scope},
        }),
    )
}

fn preset() -> Value {
    let scope = object(
        "A scope of a preset",
        json!({"scope": reference("Scope"), "reason": {"type": "string", "description": "Why it is there; may be empty"}}),
    );
    object(
        "A named choice of scopes",
        json!({"name": {"type": "string"}, "label": {"type": "string"}, "scopes": {"type": "array", "items": scope}}),
    )
}
