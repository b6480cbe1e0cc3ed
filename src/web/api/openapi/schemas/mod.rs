//! The shapes of what goes in and out, by name (JSON Schema 2020-12).
//!
//! What goes in is described as strictly as it is read: fields that are not named are refused.
//! What comes out may gain fields.

use serde_json::{Map, Value, json};

mod account;
mod audit;
mod key;
mod key_change;
mod limits;
mod route;
mod scopes;
mod usage;
mod verify;
mod words;

/// Stands in examples for a token.
pub(crate) const TOKEN: &str = "ks_8Qm2LxT0aZr4_…";

/// All shapes.
pub(crate) fn all() -> Map<String, Value> {
    let rooms = [
        words::all(),
        verify::all(),
        key::all(),
        key_change::all(),
        account::all(),
        limits::all(),
        scopes::all(),
        route::all(),
        audit::all(),
        usage::all(),
    ];
    rooms.into_iter().flatten().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// The shape of this name, where it is used.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The same object with one more member.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    object
}

/// The same object with more members.
fn with_all(object: Value, more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    more.into_iter().fold(object, |object, (name, value)| with(object, name, value))
}

/// This shape, or `null`.
fn nullable(name: &str) -> Value {
    json!({"anyOf": [reference(name), {"type": "null"}]})
}

/// This shape with a description of its own.
fn told(name: &str, about: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}"), "description": about})
}

/// An object that comes out: every field is there.
fn object(about: &str, fields: Value) -> Value {
    let names: Vec<String> = fields.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    json!({"type": "object", "description": about, "required": names, "properties": fields})
}

/// An object that goes in: these fields must be there, and none that is not named.
fn body(about: &str, required: &[&str], fields: Value) -> Value {
    json!({
        "type": "object",
        "description": about,
        "required": required,
        "properties": fields,
        "additionalProperties": false,
    })
}

/// The same of a list in which what a filter lets through is searched for.
fn searched_list(of: &str) -> Value {
    let about = "There, and `true`, when the page holds fewer than `limit`, perhaps none, because one page looks \
        at a bounded number of rows: what fits may still come, so go on with `next_cursor`";
    let page = list(of);
    let fields = page.get("properties").cloned().unwrap_or_default();
    let fields = with(fields, "stopped_early", json!({"type": "boolean", "description": about}));
    with(page, "properties", fields)
}

/// A page of a list of this shape.
fn list(of: &str) -> Value {
    object(
        "A page of a list",
        json!({
            "data": {"type": "array", "items": reference(of)},
            "next_cursor": {"type": ["string", "null"], "description": "Where the next page starts; `null` on the last"},
        }),
    )
}
