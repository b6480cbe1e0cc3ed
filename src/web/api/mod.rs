//! The JSON API, for callers with a key.
//!
//! JSON in and out, times RFC 3339 in UTC, ids opaque. What goes wrong is a problem document
//! (`error`). Which addresses there are is `web::routes`'s, what is allowed `app`'s.

pub mod accounts;
pub mod audit;
mod call;
mod conditions;
pub mod error;
pub mod health;
pub mod keys;
mod limits;
pub mod metrics;
pub mod openapi;
pub(super) mod query;
pub mod routes;
pub mod scopes;
pub mod usage;
pub mod verify;

use std::ops::Not;

use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::problem::Problem;
use crate::model::code::Code;
use crate::model::page::{Limit, Page};

/// Most verdicts fit; growing to that in steps costs a verification half a microsecond.
const ANSWER_BYTES: usize = 1024;
const JSON: &str = "application/json";

/// An answer of 200 with this as its JSON body.
fn json<T: Serialize>(value: &T) -> Result<HttpResponse, Problem> {
    json_with(HttpResponse::Ok(), value)
}

/// An answer with this as its JSON body.
fn json_with<T: Serialize>(mut builder: HttpResponseBuilder, value: &T) -> Result<HttpResponse, Problem> {
    Ok(builder.content_type(JSON).body(body(value)?))
}

/// A body of JSON.
fn body<T: Serialize>(value: &T) -> Result<Vec<u8>, Problem> {
    // Nothing that is answered has a map with keys that are no text, so that this cannot fail.
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    serde_json::to_writer(&mut body, value).map_err(|_| Problem::new(Code::Internal, "keysrv failed"))?;
    Ok(body)
}

/// One page of a list.
#[derive(Debug, Serialize)]
struct ListAnswer<T> {
    data: Vec<T>,
    next_cursor: Option<String>,
    /// Told only where it is so: most lists cannot stop early.
    #[serde(skip_serializing_if = "Not::not")]
    stopped_early: bool,
}

/// The answer that shows a page, of which so many rows were asked for.
fn list<T: Serialize>(page: Page<T>, limit: Limit) -> Result<HttpResponse, Problem> {
    let stopped_early = page.has_stopped_early(limit);
    json(&ListAnswer { data: page.items, next_cursor: page.next_cursor, stopped_early })
}
