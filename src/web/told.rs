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

/// One record's.
struct Told {
    /// The headers for the API behind a proxy.
    identity: OnceLock<Identity>,
    /// The body of the verdict that lets the key through, for each of its secrets.
    accepted: Box<[OnceLock<Bytes>]>,
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
    make: impl FnOnce(&VerifiedKey) -> Result<Bytes, Problem>,
) -> Result<Bytes, Problem> {
    let place = beside(key)?.accepted.get(key.secret).ok_or_else(failed)?;
    once(place, || make(key)).cloned()
}

fn beside(key: &VerifiedKey) -> Result<&Told, Problem> {
    let told = &key.record.told;
    if told.get::<Told>().is_none() {
        let accepted = key.record.secrets.iter().map(|_| OnceLock::new()).collect();
        told.put(Told { identity: OnceLock::new(), accepted });
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
