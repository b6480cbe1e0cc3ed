//! A command to paste for each address. `$KEY` stands for a token and `$ID` for a key or account.

use serde_json::Value;

use crate::web::api::openapi::endpoint::{Endpoint, Needs, Parameter, Place, Sent};
use crate::web::api::openapi::schemas;

/// What somebody asks for whose request a proxy asks about.
const ORDERS: &str = "orders";

/// The command, over several lines.
pub(super) fn command(endpoint: &Endpoint, base_url: &str) -> String {
    let mut words = vec!["curl".to_owned()];
    if endpoint.needs != Needs::Nothing {
        words.push("-u \"$KEY:\"".to_owned());
    }
    if endpoint.method != "GET" {
        words.push(format!("-X {}", endpoint.method));
    }
    let mut lines = vec![words.join(" ")];
    lines.extend(endpoint.parameters.iter().filter_map(header));
    lines.extend(body(endpoint.body));
    lines.push(format!("\"{base_url}{}\"", path(endpoint)));
    lines.join(" \\\n  ")
}

/// What a proxy says about the request that it asks about. Other headers may be left out.
fn header(parameter: &Parameter) -> Option<String> {
    let value = match parameter.name {
        "X-Original-Method" | "X-Forwarded-Method" => "GET".to_owned(),
        "X-Original-URI" | "X-Forwarded-Uri" => ["/", ORDERS].concat(),
        _ => return None,
    };
    Some(format!("-H '{}: {value}'", parameter.name))
}

/// The example of the body's schema, with the token of whoever pastes it.
fn body(sent: Sent) -> Vec<String> {
    let (Sent::Json(name) | Sent::Perhaps(name)) = sent else { return Vec::new() };
    let schemas = schemas::all();
    let example = schemas.get(name).and_then(|schema| schema.get("examples")?.get(0));
    let Some(example) = example.map(Value::to_string) else { return Vec::new() };
    let data = example.replace(schemas::TOKEN, "'\"$KEY\"'");
    vec!["-H 'Content-Type: application/json'".to_owned(), format!("-d '{data}'")]
}

fn path(endpoint: &Endpoint) -> String {
    let values = endpoint.parameters.iter().filter(|parameter| parameter.place == Place::Path);
    let fill = |path: String, parameter: &Parameter| {
        let value = match parameter.schema {
            "ProjectName" => "default",
            "Reference" => "$ID",
            _ => ORDERS,
        };
        path.replace(&format!("{{{}}}", parameter.name), value)
    };
    values.fold(endpoint.path.to_owned(), fill)
}
