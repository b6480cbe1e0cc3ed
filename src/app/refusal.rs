//! Why a token was refused and what to do about it, in one sentence each.
//!
//! The API, forward auth and the shell say the same. A stranger's sentence tells nothing about
//! any key; the holder of a real secret reads exactly what is wrong.

use super::verify::Verdict;
use crate::model::code::Code;

/// What is wrong, for `detail`.
pub fn detail(verdict: &Verdict) -> String {
    let facts = verdict.key.as_ref().map(|key| &key.record.facts);
    let name = facts.map_or("", |facts| facts.name.as_str());
    match verdict.code {
        Code::Rotated => format!("This secret of the key `{name}` was replaced by a newer one"),
        Code::Disabled => format!("The key `{name}` is disabled"),
        Code::AccountDisabled => format!("The account of the key `{name}` is disabled"),
        Code::Expired => {
            let at = facts.and_then(|facts| facts.expires_at).map(|at| at.to_string()).unwrap_or_default();
            format!("The key `{name}` expired at {at}")
        }
        Code::IpDenied => format!("The key `{name}` may not be used from this address"),
        Code::InsufficientScope => {
            format!("The key `{name}` lacks {}", verdict.missing_scopes.to_text().replace(' ', ", "))
        }
        code => code_detail(code).to_owned(),
    }
}

/// What is wrong where no key is known.
fn code_detail(code: Code) -> &'static str {
    match code {
        Code::NoCredentials => "The request carries no API key",
        Code::AmbiguousCredentials => "The request carries two different API keys",
        Code::Malformed => "What was sent is not an API key",
        Code::NotFound => "There is no such API key",
        other => other.title(),
    }
}

/// What to do about it, for `fix`.
pub fn fix(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::NoCredentials => {
            "Send the API key as the Basic user name with an empty password: curl -u KEY: …"
        }
        Code::AmbiguousCredentials => "Send one API key, in one header.",
        Code::Malformed => "Check that the whole key was copied, and that the Basic password is empty.",
        Code::NotFound => "Check that the key was not deleted and belongs to this project.",
        Code::Rotated => "Use the key's new secret.",
        Code::Disabled => "Ask who manages the key to enable it.",
        Code::AccountDisabled => "Ask who manages the account to enable it.",
        Code::Expired => "Ask for a new key.",
        Code::IpDenied => "Call from an allowed address, or ask who manages the key to allow this one.",
        Code::InsufficientScope => "Use a key that holds the missing scopes, or ask for one.",
        _ => return None,
    })
}
