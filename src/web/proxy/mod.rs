//! Forward auth: a proxy asks about each request before it hands it to the API behind.
//!
//! One decision and three thin dialects: where the original request stands, with which status one
//! that is allowed is answered, and how a refusal is told. Only a trusted proxy is listened to at
//! all (`trust`); who is let through is told the API in headers, always all of them (`identity`).
//!
//! Asked on every request of somebody's API, so that nothing here waits for another thread or writes.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::{HttpRequest, HttpResponse};

use super::api::query::Query;
use super::api::verify::parse_scopes;
use super::context::Context;
use super::problem::Problem;
use super::{credentials, limits, refusal};
use crate::app::verify::{Ask, Counting, Routing};
use crate::model::project::ProjectName;
use crate::model::route::OriginalRequest;
use crate::model::scope::Scope;

pub mod envoy;
pub mod forward;
mod identity;
pub mod nginx;
mod trust;

pub use trust::Strangers;

/// What a dialect says about one request.
struct Question<'a> {
    /// Only keys of this project are accepted.
    project: Cow<'a, str>,
    /// What the proxy's own configuration asks for; then the route rules are not asked.
    scopes: Vec<Scope>,
    /// The request that the proxy asks about, as far as it says which.
    original: Option<OriginalRequest<'a>>,
}

impl<'a> Question<'a> {
    /// What `?project=…&scope=…` fix, about a request that two headers describe.
    fn read(request: &'a HttpRequest, method: &HeaderName, target: &HeaderName) -> Result<Self, Problem> {
        let mut query = Query::parse(request.query_string());
        let scopes = parse_scopes(&query.all("scope"))?;
        let project = query.one("project")?.unwrap_or(Cow::Borrowed(ProjectName::DEFAULT));
        query.finish()?;
        Ok(Self { project, scopes, original: original(request.headers(), method, target) })
    }

    fn routing(&self) -> Routing<'a> {
        if self.scopes.is_empty() { Routing::On(self.original) } else { Routing::Off }
    }
}

/// The request that the headers describe, if each of them stands there exactly once.
fn original<'a>(
    headers: &'a HeaderMap,
    method: &HeaderName,
    target: &HeaderName,
) -> Option<OriginalRequest<'a>> {
    let only = |name: &HeaderName| {
        let mut values = headers.get_all(name);
        values.next().filter(|_| values.next().is_none())
    };
    Some(OriginalRequest { method: only(method)?.to_str().ok()?, target: only(target)?.as_bytes() })
}

/// Decides, and answers with the identity of who is let through.
fn answer(
    request: &HttpRequest,
    context: &Context,
    question: &Question<'_>,
    allowed: StatusCode,
) -> Result<HttpResponse, Problem> {
    let token = credentials::read_token(request.headers()).map_err(|code| {
        context.app.note_unread(code);
        refusal::of_code(code)
    })?;
    let ask = Ask {
        project: Some(&question.project),
        scopes: &question.scopes,
        ip: context.client(request).forwarded_ip(),
        counting: Counting::Use,
        routing: question.routing(),
        ..Ask::new(&token)
    };
    let verdict = context.app.verify(&ask)?;
    limits::note(request, &verdict);
    match &verdict.key {
        Some(key) if verdict.code.is_valid() => {
            let mut response = HttpResponse::new(allowed);
            identity::tell(response.headers_mut(), key)?;
            Ok(response)
        }
        _ => Err(refusal::of(verdict)),
    }
}
