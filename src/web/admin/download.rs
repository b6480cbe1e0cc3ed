//! Answers that a browser keeps as a file: sent piece by piece, so that no file is ever in memory.

use std::fs::File;
use std::io::Read;

use actix_web::HttpResponse;
use actix_web::body::SizedStream;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, HeaderValue};
use actix_web::web::{Bytes, Data};
use futures_util::stream::{Stream, try_unfold};

use crate::model::code::Code;
use crate::web::blocking;
use crate::web::context::Context;
use crate::web::problem::Problem;

/// Few enough bytes to keep for each of many slow readers.
const PIECE_BYTES: u64 = 128 * 1024;

/// The first `bytes` bytes of a file under this name, which is plain ASCII.
///
/// # Errors
/// When no header can hold the name.
pub(crate) fn send_file(
    context: Data<Context>,
    name: &str,
    (file, bytes): (File, u64),
) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok().body(SizedStream::new(bytes, pieces(context, file, bytes)));
    describe(&mut response, name, "application/octet-stream")?;
    // What is random by half takes long to compress and becomes no smaller.
    response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    Ok(response)
}

/// Makes an answer a file with this name and type.
///
/// # Errors
/// When no header can hold the name.
pub(crate) fn describe(
    response: &mut HttpResponse,
    name: &str,
    media_type: &'static str,
) -> Result<(), Problem> {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let disposition = disposition.map_err(|_| Problem::new(Code::Internal, "keysrv failed"))?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_DISPOSITION, disposition);
    headers.insert(actix_web::http::header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    Ok(())
}

fn pieces(
    context: Data<Context>,
    file: File,
    bytes: u64,
) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    try_unfold((context, file, bytes), |(context, mut file, rest)| async move {
        if rest == 0 {
            return Ok(None);
        }
        let read = move |_: &crate::app::App| {
            let mut piece = Vec::new();
            let read = (&mut file).take(rest.min(PIECE_BYTES)).read_to_end(&mut piece);
            // A file that became shorter ends the connection: the answer must not look whole.
            match read {
                Ok(n @ 1..) => Ok((file, piece, rest.saturating_sub(n as u64))),
                _ => Err(Problem::new(Code::Internal, "keysrv failed")),
            }
        };
        let (file, piece, rest) = blocking::show(&context, read).await?;
        Ok(Some((Bytes::from(piece), (context, file, rest))))
    })
}
