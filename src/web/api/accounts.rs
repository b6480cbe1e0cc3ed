//! `/v1/accounts`: the accounts that the caller's key may see and manage.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::call::Call;
use super::conditions::{IDEMPOTENCY_REPLAYED, expected, once, tagged};
use super::limits;
use super::query::{Query, page};
use super::{json, json_with};
use crate::app::once::Made;
use crate::app::revision;
use crate::model::account::{
    Account, AccountChange, AccountFilter, AccountName, ExternalId, Metadata, NewAccount, parse_status,
};
use crate::model::page::PageRequest;
use crate::web::body::{Json, Object};
use crate::web::context::Context;
use crate::web::problem::Problem;
use crate::web::routes;

const READ: &str = "platform:read";
const WRITE: &str = "platform:write";
/// How many keys went with an account.
const DELETED_KEYS: &str = "x-keysrv-deleted-keys";

/// `GET /v1/accounts?q=…&external_id=…&status=…&limit=…&cursor=…`
///
/// # Errors
/// When the key does not hold `platform:read`, or a parameter cannot be read.
pub async fn list(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, READ)?;
    let (filter, page) = read_query(request.query_string())?;
    let limit = page.limit;
    let listed = call.run(move |app, who, project| app.list_accounts(who, project, &filter, &page));
    super::list(listed.await?, limit)
}

fn read_query(text: &str) -> Result<(AccountFilter, PageRequest), Problem> {
    let mut query = Query::parse(text);
    let filter = AccountFilter {
        q: query.one("q")?.map(Into::into),
        external_id: query.one("external_id")?.map(Into::into),
        enabled: query.one("status")?.map(|status| parse_status(&status)).transpose()?,
        only: None,
    };
    let page = page(&mut query)?;
    query.finish()?;
    Ok((filter, page))
}

/// `GET /v1/accounts/{id}`
///
/// # Errors
/// When the key does not hold `platform:read`, or there is no such account.
pub async fn get(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, READ)?;
    Query::parse(request.query_string()).finish()?;
    let id = id(&request);
    show(&call.run(move |app, who, project| app.get_account(who, project, &id)).await?)
}

/// `POST /v1/accounts`
///
/// # Errors
/// When the key does not hold `platform:write` or is bound to an account, the external id is taken,
/// or the body breaks a rule.
pub async fn create(
    request: HttpRequest,
    context: Data<Context>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let (object, bytes) = Json::read(&request, &mut payload.into_inner()).await?;
    let new = new_account(object)?;
    let once = once(&request, &bytes)?;
    let made = call.run(move |app, who, project| match &once {
        Some(once) => app.create_account_once(who, project, &new, once),
        None => app.create_account(who, project, &new).map(Made::Now),
    });
    created(&made.await?)
}

/// `PATCH /v1/accounts/{id}`
///
/// # Errors
/// When the key does not hold `platform:write`, or for a switch what the account's keys hold; there
/// is no such account, it is not in the state that `If-Match` names, or the body breaks a rule.
pub async fn change(
    request: HttpRequest,
    context: Data<Context>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let (id, expected) = (id(&request), expected(&request)?);
    let (object, _) = Json::read(&request, &mut payload.into_inner()).await?;
    let change = account_change(object)?;
    let changed =
        call.run(move |app, who, project| app.set_account(who, project, &id, &change, expected.as_ref()));
    show(&changed.await?)
}

/// `DELETE /v1/accounts/{id}`: with all its keys.
///
/// # Errors
/// As [`change`], but for the body.
pub async fn delete(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let (id, expected) = (id(&request), expected(&request)?);
    let deleted = call.run(move |app, who, project| app.delete_account(who, project, &id, expected.as_ref()));
    let n_keys = deleted.await?.n_keys;
    Ok(HttpResponse::NoContent().insert_header((DELETED_KEYS, n_keys)).finish())
}

/// The account that the address names, by its id or external id.
pub(super) fn id(request: &HttpRequest) -> String {
    request.match_info().get("id").unwrap_or_default().to_owned()
}

fn show(account: &Account) -> Result<HttpResponse, Problem> {
    Ok(tagged(json(account)?, &revision::of_account(account)))
}

fn created(made: &Made<Account, Account>) -> Result<HttpResponse, Problem> {
    let mut builder = HttpResponse::build(StatusCode::CREATED);
    let account = match made {
        Made::Now(account) => account,
        Made::Before(account) => {
            builder.insert_header((IDEMPOTENCY_REPLAYED, "true"));
            account
        }
    };
    builder.insert_header((LOCATION, routes::api_account(&account.id)));
    Ok(tagged(json_with(builder, account)?, &revision::of_account(account)))
}

fn new_account(mut body: Object) -> Result<NewAccount, Problem> {
    let new = NewAccount {
        external_id: body.find_text("external_id")?.map(|id| ExternalId::parse(&id)).transpose()?,
        metadata: metadata(&mut body)?.unwrap_or_default(),
        enabled: body.find_bool("enabled")?.unwrap_or(true),
        limits: limits::read(&mut body)?,
        name: AccountName::parse(&body.text("name")?)?,
    };
    body.finish()?;
    Ok(new)
}

fn account_change(mut body: Object) -> Result<AccountChange, Problem> {
    let external_id = body.find_nullable("external_id")?;
    let limits = limits::read(&mut body)?;
    let limits = limits::read_reset(&mut body, limits)?;
    let change = AccountChange {
        name: body.find_text("name")?.map(|name| AccountName::parse(&name)).transpose()?,
        external_id: external_id.map(|id| id.map(|id| ExternalId::parse(&id)).transpose()).transpose()?,
        metadata: metadata(&mut body)?,
        enabled: body.find_bool("enabled")?,
        limits,
    };
    body.finish()?;
    Ok(change)
}

fn metadata(body: &mut Object) -> Result<Option<Metadata>, Problem> {
    Ok(body.find_object("metadata")?.map(Metadata::new).transpose()?)
}
