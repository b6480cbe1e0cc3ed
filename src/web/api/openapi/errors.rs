//! What can go wrong, as the document tells it: one response a status, one example a code.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::endpoint::Endpoint;
use super::schemas;
use crate::model::code::Code;

/// The headers of every answer.
pub(super) fn headers() -> Map<String, Value> {
    Map::from_iter([("X-Request-Id".to_owned(), json!({"$ref": "#/components/headers/X-Request-Id"}))])
}

/// A problem of each code, as an example.
pub(super) fn examples() -> Map<String, Value> {
    let codes = Code::all().filter(|code| !code.is_valid());
    codes.map(|code| (code.to_string(), json!({"summary": code.title(), "value": example(code)}))).collect()
}

fn example(code: Code) -> Value {
    let mut value = json!({
        "type": format!("urn:keysrv:error:{code}"),
        "title": code.title(),
        "status": code.status(),
        "detail": code.title(),
        "code": code,
        "request_id": "0123456789abcdef",
        "fix": code.fix(),
    });
    let more = match code {
        Code::InsufficientScope => Some(("missing_scopes", json!(["keys:write"]))),
        Code::RateLimited | Code::QuotaExceeded | Code::TooManyAttempts => Some(("retry_after", json!(30))),
        Code::InvalidValue | Code::ContainsToken | Code::NameImmutable | Code::Taken => {
            Some(("field", json!("name")))
        }
        _ => None,
    };
    if let (Some(value), Some((name, more))) = (value.as_object_mut(), more) {
        value.insert(name.to_owned(), more);
    }
    value
}

/// One response for each status with which the endpoint can refuse.
pub(super) fn responses(endpoint: &Endpoint) -> Map<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in endpoint.codes() {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), response(status, &codes))).collect()
}

fn response(status: u16, codes: &[Code]) -> Value {
    let text = |text: &str| json!({"description": text, "schema": {"type": "string"}});
    let mut headers = headers();
    if status == 401 {
        headers.insert("WWW-Authenticate".to_owned(), text("How to send a token"));
    }
    if status == 429 {
        let about = "After how many seconds another try may succeed";
        let schema = json!({"type": "integer", "minimum": 0});
        headers.insert("Retry-After".to_owned(), json!({"description": about, "schema": schema}));
    }
    if codes.iter().any(|code| code.is_verdict()) {
        headers.insert("X-Keysrv-Code".to_owned(), text("The code of a verdict that refuses"));
        let about = "The scopes that the key lacks, with a space between two, or `-`";
        headers.insert("X-Keysrv-Missing-Scopes".to_owned(), text(about));
    }
    let example = |code: &Code| {
        let at = format!("#/components/examples/{code}");
        (code.to_string(), json!({"$ref": at}))
    };
    let titles: Vec<String> = codes.iter().map(|code| format!("`{code}`: {}", code.title())).collect();
    json!({
        "description": titles.join(". "),
        "headers": headers,
        "content": {"application/problem+json": {
            "schema": schemas::reference("Problem"),
            "examples": codes.iter().map(example).collect::<Map<_, _>>(),
        }},
    })
}
