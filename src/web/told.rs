//! What is told of a key on every request with it, worded once for each of its records and secrets and
//! kept beside the record.
//!
//! A record changes with anything that is told here (`store::keys::VerifyRecord`), so that a thing that was
//! made from it stays true for as long as the record is used.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::problem::Problem;
use crate::app::verify::VerifiedKey;
use crate::model::code::Code;

/// The secrets for which something is kept; a third one only tells that it has ended.
const SECRETS: usize = 2;

/// The end of an answer as it goes over the wire, for each secret: lines, an empty one, and a body.
type Kept = [OnceLock<Box<[u8]>>; SECRETS];

/// One record's.
#[derive(Default)]
struct Told {
    /// To who asks whether the key is good.
    verdict: Kept,
    /// To a proxy.
    identity: Kept,
}

/// What who asks about a valid key is told.
///
/// # Errors
/// As `make`, which is called once a record and secret.
pub(super) fn verdict(
    key: &VerifiedKey,
    make: impl FnOnce(&VerifiedKey) -> Result<Vec<u8>, Problem>,
) -> Result<Cow<'_, [u8]>, Problem> {
    once(&beside(key)?.verdict, key, make)
}

/// What a proxy is told of a key that it may let through.
///
/// # Errors
/// As `make`, which is called once a record and secret.
pub(super) fn identity(
    key: &VerifiedKey,
    make: impl FnOnce(&VerifiedKey) -> Result<Vec<u8>, Problem>,
) -> Result<Cow<'_, [u8]>, Problem> {
    once(&beside(key)?.identity, key, make)
}

fn beside(key: &VerifiedKey) -> Result<&Told, Problem> {
    let told = &key.record.told;
    if told.get::<Told>().is_none() {
        told.put(Told::default());
    }
    told.get().ok_or_else(|| Problem::new(Code::Internal, "keysrv failed"))
}

fn once<'k>(
    kept: &'k Kept,
    key: &'k VerifiedKey,
    make: impl FnOnce(&VerifiedKey) -> Result<Vec<u8>, Problem>,
) -> Result<Cow<'k, [u8]>, Problem> {
    let Some(place) = kept.get(key.secret) else { return make(key).map(Cow::Owned) };
    if let Some(bytes) = place.get() {
        return Ok(Cow::Borrowed(bytes));
    }
    let bytes = make(key)?.into_boxed_slice();
    // Whoever was quicker made the same.
    Ok(Cow::Borrowed(place.get_or_init(|| bytes)))
}
