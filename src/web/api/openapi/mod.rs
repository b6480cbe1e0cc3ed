//! `/openapi.json`: the whole API as a document (OpenAPI 3.1, <https://spec.openapis.org/oas/v3.1.1>).
//!
//! Put together here from the table of `endpoints`, the schemas, and the one table of codes
//! (`model/code`). Nothing is derived from types: bodies are taken apart field by field
//! (`web/body`), so that there are no types that say what a request may hold; that document and
//! server agree is what schemathesis tests.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use serde_json::{Map, Value, json};

use crate::web::problem::Problem;

pub(crate) mod endpoint;
pub(crate) mod endpoints;
mod errors;
pub(crate) mod schemas;

use endpoint::{Answer, Body, Endpoint, Needs, Parameter, Place, Sent};

const ABOUT: &str = "Issue, verify and manage API keys. JSON in and out, times are RFC 3339 in UTC, ids are \
    opaque. A token is sent as the Basic user name with an empty password, as `Authorization: Bearer`, or as \
    `X-API-Key`. What goes wrong is a problem document (RFC 9457) whose `code` says what and whose `fix` says \
    what to do. A list comes in pages: go on with `next_cursor` until it is `null`, also from a page that is \
    shorter than `limit` or empty (`stopped_early`). Every answer carries `X-Request-Id`. `HEAD` is answered like `GET`, `OPTIONS` with the methods \
    that an address takes.";

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());

/// `GET /openapi.json`
///
/// # Errors
/// Never.
pub async fn openapi() -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str()))
}

/// The document. Addresses in it start where it was fetched from.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "keysrv",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": groups().into_iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
        "paths": paths(),
        "components": {
            "schemas": schemas::all(),
            "examples": errors::examples(),
            "headers": {"X-Request-Id": {
                "description": "Names this request in the server's log",
                "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
            }},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "The token as user name, an empty password"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "The token"},
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The token"},
            },
        },
    })
}

/// The headings, each once, in their order.
pub(crate) fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = endpoints::all().map(|endpoint| endpoint.group).collect();
    groups.dedup();
    groups
}

fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    for endpoint in endpoints::all() {
        let path = paths.entry(endpoint.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(endpoint.method.to_lowercase(), operation(endpoint));
        }
    }
    paths
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), json!(endpoint.id));
    operation.insert("tags".to_owned(), json!([endpoint.group]));
    operation.insert("summary".to_owned(), json!(endpoint.summary));
    operation.insert("description".to_owned(), json!(description(endpoint)));
    operation.insert("security".to_owned(), security(endpoint.needs));
    let parameters: Vec<Value> = endpoint.parameters.iter().map(parameter).collect();
    operation.insert("parameters".to_owned(), json!(parameters));
    if let Sent::Json(schema) | Sent::Perhaps(schema) = endpoint.body {
        let content = json!({"application/json": {"schema": schemas::reference(schema)}});
        let is_needed = matches!(endpoint.body, Sent::Json(_));
        operation.insert("requestBody".to_owned(), json!({"required": is_needed, "content": content}));
    }
    let mut responses = Map::new();
    responses.insert(endpoint.answer.status.to_string(), answer(&endpoint.answer));
    responses.extend(errors::responses(endpoint));
    operation.insert("responses".to_owned(), json!(responses));
    Value::Object(operation)
}

/// What there is to know, with the scope that is needed.
fn description(endpoint: &Endpoint) -> String {
    let needs = match endpoint.needs {
        Needs::Scope(scope) => format!("Needs a key with the scope `{scope}`."),
        Needs::Key => "Needs a valid key.".to_owned(),
        Needs::RealKey => "Needs a key, in whatever state.".to_owned(),
        Needs::Nothing => "Needs no key.".to_owned(),
    };
    [needs.as_str(), endpoint.about].join(" ").trim_end().to_owned()
}

/// Any of the three ways to send a token. Scopes are roles here (OpenAPI 3.1, Security Requirement).
fn security(needs: Needs) -> Value {
    let roles: &[&str] = match needs {
        Needs::Nothing => return json!([]),
        Needs::RealKey | Needs::Key => &[],
        Needs::Scope(scope) => &[scope],
    };
    json!([{"basic": roles}, {"bearer": roles}, {"header": roles}])
}

fn parameter(parameter: &Parameter) -> Value {
    let (place, is_needed) = match parameter.place {
        Place::Path => ("path", true),
        Place::Query | Place::QueryList => ("query", false),
        Place::Header => ("header", false),
    };
    let one = schemas::reference(parameter.schema);
    let schema = if parameter.place == Place::QueryList {
        json!({"type": "array", "items": one, "maxItems": crate::model::scope::ScopeSet::MAX})
    } else {
        one
    };
    json!({
        "name": parameter.name,
        "in": place,
        "required": is_needed,
        "description": parameter.about,
        "schema": schema,
    })
}

fn answer(answer: &Answer) -> Value {
    let mut headers = errors::headers();
    for (name, about) in answer.headers {
        headers.insert((*name).to_owned(), json!({"description": about, "schema": {"type": "string"}}));
    }
    let mut response = json!({"description": answer.about, "headers": headers});
    let content = match answer.body {
        Body::Nothing => return response,
        Body::Json(schema) => json!({"application/json": {"schema": schemas::reference(schema)}}),
        Body::Text(media_type) => json!({media_type: {"schema": {"type": "string"}}}),
    };
    if let Some(response) = response.as_object_mut() {
        response.insert("content".to_owned(), content);
    }
    response
}
