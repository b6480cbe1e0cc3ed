//! `/v1/keys`: the keys that the caller's key may manage.
//!
//! A caller manages only what its key could be; that is `app`'s to decide. Bodies are read in `body`.

mod body;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use super::call::Call;
use super::conditions::{IDEMPOTENCY_REPLAYED, expected, once, tagged};
use super::json;
use super::query::{Query, page};
use crate::app::keys_create::CreatedKey;
use crate::app::once::Made;
use crate::app::revision;
use crate::app::view::{CreatedView, ManagerView};
use crate::model::expiry::Span;
use crate::model::key::{Key, KeyFilter, KeyOrder, KeyRef, KeyStatus};
use crate::model::page::{Page, PageRequest};
use crate::model::scope::Scope;
use crate::web::body::Json;
use crate::web::context::Context;
use crate::web::problem::Problem;
use crate::web::routes;

const READ: &str = "keys:read";
const WRITE: &str = "keys:write";

/// `GET /v1/keys?q=…&status=…&scope=…&account_id=…&unused_for=…&expires_within=…&sort=…&limit=…&cursor=…`
///
/// # Errors
/// When the key does not hold `keys:read`, or a parameter cannot be read.
pub async fn list(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, READ)?;
    let now = context.app.now();
    let (filter, page) = read_query(request.query_string(), now)?;
    let limit = page.limit;
    let found = call.run(move |app, who, project| app.list_keys(who, project, &filter, &page)).await?;
    let items = found.items.iter().map(|key| ManagerView::new(key, now)).collect();
    super::list(Page { items, next_cursor: found.next_cursor }, limit)
}

fn read_query(text: &str, now: jiff::Timestamp) -> Result<(KeyFilter, PageRequest), Problem> {
    let mut query = Query::parse(text);
    let unused_for = query.one("unused_for")?.map(|span| Span::parse("unused_for", &span)).transpose()?;
    let within = query.one("expires_within")?.map(|span| Span::parse("expires_within", &span)).transpose()?;
    let filter = KeyFilter {
        expires_by: within.map(|span| span.after(now)),
        never_ends: false,
        q: query.one("q")?.map(Into::into),
        status: query.one("status")?.map(|status| KeyStatus::parse(&status)).transpose()?,
        scope: query.one("scope")?.map(|scope| Scope::parse(&scope)).transpose()?,
        account: query.one("account_id")?.map(Into::into),
        unused_since: unused_for.map(|span| span.before(now)),
        order: query.one("sort")?.map(|order| KeyOrder::parse(&order)).transpose()?.unwrap_or_default(),
        ..KeyFilter::default()
    };
    let page = page(&mut query)?;
    query.finish()?;
    Ok((filter, page))
}

/// `GET /v1/keys/{id}`
///
/// # Errors
/// When the key does not hold `keys:read`, or there is no such key.
pub async fn get(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, READ)?;
    Query::parse(request.query_string()).finish()?;
    let id = reference(&request)?;
    let key = call.run(move |app, who, project| app.get_key(who, project, &id)).await?;
    show(&key, &context)
}

/// `POST /v1/keys`
///
/// # Errors
/// When the key does not hold `keys:write` or what the new one would get, or the body breaks a rule.
pub async fn create(
    request: HttpRequest,
    context: Data<Context>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let (object, bytes) = Json::read(&request, &mut payload.into_inner()).await?;
    let new = body::new_key(object)?;
    let once = once(&request, &bytes)?;
    let made = call.change(move |app, who, project| match &once {
        Some(once) => app.create_key_once(who, project, &new, once),
        None => app.create_key(who, project, &new).map(Made::Now),
    });
    shown_once(&made.await?, StatusCode::CREATED, &context)
}

/// `PATCH /v1/keys/{id}`
///
/// # Errors
/// When the key does not hold `keys:write` and what that one has and would get, there is no such
/// key, it is not in the state that `If-Match` names, or the body breaks a rule.
pub async fn change(
    request: HttpRequest,
    context: Data<Context>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let id = reference(&request)?.expecting(expected(&request)?);
    let (object, _) = Json::read(&request, &mut payload.into_inner()).await?;
    let change = body::key_change(object)?;
    let key = call.run(move |app, who, project| app.set_key(who, project, &id, &change)).await?;
    show(&key, &context)
}

/// `DELETE /v1/keys/{id}`
///
/// # Errors
/// As [`change`], but for the body.
pub async fn delete(
    request: HttpRequest,
    context: Data<Context>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let id = reference(&request)?.expecting(expected(&request)?);
    let (object, _) = Json::read_optional(&request, &mut payload.into_inner()).await?;
    let reason = body::reason(object)?;
    call.change(move |app, who, project| app.delete_key(who, project, &id, reason.as_ref())).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /v1/keys/{id}/rotate`
///
/// # Errors
/// As [`change`], and when the key has expired.
pub async fn rotate(
    request: HttpRequest,
    context: Data<Context>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let id = reference(&request)?.expecting(expected(&request)?);
    let (object, bytes) = Json::read_optional(&request, &mut payload.into_inner()).await?;
    let rotation = body::rotation(object)?;
    let once = once(&request, &bytes)?;
    let made = call.run(move |app, who, project| match &once {
        Some(once) => app.rotate_key_once(who, project, &id, rotation, once),
        None => app.rotate_key(who, project, &id, rotation).map(Made::Now),
    });
    shown_once(&made.await?, StatusCode::OK, &context)
}

/// `POST /v1/keys/{id}/rotate/end`: ends the old secret before its time.
///
/// # Errors
/// As [`change`], and when there is no old secret.
pub async fn end_old_secret(request: HttpRequest, context: Data<Context>) -> Result<HttpResponse, Problem> {
    let call = Call::by(&request, &context, WRITE)?;
    Query::parse(request.query_string()).finish()?;
    let id = reference(&request)?.expecting(expected(&request)?);
    let once = once(&request, &[])?;
    let ended = call.run(move |app, who, project| match &once {
        Some(once) => app.end_old_secret_once(who, project, &id, once),
        None => app.end_old_secret(who, project, &id).map(Made::Now),
    });
    match ended.await? {
        Made::Now(key) => show(&key, &context),
        Made::Before(key) => {
            let mut response = show(&key, &context)?;
            let replayed = HeaderName::from_static(IDEMPOTENCY_REPLAYED);
            response.headers_mut().insert(replayed, HeaderValue::from_static("true"));
            Ok(response)
        }
    }
}

/// The key that the address names, by its id or visible start.
pub(super) fn reference(request: &HttpRequest) -> Result<KeyRef, Problem> {
    Ok(KeyRef::parse(request.match_info().get("id").unwrap_or_default())?)
}

fn show(key: &Key, context: &Context) -> Result<HttpResponse, Problem> {
    let response = json(&ManagerView::new(key, context.app.now()))?;
    Ok(tagged(response, &revision::of_key(key)))
}

/// The answer that shows a token, or says that an earlier one did.
fn shown_once(
    made: &Made<CreatedKey, Key>,
    status: StatusCode,
    context: &Context,
) -> Result<HttpResponse, Problem> {
    let now = context.app.now();
    let (key, view) = match made {
        Made::Now(created) => (&created.key, CreatedView::new(&created.key, &created.token, now)),
        Made::Before(key) => (key, CreatedView::repeated(key, now)),
    };
    let mut builder = HttpResponse::build(status);
    if status == StatusCode::CREATED {
        builder.insert_header((LOCATION, routes::api_key(&key.facts.id)));
    }
    if matches!(made, Made::Before(_)) {
        builder.insert_header((IDEMPOTENCY_REPLAYED, "true"));
    }
    Ok(tagged(super::json_with(builder, &view)?, &revision::of_key(key)))
}
