//! The driver's errors in the boundary's words.

use rusqlite::ErrorCode;

use crate::store::StoreError;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::FromSqlConversionFailure(_, _, source) => Self::Damaged(source.to_string()),
            rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::IntegralValueOutOfRange(..) => {
                Self::Damaged(error.to_string())
            }
            _ => from_code(&error),
        }
    }
}

fn from_code(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(error.to_string()),
        _ => StoreError::Engine(error.to_string()),
    }
}

/// Turns the violation of the UNIQUE constraint that ends in `column` (`table.column`) into
/// "`field` is taken"; that of another one, such as two equal random ids, is nobody's fault.
pub(super) fn taken(column: &'static str, field: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| {
        // The column stands in the message alone: "UNIQUE constraint failed: keys.project_seq, keys.name".
        let is_taken = matches!(&error, rusqlite::Error::SqliteFailure(code, Some(message))
            if code.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                && message.ends_with(column));
        if is_taken { StoreError::Taken(field) } else { error.into() }
    }
}
