//! Headers that make a request safe to send twice or beside somebody else's: `Idempotency-Key`,
//! `If-Match` and `ETag`.

use actix_web::http::header::{ETAG, HeaderName, HeaderValue, IF_MATCH};
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
/// When it cannot be read, or no state can be what it expects.
pub(super) fn expected(request: &HttpRequest) -> Result<Option<Expected>, Problem> {
    // A list may be spread over several lines (RFC 9110 §5.3).
    let lines = request.headers().get_all(&IF_MATCH).map(|value| text(value, Expected::HEADER));
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    if lines.is_empty() {
        return Ok(None);
    }
    match Expected::parse(&lines.join(","))? {
        Some(expected) if expected.is_hopeless() => {
            let detail = "`If-Match` has a weak tag alone, which never fits";
            let fix = "send the `ETag` as it was given, without `W/`; a proxy may have made it weak";
            Err(Problem::new(Code::PreconditionFailed, detail).field(Expected::HEADER).fix(fix))
        }
        expected => Ok(expected),
    }
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
    Ok(Some(text(first, field)?.to_owned()))
}

fn text<'a>(value: &'a HeaderValue, field: &'static str) -> Result<&'a str, Invalid> {
    value.to_str().map_err(|_| Invalid::new(field, "", "has other than ASCII characters"))
}
