//! The files that belong to the pages: one stylesheet, one script, one icon, out of the binary.
//!
//! Each has its content's hash in its name, so that a browser may keep it for ever and a new
//! keysrv brings new names.

use std::borrow::Cow;
use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, ETag, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::problem::Problem;
use super::routes;

/// A year; the name changes with the content.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// A file as it is served.
pub struct Asset {
    /// Its name with the hash, the last part of its address.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
}

static STYLESHEET: LazyLock<Asset> =
    LazyLock::new(|| asset("app", "css", "text/css; charset=utf-8", &["vendor/oat.min.css", "app.css"]));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| asset("app", "js", "text/javascript; charset=utf-8", &["app.js"]));
static ICON: LazyLock<Asset> = LazyLock::new(|| asset("icon", "svg", "image/svg+xml", &["icon.svg"]));

/// The address of the stylesheet.
pub fn stylesheet() -> &'static str {
    &STYLESHEET.address
}

/// The address of the script.
pub fn script() -> &'static str {
    &SCRIPT.address
}

/// The address of the icon.
pub fn icon() -> &'static str {
    &ICON.address
}

/// The file with this name, hash included.
pub fn find(name: &str) -> Option<&'static Asset> {
    [&*STYLESHEET, &*SCRIPT, &*ICON].into_iter().find(|asset| asset.name == name)
}

/// Serves a file; a browser never asks for it twice, since another content has another name.
///
/// # Errors
/// When there is no such file.
pub async fn serve(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().get("file").unwrap_or_default();
    let asset = find(name).ok_or_else(Problem::no_such_path)?;
    // Weak, since the same content travels compressed or not.
    let tag = EntityTag::new_weak(asset.name.clone());
    let is_known = matches!(IfNoneMatch::parse(&request), Ok(known) if has(&known, &tag));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, IMMUTABLE)).insert_header(ETag(tag));
    if is_known {
        return Ok(response.finish());
    }
    Ok(response.content_type(asset.media_type).body(web::Bytes::from_static(&asset.bytes)))
}

fn has(known: &IfNoneMatch, tag: &EntityTag) -> bool {
    match known {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(tag)),
    }
}

/// Puts files together under one name that carries the hashes of all of them.
fn asset(stem: &str, extension: &str, media_type: &'static str, paths: &[&str]) -> Asset {
    let files: Vec<EmbeddedFile> = paths.iter().filter_map(|path| Files::get(path)).collect();
    let hash: String = files.iter().map(short_hash).collect();
    let name = format!("{stem}-{hash}.{extension}");
    let bytes = files.iter().map(|file| file.data.as_ref()).collect::<Vec<_>>().join(&b'\n');
    Asset { address: routes::static_file(&name), name, media_type, bytes: Cow::Owned(bytes) }
}

fn short_hash(file: &EmbeddedFile) -> String {
    let mut text = crate::model::text::hex(&file.metadata.sha256_hash());
    text.truncate(12);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_in_the_binary_and_found_by_its_address() {
        for address in [stylesheet(), script(), icon()] {
            let name = address.rsplit('/').next().unwrap();
            let asset = find(name).unwrap();
            assert!(asset.bytes.len() > 100, "{address}");
        }
        assert!(STYLESHEET.bytes.starts_with(b"@layer"));
        assert!(find("app.css").is_none());
    }
}
