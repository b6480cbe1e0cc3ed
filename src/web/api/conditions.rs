//! Headers that make a request safe to send twice or beside somebody else's: `Idempotency-Key`,
//! `If-Match` and `ETag`.

use actix_web::http::header::{ETAG, HeaderName, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse};

use crate::app::once::Once;
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::once::OnceName;
use crate::model::revision::{Expected, Revision};
use crate::web::problem::Problem;

/// Says that an answer is the one of an earlier request.
pub(super) const IDEMPOTENCY_REPLAYED: &str = "idempotency-replayed";

/// The request as one that is to be done once, if it says so.
///
/// # Errors
/// When the header stands twice or cannot be read.
pub(super) fn once(request: &HttpRequest, body: &[u8]) -> Result<Option<Once>, Problem> {
    let name = HeaderName::from_static("idempotency-key");
    let Some(value) = single(request, &name, OnceName::HEADER)? else { return Ok(None) };
    let name = OnceName::parse(&value)?;
    let mut whole = request.method().as_str().as_bytes().to_vec();
    whole.extend_from_slice(request.path().as_bytes());
    whole.push(0);
    whole.extend_from_slice(body);
    Ok(Some(Once::new(&name, &whole)))
}

/// The states that `If-Match` expects, if it expects any.
///
/// # Errors
/// When the header stands twice or cannot be read.
pub(super) fn expected(request: &HttpRequest) -> Result<Option<Expected>, Problem> {
    let Some(value) = single(request, &IF_MATCH, "If-Match")? else { return Ok(None) };
    Ok(Expected::parse(&value)?)
}

/// The answer with the revision of what it shows.
pub(super) fn tagged(mut response: HttpResponse, revision: &Revision) -> HttpResponse {
    if let Ok(value) = revision.etag().parse() {
        response.headers_mut().insert(ETAG, value);
    }
    response
}

fn single(
    request: &HttpRequest,
    header: &HeaderName,
    field: &'static str,
) -> Result<Option<String>, Problem> {
    let mut values = request.headers().get_all(header);
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::new(Code::BadRequest, format!("`{field}` stands twice")).field(field));
    }
    let text = first.to_str().map_err(|_| Invalid::new(field, "", "has other than ASCII characters"))?;
    Ok(Some(text.to_owned()))
}
