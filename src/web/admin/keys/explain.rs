//! What would happen to a request with a key, check by check. Nothing is counted.

use askama::Template;

use crate::app::explain::{Check, Explanation, KeyAsk};
use crate::app::verify::Routing;
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::key::{KeyId, KeyRef};
use crate::model::route::OriginalRequest;
use crate::model::scope::{Scope, ScopeSet};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{FieldErrors, Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::admin::words::Words;

/// The form, and what became of it.
#[derive(Template)]
#[template(path = "keys/explain.html")]
pub(crate) struct ExplainPage {
    frame: Frame,
    id: KeyId,
    name: String,
    scopes: String,
    ip: String,
    method: String,
    path: String,
    explanation: Option<Explained>,
    errors: FieldErrors,
}

/// What became of the request.
struct Explained {
    valid: bool,
    code: Code,
    checks: Vec<CheckRow>,
}

/// One check.
struct CheckRow {
    code: Code,
    passed: bool,
    detail: Words,
    /// What to do; empty where nothing is wrong.
    fix: Words,
}

impl Explained {
    fn new(explanation: Explanation) -> Self {
        let row = |check: Check| CheckRow {
            code: check.code,
            passed: check.passed,
            detail: Words::sentence(&check.detail),
            fix: Words::sentence(check.fix.unwrap_or_default()),
        };
        Self {
            valid: explanation.valid,
            code: explanation.code,
            checks: explanation.checks.into_iter().map(row).collect(),
        }
    }
}

/// Explains a key, for the scopes and the address in the query.
pub(crate) fn explain(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project()?, visit.key_id()?);
    let (frame, query) = (visit.frame(Place::Keys, &project)?, visit.query());
    let key = visit.app.get_key(&visit.who(), &project, &KeyRef::from(id))?;
    let mut errors = FieldErrors::default();
    let (scopes, ip) = (errors.take(parse_scopes(&query)), errors.take(parse_ip(&query)));
    let request = errors.take(parse_request(&query));
    let explanation = match (scopes, ip, request) {
        (Some(scopes), Some(ip), Some(request)) => {
            let ask = KeyAsk { scopes: &scopes, ip, routing: Routing::of(request) };
            let explanation = visit.app.explain_key(&visit.who(), &project, &KeyRef::from(id), &ask)?;
            Some(Explained::new(explanation))
        }
        _ => None,
    };
    Answer::page(&ExplainPage {
        frame,
        id,
        name: key.facts.name.to_string(),
        scopes: query.typed("scopes").to_owned(),
        ip: query.typed("ip").to_owned(),
        method: query.typed("method").to_owned(),
        path: query.typed("path").to_owned(),
        explanation,
        errors: errors.beside(&["scopes", "ip", "method", "path"]),
    })
}

/// Method and path, or neither: then the route rules are not asked.
fn parse_request(query: &Fields) -> Result<Option<OriginalRequest<'_>>, Invalid> {
    match (query.filled("method"), query.filled("path")) {
        (Some(method), Some(path)) => Ok(Some(OriginalRequest { method, target: path.as_bytes() })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Invalid::new("path", "", "is missing beside the method")),
        (None, Some(_)) => Err(Invalid::new("method", "", "is missing beside the path")),
    }
}

fn parse_scopes(query: &Fields) -> Result<Vec<Scope>, Invalid> {
    let words = query.get("scopes").split(|c: char| c.is_whitespace() || c == ',');
    let scopes = ScopeSet::parse(words.filter(|word| !word.is_empty()))?;
    Ok(scopes.iter().cloned().collect())
}

fn parse_ip(query: &Fields) -> Result<Option<std::net::IpAddr>, Invalid> {
    let parse = |text: &str| text.parse().map_err(|_| Invalid::new("ip", text, "is not an IP address"));
    query.filled("ip").map(parse).transpose()
}
