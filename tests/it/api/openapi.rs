//! The API's document: it is kept as a snapshot, and no address is missing in it.

use std::collections::BTreeSet;

use keysrv::model::code::Code;
use keysrv::web::api::openapi::document;

use super::Server;
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
