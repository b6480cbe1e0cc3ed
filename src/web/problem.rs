//! What went wrong with a request, before anybody knows whether a program or a person reads it.
//!
//! A handler returns a [`Problem`]; `gate` renders it once, as a problem document or as a page,
//! with the request's id, and logs it there when it is the server's fault.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use super::headers::RequestId;
use crate::app;
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::scope::ScopeSet;

/// A request that was not done. Boxed, since it is the rare half of every result.
#[derive(Debug)]
pub struct Problem(Box<Facts>);

/// What is known about a problem, and what helps whoever sent the request.
#[derive(Debug)]
pub struct Facts {
    /// What status, title and the machine-readable name follow from.
    pub code: Code,
    /// The sentence for whoever asked.
    pub detail: Cow<'static, str>,
    /// The sentence that says what to do, where there is a better one than the code's.
    pub fix: Option<Cow<'static, str>>,
    /// The contract's name of the field that is wrong.
    pub field: Option<Cow<'static, str>>,
    /// The scopes that the key lacks.
    pub missing_scopes: ScopeSet,
    /// After how many seconds another try may succeed.
    pub retry_after_seconds: Option<u64>,
    /// The methods that the address takes, when it does not take this one.
    pub allow: Option<String>,
    /// The status that it is sent with, where whoever asks does not understand its own.
    pub sent_as: Option<StatusCode>,
    /// What lies behind it, for the log alone.
    pub source: Option<app::Error>,
}

impl Deref for Problem {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl DerefMut for Problem {
    fn deref_mut(&mut self) -> &mut Facts {
        &mut self.0
    }
}

impl Problem {
    /// A problem of which nothing more is known than this.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Facts {
            code,
            detail: detail.into(),
            fix: None,
            field: None,
            missing_scopes: ScopeSet::default(),
            retry_after_seconds: None,
            allow: None,
            sent_as: None,
            source: None,
        }))
    }

    /// Adds what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<Cow<'static, str>>) -> Self {
        self.0.fix = Some(fix.into());
        self
    }

    /// Adds which field is wrong.
    #[must_use]
    pub fn field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// There is nothing at this address.
    pub fn no_such_path() -> Self {
        Self::new(Code::NoSuchPath, "there is nothing at this address")
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        let own = || StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.sent_as.unwrap_or_else(own)
    }

    /// Tells the log, where it is our fault.
    pub(super) fn log(&self, id: RequestId) {
        if !self.status().is_server_error() {
            return;
        }
        let source = self.source.as_ref().map(|error| format!("{error:?}"));
        tracing::error!(request_id = id.as_str(), code = self.code.as_str(), source, "{}", self.detail);
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    // Bare: `gate` puts the words in, since only it knows who reads them.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status())
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::new(invalid.code(), invalid.to_string()).field(invalid.field())
    }
}

impl From<app::Error> for Problem {
    fn from(error: app::Error) -> Self {
        let mut problem = Self::new(error.code(), error.to_string());
        problem.field = error.field().map(Cow::Borrowed);
        match &error {
            app::Error::InsufficientScope(missing) => problem.missing_scopes = missing.clone(),
            app::Error::TooManyAttempts { retry_after_seconds } => {
                problem.retry_after_seconds = Some(*retry_after_seconds);
            }
            app::Error::Busy => problem.retry_after_seconds = Some(1),
            app::Error::Invalid(_)
            | app::Error::NoSuch { .. }
            | app::Error::Taken { .. }
            | app::Error::InUse(_)
            | app::Error::Forbidden(_)
            | app::Error::AccountBound(_)
            | app::Error::Changed
            | app::Error::OtherRequest
            | app::Error::SignInFailed
            | app::Error::Store(_)
            | app::Error::NoRandomness(_)
            | app::Error::Internal(_) => {}
        }
        if problem.status().is_server_error() {
            problem.source = Some(error);
        }
        problem
    }
}

impl From<&actix_web::Error> for Problem {
    /// What the framework itself refused; its words are for programmers and stay inside.
    fn from(error: &actix_web::Error) -> Self {
        match error.as_response_error().status_code().as_u16() {
            404 => Self::no_such_path(),
            408 => Self::new(Code::RequestTimeout, "the request took too long to arrive"),
            413 => Self::new(Code::BodyTooLarge, "the body is too large"),
            400..=499 => Self::new(Code::BadRequest, "the request cannot be read"),
            _ => Self::new(Code::Internal, "keysrv failed"),
        }
    }
}
