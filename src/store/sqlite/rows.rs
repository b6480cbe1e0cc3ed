//! From columns to the model's types and back.
//!
//! Everything that comes out of the file is parsed again: a value that its type refuses means
//! that the file is damaged, and is said so instead of being believed.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;

use crate::model::Invalid;

/// The column as text, parsed.
pub(super) fn parsed<T>(
    row: &Row<'_>,
    at: usize,
    parse: impl FnOnce(&str) -> Result<T, Invalid>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(at)?.as_str()?;
    parse(text).map_err(|invalid| unfit(at, invalid))
}

/// The column as text that may be null, parsed.
pub(super) fn parsed_opt<T>(
    row: &Row<'_>,
    at: usize,
    parse: impl FnOnce(&str) -> Result<T, Invalid>,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(at)?.as_str_or_null()?;
    text.map(parse).transpose().map_err(|invalid| unfit(at, invalid))
}

/// The column as a member of a closed list.
pub(super) fn found<T>(
    row: &Row<'_>,
    at: usize,
    find: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(at)?.as_str()?;
    find(text).ok_or_else(|| unfit(at, Invalid::new("value", text, "is not one that keysrv writes")))
}

/// The column as an instant.
pub(super) fn instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Timestamp> {
    let ms: i64 = row.get(at)?;
    Timestamp::from_millisecond(ms).map_err(|error| unfit(at, error))
}

/// The column as an instant that may be null.
pub(super) fn instant_opt(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Timestamp>> {
    let ms: Option<i64> = row.get(at)?;
    ms.map(Timestamp::from_millisecond).transpose().map_err(|error| unfit(at, error))
}

/// The column as a hash.
pub(super) fn hash(row: &Row<'_>, at: usize) -> rusqlite::Result<[u8; 32]> {
    let bytes = row.get_ref(at)?.as_blob()?;
    bytes.try_into().map_err(|_| unfit(at, Invalid::new("hash", "", "does not have 32 bytes")))
}

/// A value that its type refuses.
pub(super) fn unfit(at: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, Type::Null, Box::new(error))
}

/// An instant as it is kept.
pub(super) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}
