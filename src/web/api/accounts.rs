//! `/v1/accounts`: the accounts that the caller's key may see.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::query::Query;
use super::{ListAnswer, json};
use crate::model::account::{AccountFilter, parse_status};
use crate::model::page::{Limit, PageRequest};
use crate::web::auth::ApiKey;
use crate::web::blocking;
use crate::web::context::Context;
use crate::web::problem::Problem;

/// `GET /v1/accounts?q=…&external_id=…&status=…&limit=…&cursor=…`
///
/// # Errors
/// When the key does not hold `platform:read`, or a parameter cannot be read.
pub async fn list(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let key = ApiKey::require(&request, &context, "platform:read")?;
    let (filter, page) = read_query(request.query_string())?;
    let (who, project) = (key.principal(), key.project().clone());
    let page = blocking::run(&context, move |app| app.list_accounts(&who, &project, &filter, &page)).await?;
    json(&ListAnswer { data: page.items, next_cursor: page.next_cursor })
}

fn read_query(text: &str) -> Result<(AccountFilter, PageRequest), Problem> {
    let mut query = Query::parse(text);
    let filter = AccountFilter {
        q: query.one("q")?.map(Into::into),
        external_id: query.one("external_id")?.map(Into::into),
        enabled: query.one("status")?.map(|status| parse_status(&status)).transpose()?,
        only: None,
    };
    let limit = query.one("limit")?.map(|limit| Limit::parse(&limit)).transpose()?;
    let page = PageRequest { limit: limit.unwrap_or_default(), cursor: query.one("cursor")?.map(Into::into) };
    query.finish()?;
    Ok((filter, page))
}
