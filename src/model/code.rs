//! One table of the codes that a verdict or an error carries.
//!
//! Status, title and the machine-readable name follow from the code alone, so that the API, the
//! shell and the documentation cannot disagree. So does the sentence that says what to do (`fix`).

mod fix;

/// The code of a verdict or an error, `snake_case` outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each variant is described by its row of the table below")]
pub enum Code {
    Valid,
    AmbiguousCredentials,
    NoCredentials,
    Malformed,
    NotFound,
    Rotated,
    Disabled,
    AccountDisabled,
    Expired,
    IpDenied,
    NoRoute,
    InsufficientScope,
    RateLimited,
    QuotaExceeded,
    BadRequest,
    InvalidValue,
    ContainsToken,
    NameImmutable,
    Taken,
    InUse,
    NoSuchResource,
    NoSuchPath,
    MethodNotAllowed,
    RequestTimeout,
    BodyTooLarge,
    PathTooLong,
    HeadTooLarge,
    UnsupportedMediaType,
    Forbidden,
    AccountBound,
    PreconditionFailed,
    IdempotencyKeyReused,
    UntrustedProxy,
    SignInFailed,
    CrossSite,
    TooManyAttempts,
    Internal,
    Unavailable,
    StorageFull,
}

/// What follows from a code.
struct Row {
    code: Code,
    name: &'static str,
    status: u16,
    title: &'static str,
}

const fn row(code: Code, name: &'static str, status: u16, title: &'static str) -> Row {
    Row { code, name, status, title }
}

#[rustfmt::skip]
const TABLE: [Row; 39] = [
    row(Code::Valid, "valid", 200, "The key is good for this"),
    row(Code::AmbiguousCredentials, "ambiguous_credentials", 400, "Two different tokens in one request"),
    row(Code::NoCredentials, "no_credentials", 401, "No API key was sent"),
    row(Code::Malformed, "malformed", 401, "This is not an API key"),
    row(Code::NotFound, "not_found", 401, "No such API key"),
    row(Code::Rotated, "rotated", 401, "This secret was replaced by a newer one"),
    row(Code::Disabled, "disabled", 401, "The key is disabled"),
    row(Code::AccountDisabled, "account_disabled", 401, "The key's account is disabled"),
    row(Code::Expired, "expired", 401, "The key has expired"),
    row(Code::IpDenied, "ip_denied", 403, "The key may not be used from this address"),
    row(Code::NoRoute, "no_route", 403, "No route rule allows this request"),
    row(Code::InsufficientScope, "insufficient_scope", 403, "The key lacks a scope"),
    row(Code::RateLimited, "rate_limited", 429, "Too many requests"),
    row(Code::QuotaExceeded, "quota_exceeded", 429, "The key's quota is used up"),
    row(Code::BadRequest, "bad_request", 400, "The request cannot be read"),
    row(Code::InvalidValue, "invalid_value", 422, "A value breaks a rule"),
    row(Code::ContainsToken, "contains_token", 422, "A value contains a whole token"),
    row(Code::NameImmutable, "name_immutable", 422, "A key's name cannot change"),
    row(Code::Taken, "taken", 409, "The name is taken"),
    row(Code::InUse, "in_use", 409, "It is still in use"),
    row(Code::NoSuchResource, "no_such_resource", 404, "There is no such thing"),
    row(Code::NoSuchPath, "no_such_path", 404, "There is nothing at this address"),
    row(Code::MethodNotAllowed, "method_not_allowed", 405, "This address does not take that method"),
    row(Code::RequestTimeout, "request_timeout", 408, "The request took too long to arrive"),
    row(Code::BodyTooLarge, "body_too_large", 413, "The body is too large"),
    row(Code::PathTooLong, "path_too_long", 414, "The address is too long"),
    row(Code::HeadTooLarge, "head_too_large", 431, "The head of the request is too large"),
    row(Code::UnsupportedMediaType, "unsupported_media_type", 415, "The body is of a type that is not read here"),
    row(Code::Forbidden, "forbidden", 403, "You may not do this"),
    row(Code::AccountBound, "account_bound", 403, "The key is bound to an account"),
    row(Code::PreconditionFailed, "precondition_failed", 412, "It was changed in the meantime"),
    row(Code::IdempotencyKeyReused, "idempotency_key_reused", 422, "The Idempotency-Key stood for another request"),
    row(Code::UntrustedProxy, "untrusted_proxy", 403, "Only a trusted proxy may ask here"),
    row(Code::SignInFailed, "sign_in_failed", 401, "Name or password is wrong"),
    row(Code::CrossSite, "cross_site", 403, "The form was not sent from this site"),
    row(Code::TooManyAttempts, "too_many_attempts", 429, "Too many attempts"),
    row(Code::Internal, "internal", 500, "keysrv failed"),
    row(Code::Unavailable, "unavailable", 503, "keysrv cannot decide at the moment"),
    row(Code::StorageFull, "storage_full", 507, "The disk is full"),
];

impl Code {
    /// Every code, in the order of the table: verdicts first, as they are checked.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.code)
    }

    fn row(self) -> &'static Row {
        // The table is in the order of the variants; `the_table_is_in_order` holds it.
        TABLE.get(self as usize).unwrap_or(&TABLE[0])
    }

    /// The name in JSON, headers and the database.
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.row().status
    }

    /// A short title that does not change from case to case.
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// Whether a verification with this verdict was accepted.
    pub fn is_valid(self) -> bool {
        self == Self::Valid
    }

    /// Whether it is the answer to a verification, and not an error of another kind.
    pub fn is_verdict(self) -> bool {
        self <= Self::QuotaExceeded
    }

    /// The code with this name, as the database keeps it.
    pub fn find(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.code)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        for (at, row) in TABLE.iter().enumerate() {
            assert_eq!(row.code as usize, at, "{}", row.name);
            assert_eq!(Code::find(row.name), Some(row.code));
        }
    }
}
