//! A problem as a program reads it: a problem document (RFC 9457) and the headers that go with it.
//!
//! A verdict that refuses also stands in headers, for clients that a proxy robs of the body.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;

use crate::model::code::Code;
use crate::model::scope::ScopeSet;
use crate::web::headers::RequestId;
use crate::web::problem::Problem;
use crate::web::wire;

/// The type of a problem document.
const PROBLEM_JSON: &str = "application/problem+json";
/// Most fit.
const WORDS_BYTES: usize = 1024;
/// The challenge of every 401 (RFC 7617).
const CHALLENGE: &str = r#"Basic realm="keysrv", charset="UTF-8""#;
/// Carries the true status of an answer that is sent with another.
pub const X_KEYSRV_STATUS: &str = "x-keysrv-status";
/// Carries the code of a verdict that refuses.
pub const X_KEYSRV_CODE: &str = "x-keysrv-code";
/// Carries the scopes that lack, with a space between two, or `-`.
pub const X_KEYSRV_MISSING_SCOPES: &str = "x-keysrv-missing-scopes";

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: Code,
    request_id: &'a str,
    #[serde(skip_serializing_if = "ScopeSet::is_empty")]
    missing_scopes: &'a ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    fix: &'a str,
}

/// The document of a problem, as the body of its answer.
fn document(problem: &Problem, request_id: RequestId) -> String {
    let document = Document {
        r#type: format!("urn:keysrv:error:{}", problem.code),
        title: problem.code.title(),
        status: problem.code.status(),
        detail: &problem.detail,
        code: problem.code,
        request_id: request_id.as_str(),
        missing_scopes: &problem.missing_scopes,
        field: problem.field.as_deref(),
        retry_after: problem.retry_after_seconds,
        fix: problem.fix.as_deref().unwrap_or_else(|| problem.code.fix()),
    };
    serde_json::to_string(&document).unwrap_or_default()
}

/// The answer to a program that the framework sends.
pub fn render(problem: &Problem, request_id: RequestId) -> HttpResponse {
    let mut lines = Vec::new();
    write_lines(&mut lines, problem);
    let mut response =
        HttpResponse::build(problem.status()).content_type(PROBLEM_JSON).body(document(problem, request_id));
    wire::insert_lines(response.headers_mut(), &lines);
    response
}

/// What follows the lines that every answer has, as it goes over the wire.
pub fn words(problem: &Problem, request_id: RequestId) -> Vec<u8> {
    let mut words = Vec::with_capacity(WORDS_BYTES);
    write_lines(&mut words, problem);
    wire::body(&mut words, PROBLEM_JSON, document(problem, request_id).as_bytes());
    words
}

fn write_lines(out: &mut Vec<u8>, problem: &Problem) {
    if problem.status() == StatusCode::UNAUTHORIZED {
        wire::line(out, WWW_AUTHENTICATE.as_str(), CHALLENGE);
    }
    if problem.sent_as.is_some() {
        wire::line(out, X_KEYSRV_STATUS, &problem.code.status().to_string());
    }
    if problem.code.is_verdict() || problem.code == Code::UntrustedProxy {
        let missing = problem.missing_scopes.to_text();
        wire::line(out, X_KEYSRV_CODE, problem.code.as_str());
        wire::line(out, X_KEYSRV_MISSING_SCOPES, if missing.is_empty() { "-" } else { &missing });
    }
    if let Some(seconds) = problem.retry_after_seconds {
        wire::line(out, RETRY_AFTER.as_str(), &seconds.to_string());
    }
    if let Some(allow) = &problem.allow {
        wire::line(out, ALLOW.as_str(), allow);
    }
}
