//! Why a token was refused and what to do about it, in one sentence each.
//!
//! The API, forward auth and the shell say the same. A stranger's sentence tells nothing about
//! any key; the holder of a real secret reads exactly what is wrong.

use super::verify::Verdict;
use crate::model::code::Code;
use crate::model::scope::ScopeSet;

/// The codes that refuse, each with what is wrong and what to do.
const WORDS: [(Code, &str, &str); 10] = [
    (
        Code::AmbiguousCredentials,
        "the request carries two different API keys",
        "send one API key, in one header",
    ),
    (
        Code::NoCredentials,
        "the request carries no API key",
        "send it as the Basic user name with an empty password (`curl -u TOKEN:`), as \
         `Authorization: Bearer TOKEN` or as `X-API-Key: TOKEN`",
    ),
    (
        Code::Malformed,
        "what was sent is not an API key",
        "check that the whole token was copied, and that the Basic password is empty",
    ),
    (
        Code::NotFound,
        "there is no such API key",
        "check that the key was not deleted and belongs to the project that is asked for",
    ),
    (
        Code::Rotated,
        "this secret of the key was replaced by a newer one",
        "use the token that the rotation made",
    ),
    (Code::Disabled, "the key is disabled", "ask who manages the keys to enable it"),
    (
        Code::AccountDisabled,
        "the account that the key belongs to is disabled",
        "ask who manages the accounts to enable it",
    ),
    (Code::Expired, "the key has expired", "ask who manages the keys for a new one"),
    (
        Code::IpDenied,
        "the key may not be used from this address",
        "call from an allowed address, or ask who manages the keys to allow this one",
    ),
    (
        Code::InsufficientScope,
        "the key lacks a scope",
        "use a key that holds the missing scopes, or ask who manages the keys for one",
    ),
];

/// What is wrong, for `detail`.
pub fn detail(verdict: &Verdict) -> String {
    detail_for_the_holder(verdict).unwrap_or_else(|| detail_for_a_stranger(verdict.code).to_owned())
}

/// What is wrong where no key is known.
pub fn detail_for_a_stranger(code: Code) -> &'static str {
    words(code).map_or(code.title(), |(_, detail, _)| detail)
}

/// What to do about it, for `fix`.
pub fn fix(code: Code) -> Option<&'static str> {
    words(code).map(|(_, _, fix)| *fix)
}

fn words(code: Code) -> Option<&'static (Code, &'static str, &'static str)> {
    WORDS.iter().find(|(of, _, _)| *of == code)
}

fn detail_for_the_holder(verdict: &Verdict) -> Option<String> {
    let key = verdict.key.as_ref()?;
    let name = key.record.facts.name.as_str();
    if !verdict.missing_scopes.is_empty() {
        return Some(format!("key `{name}` lacks {}", listed(&verdict.missing_scopes)));
    }
    match verdict.code {
        Code::Disabled => Some(format!("key `{name}` is disabled")),
        Code::AccountDisabled => Some(format!("the account of key `{name}` is disabled")),
        Code::IpDenied => Some(format!("key `{name}` may not be used from this address")),
        Code::Expired => key.record.facts.expires_at.map(|at| format!("key `{name}` expired at {at}")),
        Code::Rotated => {
            let ended = key.secret()?.ends_at?;
            Some(format!("this secret of key `{name}` was replaced by a newer one and ended at {ended}"))
        }
        _ => None,
    }
}

/// `` `a:x`, `b:x` and `c:x` ``
fn listed(scopes: &ScopeSet) -> String {
    let quoted: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_that_can_refuse_today_says_what_to_do() {
        let later = [Code::NoRoute, Code::RateLimited, Code::QuotaExceeded];
        for code in Code::all().filter(|code| code.is_verdict() && !code.is_valid() && !later.contains(code))
        {
            assert!(fix(code).is_some(), "{code}");
        }
    }

    #[test]
    fn scopes_are_listed_as_in_a_sentence() {
        assert_eq!(listed(&ScopeSet::parse(["b:x"]).unwrap()), "`b:x`");
        assert_eq!(listed(&ScopeSet::parse(["b:x", "a:x", "c:x"]).unwrap()), "`a:x`, `b:x` and `c:x`");
    }
}
