//! The one error of all use cases, without a word about transports.
//!
//! `Display` is the sentence for the person who asked; what lies behind it is the source chain,
//! for the log of the operator.

use crate::crypto::password::PasswordError;
use crate::crypto::random::NoRandomness;
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::scope::ScopeSet;
use crate::model::text::mask_tokens;
use crate::store::StoreError;

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A value breaks a rule.
    #[error("{0}")]
    Invalid(#[from] Invalid),
    /// There is no such thing.
    #[error("there is no {what} `{name}`")]
    NoSuch {
        /// `key`, `account`, `project`, `scope`, `user`.
        what: &'static str,
        /// As it was asked for.
        name: String,
    },
    /// A value that must be unique is there already.
    #[error("{message}")]
    Taken {
        /// The contract's name of the field.
        field: &'static str,
        /// The sentence.
        message: String,
    },
    /// It cannot go, since something needs it.
    #[error("{0}")]
    InUse(String),
    /// The user's role does not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// The key that asks is bound to an account and may not do this.
    #[error("{0}")]
    AccountBound(String),
    /// It is not in the state that was expected: somebody else was quicker.
    #[error("it was changed in the meantime")]
    Changed,
    /// The name of a request that is done once stands for another one.
    #[error("this `Idempotency-Key` stood for another request within the last 24 hours")]
    OtherRequest,
    /// The key lacks scopes.
    #[error("this needs {}, which the key does not hold", .0.to_text())]
    InsufficientScope(ScopeSet),
    /// Name or password is wrong; which of them is not said.
    #[error("the name or the password is wrong")]
    SignInFailed,
    /// Too many attempts.
    #[error("too many attempts; try again in {} seconds", .retry_after_seconds)]
    TooManyAttempts {
        /// When the next one may be made.
        retry_after_seconds: u64,
    },
    /// Too much is going on at the moment.
    #[error("keysrv is busy at the moment; try again")]
    Busy,
    /// The database did not do what was asked.
    #[error("{}", store_sentence(.0))]
    Store(#[from] StoreError),
    /// The operating system gave no random numbers.
    #[error("keysrv cannot make a key at the moment")]
    NoRandomness(#[from] NoRandomness),
    /// Something that cannot happen did.
    #[error("keysrv failed")]
    Internal(String),
}

impl Error {
    /// The thing with this name is not there.
    pub fn no_such(what: &'static str, name: impl Into<String>) -> Self {
        Self::NoSuch { what, name: mask_tokens(&name.into()) }
    }

    /// The code that every edge shows or turns into its own.
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid(invalid) => invalid.code(),
            Self::NoSuch { .. } => Code::NoSuchResource,
            Self::Taken { .. } => Code::Taken,
            Self::InUse(_) => Code::InUse,
            Self::Forbidden(_) => Code::Forbidden,
            Self::AccountBound(_) => Code::AccountBound,
            Self::Changed => Code::PreconditionFailed,
            Self::OtherRequest => Code::IdempotencyKeyReused,
            Self::InsufficientScope(_) => Code::InsufficientScope,
            Self::SignInFailed => Code::SignInFailed,
            Self::TooManyAttempts { .. } => Code::TooManyAttempts,
            Self::Store(StoreError::Full) => Code::StorageFull,
            Self::Busy | Self::NoRandomness(_) | Self::Store(_) => Code::Unavailable,
            Self::Internal(_) => Code::Internal,
        }
    }

    /// The contract's name of the field that is wrong, where there is one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field()),
            Self::Taken { field, .. } => Some(field),
            Self::NoSuch { .. }
            | Self::InUse(_)
            | Self::Forbidden(_)
            | Self::AccountBound(_)
            | Self::Changed
            | Self::OtherRequest
            | Self::InsufficientScope(_)
            | Self::SignInFailed
            | Self::TooManyAttempts { .. }
            | Self::Busy
            | Self::Store(_)
            | Self::NoRandomness(_)
            | Self::Internal(_) => None,
        }
    }
}

// Files and engines are the operator's business: pages and API say only that it did not work.
// The shell shows the store's own sentence.
fn store_sentence(error: &StoreError) -> &'static str {
    if matches!(error, StoreError::Full) {
        return "the disk of the server is full";
    }
    if matches!(error, StoreError::Busy) {
        return "the database is busy with another change; try again";
    }
    "the database of the server does not answer"
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Failed(why) => Self::Internal(why),
        }
    }
}
