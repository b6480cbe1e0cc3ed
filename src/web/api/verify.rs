//! `/v1/verify`, `/v1/explain` and `/v1/whoami`: is this key good for this, why, and whose is it?
//!
//! Asked on every request of somebody's API, so that nothing here waits for another thread,
//! writes, or is traced. `GET` asks about the token that the request itself presents and answers a
//! refusal as an error; `POST` asks about a token in its body and always answers 200.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::query::Query;
use super::{JSON, body, json};
use crate::app::verify::{Ask, Counting, Routing, Verdict, VerifiedKey};
use crate::app::view::{HolderView, VerdictView};
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::limit::COST_MAX;
use crate::model::project::ProjectName;
use crate::model::route::OriginalRequest;
use crate::model::scope::{Scope, ScopeSet};
use crate::web::body::{Json, Object};
use crate::web::context::Context;
use crate::web::hot::{Answered, Asked};
use crate::web::notes::Notes;
use crate::web::problem::Problem;
use crate::web::{auth, blocking, refusal, told, wanted, wire};

#[derive(Serialize)]
struct Accepted<'a> {
    valid: bool,
    code: Code,
    key: HolderView<'a>,
}

/// `GET /v1/verify?scope=…&project=…`
///
/// # Errors
/// The verdict that refuses; when a parameter cannot be read, or nothing can be decided.
pub fn verify(asked: &mut Asked<'_>) -> Result<Answered, Problem> {
    let wanted = wanted::read(asked.head.query)?;
    let (project, scopes, ip) = (&*wanted.project, &wanted.scopes, asked.client.ip());
    let ask = Ask { project: Some(project), scopes, ip, counting: Counting::Use, ..Ask::new("") };
    let verdict = asked.verdict(&ask, Notes::all)?;
    match &verdict.key {
        Some(key) if verdict.code.is_valid() => {
            let told = told::verdict(key, accepted)?;
            Ok(asked.answer(StatusCode::OK, &[&told]))
        }
        _ => Err(refusal::of(verdict)),
    }
}

fn accepted(key: &VerifiedKey) -> Result<Vec<u8>, Problem> {
    let body = body(&Accepted { valid: true, code: Code::Valid, key: HolderView::new(key) })?;
    let mut told = Vec::new();
    wire::body(&mut told, JSON, &body);
    Ok(told)
}

/// `POST /v1/verify`
///
/// # Errors
/// When the body cannot be read, or nothing can be decided; never for a verdict.
pub async fn verify_token(
    request: HttpRequest,
    context: Data<Context>,
    body: Json,
) -> Result<HttpResponse, Problem> {
    Query::parse(request.query_string()).finish()?;
    let asked = Question::read(body.0)?;
    let verdict = context.app.verify(&asked.ask(&request, &context, Counting::Use))?;
    Notes::limits(&verdict).keep(&request);
    json(&VerdictView::new(&verdict))
}

/// `POST /v1/explain`: every check of what `POST /v1/verify` would answer; nothing is counted.
///
/// # Errors
/// When the body cannot be read, or nothing can be decided; never for a verdict.
pub async fn explain_token(
    request: HttpRequest,
    context: Data<Context>,
    body: Json,
) -> Result<HttpResponse, Problem> {
    Query::parse(request.query_string()).finish()?;
    let asked = Question::read(body.0)?;
    json(&context.app.explain(&asked.ask(&request, &context, Counting::Dry))?)
}

/// `GET /v1/whoami`: the key itself, whatever state it is in, to the holder of a live secret.
///
/// # Errors
/// To everybody else, the verdict that refuses.
pub async fn whoami(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    Query::parse(request.query_string()).finish()?;
    let verdict = auth::ask(&request, &context, None, &[], Counting::Dry)?;
    match &verdict.key {
        Some(key) if verdict.code != Code::Rotated => json(&HolderView::new(key)),
        _ => Err(refusal::of(verdict)),
    }
}

/// `DELETE /v1/whoami`: the key deletes itself, whatever state it is in and from any address, so that
/// whoever finds a leaked key can stop it.
///
/// # Errors
/// To who holds no live secret, the verdict that refuses.
pub async fn delete_whoami(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    Query::parse(request.query_string()).finish()?;
    let verdict = auth::ask(&request, &context, None, &[], Counting::Dry)?;
    match verdict.key {
        Some(key) if verdict.code != Code::Rotated => {
            blocking::run(&context, move |app| app.delete_presented(&key)).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        key => Err(refusal::of(Verdict { key, ..verdict })),
    }
}

/// What the body of a `POST` asks.
struct Question {
    token: String,
    scopes: Vec<Scope>,
    ip: Option<IpAddr>,
    project: Option<String>,
    cost: u32,
    request: Option<(String, String)>,
}

impl Question {
    fn read(mut body: Object) -> Result<Self, Problem> {
        let asked = Self {
            token: body.text("token")?,
            scopes: parse_scopes(&body.texts("scopes")?)?,
            ip: body.find_text("ip")?.map(|ip| parse_ip(&ip)).transpose()?,
            project: body.find_text("project")?,
            cost: read_cost(&mut body)?,
            request: read_request(&mut body)?,
        };
        body.finish()?;
        Ok(asked)
    }

    fn ask<'a>(&'a self, request: &HttpRequest, context: &Context, counting: Counting) -> Ask<'a> {
        Ask {
            token: &self.token,
            project: Some(self.project.as_deref().unwrap_or(ProjectName::DEFAULT)),
            scopes: &self.scopes,
            // Without an address in the body, the backend itself is where the request comes from.
            ip: self.ip.or_else(|| context.client(request).ip()),
            counting,
            cost: self.cost,
            routing: match &self.request {
                Some((method, path)) => {
                    Routing::On(Some(OriginalRequest { method, target: path.as_bytes() }))
                }
                None => Routing::Off,
            },
        }
    }
}

/// The request that the route rules are asked about: method and path, or neither.
fn read_request(body: &mut Object) -> Result<Option<(String, String)>, Problem> {
    match (body.find_text("method")?, body.find_text("path")?) {
        (Some(method), Some(path)) => Ok(Some((method, path))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Invalid::new("path", "", "is missing beside `method`").into()),
        (None, Some(_)) => Err(Invalid::new("method", "", "is missing beside `path`").into()),
    }
}

/// How much a verification takes from the key's limits: 1 if nothing is said.
fn read_cost(body: &mut Object) -> Result<u32, Problem> {
    let Some(cost) = body.find_count("cost")? else { return Ok(1) };
    let fits = u32::try_from(cost).ok().filter(|cost| *cost <= COST_MAX);
    fits.ok_or_else(|| {
        let rule = format!("is more than {COST_MAX}, the most that one verification may cost");
        Invalid::new("cost", &cost.to_string(), rule).into()
    })
}

pub(in crate::web) fn parse_scopes(values: &[impl AsRef<str>]) -> Result<Vec<Scope>, Problem> {
    if values.len() > ScopeSet::MAX {
        let rule = format!("are more than the {} that a key may hold", ScopeSet::MAX);
        return Err(Invalid::new("scopes", &values.len().to_string(), rule).into());
    }
    Ok(values.iter().map(|value| Scope::parse(value.as_ref())).collect::<Result<_, _>>()?)
}

fn parse_ip(value: &str) -> Result<IpAddr, Invalid> {
    value.parse().map_err(|_| Invalid::new("ip", value, "is not an IP address"))
}
