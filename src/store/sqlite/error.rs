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

/// Turns the violation of a UNIQUE constraint into "`field` is taken".
pub(super) fn taken(field: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |error| {
        let is_unique =
            error.sqlite_error().is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE);
        if is_unique { StoreError::Taken(field) } else { error.into() }
    }
}
