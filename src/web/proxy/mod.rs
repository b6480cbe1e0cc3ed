//! Forward auth: a proxy asks about each request before it hands it to the API behind.
//!
//! One decision and three thin dialects: where the original request stands, with which status one
//! that is allowed is answered, and how a refusal is told. Only a trusted proxy is listened to at
//! all (`trust`); who is let through is told the API in headers, always all of them (`identity`).
//!
//! Asked on every request of somebody's API, so that nothing here waits for another thread or writes.

use actix_web::http::StatusCode;

use super::head::{Lines, text};
use super::hot::{Answered, Asked};
use super::notes::Notes;
use super::problem::Problem;
use super::wanted::Wanted;
use super::{refusal, told, wire};
use crate::app::verify::{Ask, Counting, Routing};
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
    project: &'a str,
    /// What the proxy's own configuration asks for; then the route rules are not asked.
    scopes: &'a [Scope],
    /// The request that the proxy asks about, as far as it says which.
    original: Option<OriginalRequest<'a>>,
}

impl<'a> Question<'a> {
    /// What the address fixes, about a request that two headers describe.
    fn new(wanted: &'a Wanted, lines: Lines<'a>, method: &'static str, target: &'static str) -> Self {
        let original = original(lines, method, target);
        Self { project: &wanted.project, scopes: &wanted.scopes, original }
    }

    fn routing(&self) -> Routing<'a> {
        if self.scopes.is_empty() { Routing::On(self.original) } else { Routing::Off }
    }
}

/// The request that the headers describe, if each of them stands there exactly once.
fn original<'a>(lines: Lines<'a>, method: &'static str, target: &'static str) -> Option<OriginalRequest<'a>> {
    Some(OriginalRequest { method: text(lines.only(method)?)?, target: lines.only(target)? })
}

/// How a dialect lets a request through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowed {
    Ok,
    NoContent,
}

/// Decides, and answers with the identity of who is let through.
fn answer(asked: &mut Asked<'_>, question: &Question<'_>, allowed: Allowed) -> Result<Answered, Problem> {
    let ask = Ask {
        project: Some(question.project),
        scopes: question.scopes,
        ip: asked.client.forwarded_ip(),
        counting: Counting::Use,
        routing: question.routing(),
        ..Ask::new("")
    };
    let verdict = asked.verdict(&ask, Notes::limits)?;
    match &verdict.key {
        Some(key) if verdict.code.is_valid() => {
            let identity = told::identity(key, identity::lines)?;
            Ok(match allowed {
                Allowed::Ok => asked.answer(StatusCode::OK, &[&identity, wire::NO_BODY]),
                Allowed::NoContent => asked.answer(StatusCode::NO_CONTENT, &[&identity, wire::END]),
            })
        }
        _ => Err(refusal::of(verdict)),
    }
}
