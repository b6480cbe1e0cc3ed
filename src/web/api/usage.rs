//! `/v1/keys/{id}/usage`: how often a key was presented, under which verdict, and from where last;
//! `/v1/accounts/{id}/usage`: the same for the keys of an account together.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use ipnet::IpNet;
use jiff::Timestamp;
use serde::Serialize;

use super::accounts::id as account_id;
use super::call::Call;
use super::json;
use super::keys::reference;
use super::query::{Query, page};
use crate::model::limit::WatchedTotal;
use crate::model::page::PageRequest;
use crate::model::usage::{UsageCount, UsageRange, UsageStep};
use crate::web::context::Context;
use crate::web::problem::Problem;

#[derive(Serialize)]
struct Answer {
    data: Vec<UsageCount>,
    next_cursor: Option<String>,
    last_used_at: Option<Timestamp>,
    last_used_network: Option<IpNet>,
    would_refuse: Vec<WatchedTotal>,
}

#[derive(Serialize)]
struct AccountAnswer {
    data: Vec<UsageCount>,
    next_cursor: Option<String>,
    would_refuse: Vec<WatchedTotal>,
}

/// `GET /v1/keys/{id}/usage?by=hour|day&from=…&to=…&limit=…&cursor=…`, oldest first.
///
/// # Errors
/// When the key does not hold `keys:read`, there is no such key, or a parameter cannot be read.
pub async fn list(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, "keys:read")?;
    let id = reference(&request)?;
    let (range, page) = read_query(request.query_string(), context.app.now())?;
    let usage = call.run(move |app, who, project| app.key_usage(who, project, &id, &range, &page)).await?;
    json(&Answer {
        data: usage.counts.items,
        next_cursor: usage.counts.next_cursor,
        last_used_at: usage.last_used_at,
        last_used_network: usage.last_used_network,
        would_refuse: usage.would_refuse,
    })
}

/// `GET /v1/accounts/{id}/usage?by=hour|day&from=…&to=…&limit=…&cursor=…`, oldest first.
///
/// # Errors
/// When the key does not hold `platform:read` and `keys:read`, there is no such account, or a parameter
/// cannot be read.
pub async fn list_of_account(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, "platform:read")?;
    let id = account_id(&request);
    let (range, page) = read_query(request.query_string(), context.app.now())?;
    let usage =
        call.run(move |app, who, project| app.account_usage(who, project, &id, &range, &page)).await?;
    json(&AccountAnswer {
        data: usage.counts.items,
        next_cursor: usage.counts.next_cursor,
        would_refuse: usage.would_refuse,
    })
}

fn read_query(text: &str, now: Timestamp) -> Result<(UsageRange, PageRequest), Problem> {
    let mut query = Query::parse(text);
    let step = query.one("by")?.map(|by| UsageStep::parse(&by)).transpose()?.unwrap_or_default();
    let from = query.instant("from")?;
    let to = query.instant("to")?;
    let page = page(&mut query)?;
    query.finish()?;
    Ok((UsageRange::new(step, from, to, now)?, page))
}
