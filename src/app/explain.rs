//! Explaining a verdict: every check of a verification with what it looked at, not only the first
//! that fails.
//!
//! The checks are those of `checks`, asked about the same facts; nothing is counted, consumed or
//! written. Whoever presents no real secret reads what `verify` tells a stranger.

use std::net::IpAddr;
use std::ops::ControlFlow;

use serde::Serialize;

use super::checks::{Case, Outcome};
use super::keys::{find_project, require_key};
use super::limits::{Standing, Standings};
use super::permission::require;
use super::refusal::{self, limit_words, listed};
use super::verify::{Ask, Routing};
use super::{App, Error, Permission, Result};
use crate::clock::Stopwatch;
use crate::crypto::token;
use crate::model::code::Code;
use crate::model::key::{KeyFacts, KeyRef, Note};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::route::{RouteMatch, RouteTable};
use crate::model::scope::{Scope, ScopeSet};

/// The verdict, and every check that leads to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whether every check passed.
    pub valid: bool,
    /// What a verification would answer.
    pub code: Code,
    /// The checks in the order of the verdicts.
    pub checks: Vec<Check>,
}

/// One check of an [`Explanation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The verdict that it leads to when it fails.
    pub code: Code,
    /// Whether it did not fail.
    pub passed: bool,
    /// What it looked at and found, a sentence without a period.
    pub detail: String,
    /// What would make it pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<&'static str>,
}

/// What is asked about a key whose token nobody presents.
#[derive(Debug, Clone, Copy)]
pub struct KeyAsk<'a> {
    /// The scopes that the key must hold.
    pub scopes: &'a [Scope],
    /// Where the request would come from, if known.
    pub ip: Option<IpAddr>,
    /// Whether the project's route rules are asked as well.
    pub routing: Routing<'a>,
}

/// Who reads an explanation.
#[derive(Clone, Copy)]
enum Reader<'a> {
    /// Whoever presents the token; manages no keys.
    Holder,
    /// Whoever may see the key, and perhaps change it; also why it was disabled.
    Manager(Option<&'a Note>),
}

impl App {
    /// Explains what a verification would say about a token.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn explain(&self, ask: &Ask<'_>) -> Result<Explanation> {
        let Some(id) = token::read_key_id(ask.token) else {
            return Ok(Explanation::of(vec![stranger(Code::Malformed)]));
        };
        let is_token = passed(Code::Malformed, "the token is whole: its shape and checksum are right");
        let key = self.identify(&id, ask, Stopwatch::start())?;
        let Some(key) = key.filter(|key| key.case(ask).verdict() != Code::NotFound) else {
            return Ok(Explanation::of(vec![is_token, stranger(Code::NotFound)]));
        };
        let mut checks = vec![is_token];
        checks.extend(explain(&key.case(ask), Reader::Holder));
        checks.extend(explain_limits(
            &key.record.facts,
            &self.limits_of(&key.record, key.at)?,
            Reader::Holder,
        ));
        Ok(Explanation::of(checks))
    }

    /// Explains what a verification would say about a key, whichever of its live secrets is
    /// presented.
    ///
    /// # Errors
    /// When there is none, or `who` may not see it.
    pub fn explain_key(
        &self,
        who: &Principal,
        project: &ProjectName,
        key: &KeyRef,
        ask: &KeyAsk<'_>,
    ) -> Result<Explanation> {
        require(who, Permission::ReadKeys, project)?;
        let tx = self.read()?;
        let seq = find_project(&*tx, project)?;
        let key = require_key(&*tx, who, seq, key)?;
        let record = tx.find_verify_record(&key.facts.id)?;
        let record = record.ok_or_else(|| Error::Internal("a key has no secret".to_owned()))?;
        let (facts, at) = (&record.facts, self.now());
        let routes = RouteTable::new(tx.list_routes(seq)?);
        let matched = ask.routing.ask(Some(&routes));
        let case = Case { facts, secret: None, at, project: None, scopes: ask.scopes, ip: ask.ip, matched };
        let of_the_secret = [Code::NotFound, Code::Rotated];
        let reader = Reader::Manager(key.disabled_reason.as_ref());
        let limits = explain_limits(facts, &self.limits_of(&record, at)?, reader);
        let checks = explain(&case, reader).into_iter().chain(limits);
        Ok(Explanation::of(checks.filter(|check| !of_the_secret.contains(&check.code)).collect()))
    }
}

impl Explanation {
    fn of(checks: Vec<Check>) -> Self {
        let code = checks.iter().find(|check| !check.passed).map_or(Code::Valid, |check| check.code);
        Self { valid: code.is_valid(), code, checks }
    }
}

/// All checks after the secret's.
fn explain(case: &Case<'_>, reader: Reader<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let end = case.check(|code, outcome| {
        checks.push(match outcome {
            Outcome::Passed => passed(code, &found(code, case)),
            Outcome::Failed => failed(code, case, reader),
        });
        ControlFlow::<()>::Continue(())
    });
    debug_assert!(end.is_continue());
    checks
}

/// The checks of the limits that are enforced: each kind fails when nothing is left of one of them.
fn explain_limits(facts: &KeyFacts, standings: &Standings, reader: Reader<'_>) -> Vec<Check> {
    let check = |(code, none): (Code, &str)| {
        let of_this_kind = || standings.iter().filter(|standing| standing.of.code() == code);
        let words =
            |standing: &Standing| format!("{}; {} left", limit_words(standing, facts), standing.remaining);
        let details: Vec<String> = of_this_kind().map(words).collect();
        let detail = if details.is_empty() { none.to_owned() } else { details.join("; ") };
        let is_used_up = of_this_kind().any(|standing| standing.remaining == 0);
        Check { code, passed: !is_used_up, detail, fix: is_used_up.then(|| fix(code, reader)) }
    };
    let kinds = [
        (Code::RateLimited, "no rate limit is enforced for the key"),
        (Code::QuotaExceeded, "no quota is enforced for the key"),
    ];
    kinds.into_iter().map(check).collect()
}

fn fix(code: Code, reader: Reader<'_>) -> &'static str {
    match reader {
        Reader::Holder => code.fix(),
        Reader::Manager(_) => refusal::fix_for_a_manager(code).unwrap_or(code.fix()),
    }
}

fn passed(code: Code, detail: &str) -> Check {
    Check { code, passed: true, detail: detail.to_owned(), fix: None }
}

fn stranger(code: Code) -> Check {
    let detail = refusal::detail_for_a_stranger(code).to_owned();
    Check { code, passed: false, detail, fix: Some(code.fix()) }
}

fn failed(code: Code, case: &Case<'_>, reader: Reader<'_>) -> Check {
    let detail = match (code, reader) {
        (Code::Disabled, Reader::Manager(Some(reason))) => {
            Some(format!("key `{}` is disabled: {}", case.facts.name, reason.as_str()))
        }
        (Code::IpDenied, _) => Some(denied(case, reader)),
        (Code::NoRoute, _) => case.no_route().map(refusal::no_route),
        _ => refusal::detail_of_key(code, case.facts, case.secret, &case.missing()),
    };
    let detail = detail.unwrap_or_else(|| code.title().to_owned());
    Check { code, passed: false, detail, fix: Some(fix(code, reader)) }
}

/// What a check that passed looked at.
fn found(code: Code, case: &Case<'_>) -> String {
    let facts = case.facts;
    match code {
        Code::NotFound => format!("the token is one of key `{}` of project `{}`", facts.name, facts.project),
        Code::Rotated => match case.secret.and_then(|secret| secret.ends_at) {
            Some(ends_at) => format!("the secret was replaced by a newer one and goes on until {ends_at}"),
            None => "the secret is the key's newest".to_owned(),
        },
        Code::Disabled => "the key is enabled".to_owned(),
        Code::AccountDisabled => match &facts.account {
            Some(account) => format!("the key's account `{}` is enabled", account.name.as_str()),
            None => "the key belongs to no account".to_owned(),
        },
        Code::Expired => match facts.expires_at {
            Some(at) => format!("the key expires at {at}; it is {} now", case.at),
            None => "the key never expires".to_owned(),
        },
        Code::IpDenied if case.is_watched_address() => {
            "the address is none of those that the key may be used from, which is only watched".to_owned()
        }
        Code::IpDenied => match case.ip.filter(|_| !facts.allowed_ips.is_empty()) {
            Some(ip) => format!("{ip} is one of the addresses that the key may be used from"),
            None => "the key may be used from anywhere".to_owned(),
        },
        Code::NoRoute => match case.matched {
            Some(RouteMatch::Rule(rule)) => format!("the route rule `{}` decides", rule.name()),
            Some(_) => "the project has no route rules".to_owned(),
            None => "no method and path are asked about".to_owned(),
        },
        Code::InsufficientScope => {
            let wanted: ScopeSet = case.wanted().cloned().collect();
            if wanted.is_empty() {
                "no scope is asked for".to_owned()
            } else {
                format!("the key holds {}", listed(&wanted))
            }
        }
        _ => code.title().to_owned(),
    }
}

/// Why an address does not fit. Who presents the token is not told which would: it may be a thief.
fn denied(case: &Case<'_>, reader: Reader<'_>) -> String {
    let who = match case.ip {
        Some(ip) => format!("{} is", ip.to_canonical()),
        None => "the address is not known, which is".to_owned(),
    };
    match reader {
        Reader::Holder => format!("{who} none of the addresses that the key may be used from"),
        Reader::Manager(_) => {
            let allowed: Vec<String> = case.facts.allowed_ips.iter().map(ToString::to_string).collect();
            format!("{who} none of the addresses that the key may be used from: {}", allowed.join(", "))
        }
    }
}
