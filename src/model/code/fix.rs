//! What to do about each code: the one sentence that a problem's `fix`, the shell's hint, the
//! OpenAPI document and the page of the API share.
//!
//! A match and not a column of the table: the sentences are long, and a code without one does not
//! compile.

use super::Code;

impl Code {
    /// What whoever reads the code can do, as a sentence without its period.
    pub fn fix(self) -> &'static str {
        match self {
            Self::Valid => "go on",
            Self::AmbiguousCredentials => "send one API key, in one header",
            Self::NoCredentials => {
                "send it as the Basic user name with an empty password (`curl -u TOKEN:`), as \
                 `Authorization: Bearer TOKEN` or as `X-API-Key: TOKEN`"
            }
            Self::Malformed => "check that the whole token was copied, and that the Basic password is empty",
            Self::NotFound => {
                "check that the key was not deleted and belongs to the project that is asked for"
            }
            Self::Rotated => "use the token that the rotation made",
            Self::Disabled => "ask who manages the keys to enable it",
            Self::AccountDisabled => "ask who manages the accounts to enable it",
            Self::Expired => "ask who manages the keys for a new one",
            Self::IpDenied => "call from an allowed address, or ask who manages the keys to allow this one",
            Self::NoRoute => {
                "check method and path, or ask who manages the keys for a route rule that allows them"
            }
            Self::InsufficientScope => {
                "use a key that holds the missing scopes, or ask who manages the keys for one"
            }
            Self::RateLimited => "wait as long as `Retry-After` says, and send requests more slowly",
            Self::QuotaExceeded => {
                "wait as long as `Retry-After` says, or ask who manages the keys for a larger quota"
            }
            Self::BadRequest => "correct what `detail` names; the same request fails again",
            Self::InvalidValue => "correct the value of `field`",
            Self::ContainsToken => {
                "leave the token out; it may be in a log by now, so rotate the key that it belongs to"
            }
            Self::NameImmutable => "leave `name` out; for another name make another key",
            Self::Taken => "choose another value for `field`, or use what has it already",
            Self::InUse => "take away first what still needs it",
            Self::NoSuchResource => {
                "check the id, and that the key that asks belongs to the same project and account"
            }
            Self::NoSuchPath => "check the address; all of them are listed in the OpenAPI document",
            Self::MethodNotAllowed => "use one of the methods that `Allow` names",
            Self::RequestTimeout => "send the whole request within ten seconds",
            Self::BodyTooLarge => "send at most 64 KiB",
            Self::PathTooLong => "keep the path within 2 KiB and the query within 8 KiB",
            Self::HeadTooLarge => "send fewer and shorter headers",
            Self::UnsupportedMediaType => "send JSON with `Content-Type: application/json`, uncompressed",
            Self::Forbidden => "ask somebody who may",
            Self::AccountBound => "use a key that belongs to no account",
            Self::PreconditionFailed => "read it again, and repeat the change with the new `ETag`",
            Self::IdempotencyKeyReused => "send a new `Idempotency-Key` with each new request",
            Self::UntrustedProxy => {
                "start keysrv with `--trusted-proxy` and the address of the proxy, which its log names"
            }
            Self::SignInFailed => "check name and password; `keysrv user passwd` sets a new password",
            Self::CrossSite => "open the page again at this address and send the form from there",
            Self::TooManyAttempts => "wait as long as `Retry-After` says",
            Self::Internal => "try again; if it stays so, look for the request's id in the server's log",
            Self::Unavailable => "try again in a moment; until then let nobody in who was not let in before",
            Self::StorageFull => "make room on the server's disk, then try again",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_to_do_in_one_sentence_without_a_period() {
        for code in Code::all() {
            let fix = code.fix();
            assert!(!fix.is_empty() && !fix.ends_with('.'), "{code}: {fix}");
        }
    }
}
