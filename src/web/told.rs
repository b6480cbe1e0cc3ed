//! What is told of a key on every request with it, made once for each of its records and kept beside it.
//!
//! A record changes with anything that is told here (`store::keys::VerifyRecord`), so that a thing that was
//! made from it stays true for as long as the record is used.

use std::sync::OnceLock;

use actix_web::web::Bytes;

use super::problem::Problem;
use super::proxy::Identity;
use crate::app::verify::VerifiedKey;
use crate::model::code::Code;

/// The secrets for which a body is kept; a third one only tells that it has ended.
const SECRETS: usize = 2;

/// One record's.
#[derive(Default)]
struct Told {
    /// The headers for the API behind a proxy.
    identity: OnceLock<Identity>,
    /// The body of the verdict that lets the key through, for each of its secrets.
    accepted: [OnceLock<Box<[u8]>>; SECRETS],
}

/// Who the key is, for the API behind a proxy.
///
/// # Errors
/// As `make`, which is called once a record.
pub(super) fn identity(
    key: &VerifiedKey,
    make: impl FnOnce(&VerifiedKey) -> Result<Identity, Problem>,
) -> Result<&Identity, Problem> {
    once(&beside(key)?.identity, || make(key))
}

/// The body that lets a valid key through.
///
/// # Errors
/// As `make`, which is called once a record and secret.
pub(super) fn accepted(
    key: &VerifiedKey,
    make: impl FnOnce(&VerifiedKey) -> Result<Vec<u8>, Problem>,
) -> Result<Bytes, Problem> {
    let Some(place) = beside(key)?.accepted.get(key.secret) else { return make(key).map(Bytes::from) };
    // Copied: the counter of a shared one would be one more place in memory to wait for.
    let body = once(place, || make(key).map(Vec::into_boxed_slice))?;
    Ok(Bytes::copy_from_slice(body))
}

fn beside(key: &VerifiedKey) -> Result<&Told, Problem> {
    let told = &key.record.told;
    if told.get::<Told>().is_none() {
        told.put(Told::default());
    }
    told.get().ok_or_else(failed)
}

fn once<T>(place: &OnceLock<T>, make: impl FnOnce() -> Result<T, Problem>) -> Result<&T, Problem> {
    if let Some(value) = place.get() {
        return Ok(value);
    }
    let value = make()?;
    // Whoever was quicker made the same.
    Ok(place.get_or_init(|| value))
}

fn failed() -> Problem {
    Problem::new(Code::Internal, "keysrv failed")
}
