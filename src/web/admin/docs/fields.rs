//! The fields of a body, out of its schema.

use serde_json::Value;

use crate::web::admin::words::Words;
use crate::web::api::openapi::endpoint::Sent;
use crate::web::api::openapi::schemas;

/// A parameter or a field.
pub(super) struct Field {
    pub(super) name: String,
    /// Where it stands, or whether it must be there.
    pub(super) kind: String,
    pub(super) about: Words,
}

/// The fields that a request may carry, those that it must first.
pub(super) fn of_body(sent: Sent) -> Vec<Field> {
    let (Sent::Json(name) | Sent::Perhaps(name)) = sent else { return Vec::new() };
    let schemas = schemas::all();
    let Some(schema) = schemas.get(name) else { return Vec::new() };
    let is_needed = |name: &str| {
        schema.get("required").and_then(Value::as_array).is_some_and(|names| names.contains(&name.into()))
    };
    let field = |(name, told): (&String, &Value)| Field {
        name: name.clone(),
        kind: if is_needed(name) { "needed" } else { "may be left out" }.to_owned(),
        about: Words::sentence(description(told, &schemas)),
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut fields: Vec<Field> = properties.into_iter().flatten().map(field).collect();
    fields.sort_by_key(|field| field.kind != "needed");
    fields
}

/// A description of its own, or that of the schema to which it refers.
fn description<'a>(told: &'a Value, schemas: &'a serde_json::Map<String, Value>) -> &'a str {
    if let Some(own) = told.get("description").and_then(Value::as_str) {
        return own;
    }
    let first = told.get("anyOf").and_then(|any| any.get(0)).unwrap_or(told);
    let reference = first.get("$ref").and_then(Value::as_str).and_then(|at| at.rsplit('/').next());
    let found = reference.and_then(|name| schemas.get(name)?.get("description")?.as_str());
    found.unwrap_or_default()
}
