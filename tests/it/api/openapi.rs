//! The API's document: it is kept as a snapshot, and no address is missing in it.

use std::collections::BTreeSet;
use std::path::Path;

use keysrv::model::code::Code;
use keysrv::web::api::openapi::document;
use serde_json::Value;

use super::Server;
use crate::harness::{Place, Server as Program};
use crate::security::access::registered;

/// Addresses for programs, beside pages and what belongs to them.
const FOR_PROGRAMS: [&str; 6] = ["/v1/", "/auth/", "/healthz", "/readyz", "/metrics", "/openapi.json"];

#[test]
fn the_document_has_every_address_for_programs_and_no_other() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let served: BTreeSet<(String, String)> = registered()
        .into_iter()
        .filter(|(_, path)| FOR_PROGRAMS.iter().any(|start| path.starts_with(start)))
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert!(served.len() > 6, "{served:?}");
    assert_eq!(described, served);
}

#[test]
fn every_parameter_of_a_path_is_described() {
    for (path, methods) in document()["paths"].as_object().unwrap() {
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        for (method, operation) in methods.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap();
            let described = parameters.iter().filter(|parameter| parameter["in"] == "path");
            let described: BTreeSet<&str> =
                described.map(|parameter| parameter["name"].as_str().unwrap()).collect();
            assert_eq!(described, in_path, "{method} {path}");
        }
    }
}

#[test]
fn every_code_has_an_example_and_every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let examples = document["components"]["examples"].as_object().unwrap();
    assert_eq!(examples.len(), Code::all().filter(|code| !code.is_valid()).count());
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[test]
fn what_is_served_is_the_document_and_the_document_is_the_snapshot() {
    let server = Server::start();
    let response = server.get("/openapi.json").send();
    assert_eq!((response.status, response.header("content-type")), (200, Some("application/json")));
    assert_eq!(response.json(), document());
    insta::assert_json_snapshot!(document());
}

/// Every name that a handler takes out of a query or a body.
fn names_read() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/api")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for start in ["query.one(\"", "query.all(\"", "body.text(\"", "body.texts(\"", "body.find_"] {
                for rest in code.split(start).skip(1) {
                    let rest =
                        if start == "body.find_" { rest.split("(\"").nth(1).unwrap_or("") } else { rest };
                    names.insert(rest.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    names
}

#[test]
fn whatever_a_handler_reads_is_described() {
    let document = document();
    let mut described = BTreeSet::new();
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|m| m.as_object().unwrap().values())
    {
        let parameters = operation["parameters"].as_array().unwrap().iter();
        described.extend(parameters.map(|parameter| parameter["name"].as_str().unwrap().to_owned()));
    }
    for schema in document["components"]["schemas"].as_object().unwrap().values() {
        if schema["additionalProperties"] == false {
            described.extend(schema["properties"].as_object().unwrap().keys().cloned());
        }
    }
    let read = names_read();
    assert!(read.len() > 25, "{read:?}");
    let missing: Vec<_> = read.difference(&described).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The names in `value` that the schema does not have, with the way to them.
fn undescribed(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return undescribed(document, document.pointer(&reference[1..]).unwrap(), value, at);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let found = any.iter().map(|schema| undescribed(document, schema, value, at));
        return found.min_by_key(Vec::len).unwrap();
    }
    if let Some(values) = value.as_array() {
        return values.iter().flat_map(|value| undescribed(document, &schema["items"], value, at)).collect();
    }
    let (Some(fields), Some(known)) = (value.as_object(), schema["properties"].as_object()) else {
        // A value, `null`, or an object that holds whatever somebody put there.
        let is_free = schema["type"] == "object" && schema.get("properties").is_none();
        return if value.is_object() && !is_free { vec![at.to_owned()] } else { Vec::new() };
    };
    let look = |(name, value): (&String, &Value)| match known.get(name) {
        Some(schema) => undescribed(document, schema, value, &format!("{at}.{name}")),
        None => vec![format!("{at}.{name}")],
    };
    fields.iter().flat_map(look).collect()
}

#[test]
fn whatever_is_answered_is_described() {
    let place = Place::new();
    let token = place.token_for_everything();
    place.run(&["account", "create", "Acme", "--external-id", "cust-1"]).ok();
    let new = ["create", "k", "--account", "cust-1", "--note", "n", "--expires", "90d"];
    place.run(&new).ok();
    place.run(&["set", "k", "--rate", "5/60", "--quota", "9/day", "--allow-ip", "10.0.0.0/8"]).ok();
    place.run(&["route", "add", "GET", "/x", "actions:execute"]).ok();
    let server = Program::start(&place);
    let document = document();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let answer = &methods["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        if answer.is_null() || path == "/openapi.json" {
            continue;
        }
        let id = if path.contains("accounts") { "cust-1" } else { "k" };
        let response = server.client().get_as(&token, &path.replace("{id}", id));
        assert_eq!(response.status, 200, "{path}: {response:?}");
        found.extend(undescribed(&document, answer, &response.json(), path));
    }
    let asked = serde_json::json!({"token": token, "scopes": ["keys:read"]}).to_string();
    for path in ["/v1/verify", "/v1/explain"] {
        let answer =
            &document["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"];
        found.extend(undescribed(&document, answer, &server.client().post_json(path, &asked).json(), path));
    }
    assert!(found.is_empty(), "{found:?}");
    server.stop();
}
