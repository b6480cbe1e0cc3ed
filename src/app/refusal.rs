//! Why a token was refused, in one sentence each; what to do about it is `Code::fix`.
//!
//! The API, forward auth and the shell say the same. A stranger's sentence tells nothing about
//! any key; the holder of a real secret reads exactly what is wrong.

use super::limits::Standing;
use super::verify::Verdict;
use crate::model::code::Code;
use crate::model::key::KeyFacts;
use crate::model::route::NoRoute;
use crate::model::scope::ScopeSet;
use crate::store::keys::StoredSecret;

/// The codes that refuse, each with what is wrong.
const WORDS: [(Code, &str); 13] = [
    (Code::AmbiguousCredentials, "the request carries two different API keys"),
    (Code::NoCredentials, "the request carries no API key"),
    (Code::Malformed, "what was sent is not an API key"),
    (Code::NotFound, "there is no such API key"),
    (Code::Rotated, "this secret of the key was replaced by a newer one"),
    (Code::Disabled, "the key is disabled"),
    (Code::AccountDisabled, "the account that the key belongs to is disabled"),
    (Code::Expired, "the key has expired"),
    (Code::IpDenied, "the key may not be used from this address"),
    (Code::NoRoute, "no route rule allows this request"),
    (Code::InsufficientScope, "the key lacks a scope"),
    (Code::RateLimited, "the key makes requests faster than it may"),
    (Code::QuotaExceeded, "the key's quota is used up"),
];

/// What is wrong, for `detail`.
pub fn detail(verdict: &Verdict) -> String {
    let of_key = verdict.key.as_ref().and_then(|key| {
        detail_of_key(verdict.code, &key.record.facts, key.secret(), &verdict.missing_scopes)
    });
    let of_route = verdict.no_route.map(no_route);
    let detail = detail_of_limit(verdict).or(of_route).or(of_key);
    detail.unwrap_or_else(|| detail_for_a_stranger(verdict.code).to_owned())
}

/// What is wrong where no key is known.
pub fn detail_for_a_stranger(code: Code) -> &'static str {
    WORDS.iter().find(|(of, _)| *of == code).map_or(code.title(), |(_, detail)| detail)
}

/// What whoever holds the key can do, where that is to ask and the project says whom.
pub fn whom_to_ask(verdict: &Verdict) -> Option<String> {
    let contact = verdict.key.as_ref()?.record.facts.contact.as_ref()?;
    let fix = verdict.code.fix();
    fix.contains("ask who manages").then(|| format!("{fix}: {}", contact.as_str()))
}

/// What somebody can do about it who may change the key.
pub fn fix_for_a_manager(code: Code) -> Option<&'static str> {
    match code {
        Code::Disabled => Some("enable the key"),
        Code::AccountDisabled => Some("enable the account"),
        Code::Expired => Some("give the key a later end, or create a new one"),
        Code::IpDenied => Some("allow the address, or call from one that is allowed"),
        Code::NoRoute => {
            Some("add a route rule; `keysrv route test METHOD PATH` tells which one a request meets")
        }
        Code::InsufficientScope => Some("grant the scopes to the key, or use another key"),
        Code::RateLimited => Some("raise the rate limit, or wait"),
        Code::QuotaExceeded => Some("raise the quota or reset it, or wait for the next day or month"),
        _ => None,
    }
}

/// What is wrong, for somebody who may know the key; `None` where the code alone says it.
pub(super) fn detail_of_key(
    code: Code,
    facts: &KeyFacts,
    secret: Option<&StoredSecret>,
    missing: &ScopeSet,
) -> Option<String> {
    let name = facts.name.as_str();
    match code {
        Code::InsufficientScope => Some(format!("key `{name}` lacks {}", listed(missing))),
        Code::Disabled => Some(match &facts.shown_reason {
            Some(reason) => format!("key `{name}` is disabled: {}", reason.as_str()),
            None => format!("key `{name}` is disabled"),
        }),
        Code::AccountDisabled => Some(format!("the account of key `{name}` is disabled")),
        Code::IpDenied => Some(format!("key `{name}` may not be used from this address")),
        Code::Expired => facts.expires_at.map(|at| format!("key `{name}` expired at {at}")),
        Code::Rotated => {
            let ended = secret?.ends_at?;
            Some(format!("this secret of key `{name}` was replaced by a newer one and ended at {ended}"))
        }
        _ => None,
    }
}

/// Why no rule matches a request.
pub fn no_route(why: NoRoute) -> String {
    match why {
        NoRoute::Unsaid => "the proxy did not say which method and path it asks about".to_owned(),
        NoRoute::Unclear(unclear) => {
            format!("the path {}, so that no route rule matches it", unclear.as_str())
        }
        NoRoute::Spelling => "the request is not spelled as the route rule for it is".to_owned(),
        NoRoute::NoRule => detail_for_a_stranger(Code::NoRoute).to_owned(),
    }
}

/// Which limit refuses, and how long.
fn detail_of_limit(verdict: &Verdict) -> Option<String> {
    let facts = &verdict.key.as_ref()?.record.facts;
    let wait = verdict.limits.retry_after_seconds()?;
    Some(format!("{}; try again in {wait} seconds", limit_words(verdict.limits.tightest()?, facts)))
}

/// "key `ci` may make 100 requests per 60 seconds"
pub(super) fn limit_words(standing: &Standing, facts: &KeyFacts) -> String {
    let whose = match &facts.account {
        Some(account) if standing.of.is_of_account() => {
            format!("the keys of account `{}` together", account.name.as_str())
        }
        _ => format!("key `{}`", facts.name),
    };
    let per = match (standing.of.code(), standing.window_seconds) {
        (Code::RateLimited, Some(seconds)) => format!("{seconds} seconds"),
        (_, Some(_)) => "day".to_owned(),
        (_, None) => "month".to_owned(),
    };
    let requests = if standing.limit == 1 { "request" } else { "requests" };
    format!("{whose} may make {} {requests} per {per}", standing.limit)
}

/// `` `a:x`, `b:x` and `c:x` ``
pub(super) fn listed(scopes: &ScopeSet) -> String {
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
    fn scopes_are_listed_as_in_a_sentence() {
        assert_eq!(listed(&ScopeSet::parse(["b:x"]).unwrap()), "`b:x`");
        assert_eq!(listed(&ScopeSet::parse(["b:x", "a:x", "c:x"]).unwrap()), "`a:x`, `b:x` and `c:x`");
    }
}
