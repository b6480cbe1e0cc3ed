//! Bodies: read whole within ten seconds and 64 KiB, then as strictly as they were written.
//!
//! actix itself waits for a body for ever. JSON is read into [`Object`] (`object`), from which a
//! handler takes the fields that it knows; a form is handed on as bytes.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, rt};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;

use super::connection::Watch;
use super::problem::Problem;
use crate::model::code::Code;

mod object;
mod strict;

pub use object::Object;
pub(super) use object::{repeatable, whole};

/// The most bytes of a body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A body of `application/json` that is one object.
#[derive(Debug)]
pub struct Json(pub Object);

/// A body of `application/x-www-form-urlencoded`, still as it was sent.
#[derive(Debug)]
pub struct Form(pub Bytes);

impl FromRequest for Json {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read(request, payload, "application/json");
        Box::pin(async move { Ok(Self(Object::parse(&body.await?)?)) })
    }
}

impl Json {
    /// Reads a body after its caller has been let in, so that nobody else's is read at all.
    ///
    /// # Errors
    /// As the extractor.
    pub async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<(Object, Bytes), Problem> {
        let bytes = read(request, payload, "application/json").await?;
        Ok((Object::parse(&bytes)?, bytes))
    }

    /// The same where a request may come without a body; then there are no fields.
    ///
    /// # Errors
    /// As the extractor.
    pub async fn read_optional(
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> Result<(Object, Bytes), Problem> {
        if has_body(request) { Self::read(request, payload).await } else { Ok(Default::default()) }
    }
}

/// Framing is what RFC 9112 §6 says: without either header there is no body.
pub fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

impl FromRequest for Form {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = read(request, payload, "application/x-www-form-urlencoded");
        Box::pin(async move { Ok(Self(body.await?)) })
    }
}

/// Requires what can be known before the first byte: the media type, no compression, the length.
fn require_type(request: &HttpRequest, wanted: &'static str) -> Result<(), Problem> {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    let unsupported = |detail: String| Problem::new(Code::UnsupportedMediaType, detail);
    match header(CONTENT_TYPE).map(|text| text.split_once(';').unwrap_or((text, ""))) {
        Some((essence, _)) if !essence.trim().eq_ignore_ascii_case(wanted) => {
            return Err(unsupported(format!("the body is not sent as `{wanted}`")));
        }
        Some((_, parameters)) if has_other_charset(parameters) => {
            return Err(unsupported("the body is said to be in another charset than UTF-8".to_owned()));
        }
        Some(_) => {}
        None => return Err(unsupported(format!("the body has no `Content-Type`; send `{wanted}`"))),
    }
    if header(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(unsupported("a compressed body is not read here".to_owned()));
    }
    let length = header(CONTENT_LENGTH).and_then(|text| text.parse::<usize>().ok());
    if length.is_some_and(|length| length > BODY_BYTES_MAX) { Err(too_large()) } else { Ok(()) }
}

/// Whether the parameters of a media type name a charset that is not read here. JSON has none but UTF-8
/// (RFC 8259 §8.1); what is sent as another would be read as text that nobody wrote.
fn has_other_charset(parameters: &str) -> bool {
    let parameters = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut charsets = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    charsets.any(|(_, value)| !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

/// Reads a body of this media type.
fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    wanted: &'static str,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let checked = require_type(request, wanted);
    let (payload, watch) = (payload.take(), request.conn_data::<Watch>().cloned());
    async move {
        checked?;
        let whole = rt::time::timeout(BODY_TIMEOUT, collect(payload)).await;
        let too_slow = |_| Problem::new(Code::RequestTimeout, "the body did not arrive within 10 seconds");
        let whole = whole.map_err(too_slow)??;
        if let Some(watch) = watch {
            watch.end_body();
        }
        Ok(whole)
    }
}

async fn collect(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn unreadable(error: &PayloadError) -> Problem {
    if matches!(error, PayloadError::Overflow) {
        return too_large();
    }
    Problem::new(Code::BadRequest, "the body ended before it was whole")
}

fn too_large() -> Problem {
    Problem::new(Code::BodyTooLarge, "the body is larger than 64 KiB")
}
