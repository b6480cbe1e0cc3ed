//! Verification: is this token good for this, right now?
//!
//! From bytes to verdict: shape and checksum (no I/O), the key by its id (in memory, or one indexed
//! read), the hash (SHA-256, compared in constant time with each of the key's secrets), then the checks
//! of `checks` up to the first that fails, and the limits. The use is noted in memory; nothing is
//! written. What is in memory is exactly what the database holds (`key_cache`).
//!
//! Who holds no real secret learns only that: an unknown id, a wrong secret and a key of another
//! project are one answer, at one price.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::checks::Case;
use super::key_cache::{Found, Source, With};
use super::limits::Standings;
use super::usage::Use;
use super::{App, Result};
use crate::clock::Stopwatch;
use crate::crypto::hash::{self, Hash};
use crate::crypto::token;
use crate::model::code::Code;
use crate::model::key::KeyId;
use crate::model::limit::Watched;
use crate::model::principal::KeyPrincipal;
use crate::model::project::ProjectName;
use crate::model::route::{NoRoute, OriginalRequest, RouteMatch, RouteTable};
use crate::model::scope::{Scope, ScopeSet};
use crate::model::usage::Hour;
use crate::store::VerifyRecord;
use crate::store::keys::StoredSecret;

/// What is asked of a token.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What was presented, whatever it is.
    pub token: &'a str,
    /// Only a key of this project is accepted; `None` for the key's own project.
    pub project: Option<&'a str>,
    /// The scopes that the key must hold.
    pub scopes: &'a [Scope],
    /// Where the request comes from; `None` where nobody knows, then no list of addresses fits.
    pub ip: Option<IpAddr>,
    /// Whether the use counts.
    pub counting: Counting,
    /// How much it takes from the key's limits, at most [`COST_MAX`](crate::model::limit::COST_MAX);
    /// 0 takes nothing.
    pub cost: u32,
    /// Whether the project's route rules are asked as well.
    pub routing: Routing<'a>,
}

impl<'a> Ask<'a> {
    /// Asks about a token and nothing else; it does not count.
    pub fn new(token: &'a str) -> Self {
        let (counting, routing) = (Counting::Dry, Routing::Off);
        Self { token, project: None, scopes: &[], ip: None, counting, cost: 1, routing }
    }
}

/// Whether route rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing<'a> {
    /// They are not.
    Off,
    /// They are, about this request; `None` where nobody said which, then no rule matches.
    On(Option<OriginalRequest<'a>>),
}

impl<'a> Routing<'a> {
    /// About this request, if there is one; else they are not asked.
    pub fn of(request: Option<OriginalRequest<'a>>) -> Self {
        if request.is_some() { Self::On(request) } else { Self::Off }
    }

    /// What the rules say, if they are asked.
    pub(super) fn ask<'t>(&self, routes: Option<&'t RouteTable>) -> Option<RouteMatch<'t>> {
        match self {
            Self::Off => None,
            Self::On(request) => Some(routes?.find(request.as_ref())),
        }
    }
}

/// Whether a verification counts as a use of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// It does.
    Use,
    /// It only looks.
    Dry,
}

/// The answer to an [`Ask`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The first check that failed, or valid.
    pub code: Code,
    /// The key, for the holder of one of its real secrets.
    pub key: Option<VerifiedKey>,
    /// The scopes that lack, for `insufficient_scope`.
    pub missing_scopes: ScopeSet,
    /// Why no rule matches, for `no_route`.
    pub no_route: Option<NoRoute>,
    /// How the key's limits stand, where they were checked.
    pub limits: Standings,
}

/// A key one of whose real secrets was presented; it may still be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedKey {
    /// The key.
    pub record: Arc<VerifyRecord>,
    /// Which of its secrets.
    pub secret: usize,
    /// When this was decided.
    pub at: Timestamp,
    /// The rules of its project, where they are asked.
    routes: Option<Arc<RouteTable>>,
    source: Source,
}

impl Verdict {
    fn stranger(code: Code) -> Self {
        let limits = Standings::default();
        Self { code, key: None, missing_scopes: ScopeSet::default(), no_route: None, limits }
    }

    /// Where the key was found, or was not.
    pub fn source(&self) -> Source {
        match &self.key {
            Some(key) => key.source,
            None if self.code == Code::NotFound => Source::Database,
            None => Source::Memory,
        }
    }

    fn project(&self) -> Option<&ProjectName> {
        Some(&self.key.as_ref()?.record.facts.project)
    }

    /// The principal that an accepted key acts as.
    pub fn principal(&self) -> Option<KeyPrincipal> {
        Some(self.key.as_ref().filter(|_| self.code.is_valid())?.principal())
    }
}

impl VerifiedKey {
    /// The principal that the key is; what it may do now is the verdict's to say.
    pub fn principal(&self) -> KeyPrincipal {
        let facts = &self.record.facts;
        KeyPrincipal {
            id: facts.id,
            name: facts.name.as_str().to_owned(),
            project: facts.project.clone(),
            scopes: facts.scopes.clone(),
            account: facts.account.as_ref().map(|account| account.id.clone()),
        }
    }

    /// The secret that was presented.
    pub fn secret(&self) -> Option<&StoredSecret> {
        self.record.secrets.get(self.secret)
    }

    /// Whether a rotation overlaps: only then is it noted which secret was presented.
    fn has_two_secrets(&self) -> bool {
        let live = self.record.secrets.iter().filter(|secret| !secret.has_ended(self.at));
        self.record.secrets.len() > 1 && live.count() > 1
    }

    /// What the checks look at when this is asked.
    pub(super) fn case<'a>(&'a self, ask: &Ask<'a>) -> Case<'a> {
        Case {
            facts: &self.record.facts,
            secret: self.secret(),
            at: self.at,
            project: ask.project,
            scopes: ask.scopes,
            ip: ask.ip,
            matched: ask.routing.ask(self.routes.as_deref()),
        }
    }
}

// Compared with when there is no such key, so that it costs what a wrong secret costs.
const NOBODY: Hash = [0; 32];

impl App {
    /// Decides about a token.
    ///
    /// # Errors
    /// When the database cannot be read; then nothing is decided.
    pub fn verify(&self, ask: &Ask<'_>) -> Result<Verdict> {
        // Before anything else: how old a look at the database may be is counted from here.
        let began = Stopwatch::start();
        let verdict = self.decide_about(ask, began);
        if ask.counting == Counting::Dry {
            return verdict;
        }
        let project = verdict.as_ref().ok().and_then(Verdict::project);
        let code = verdict.as_ref().map_or(Code::Unavailable, |verdict| verdict.code);
        self.metrics.note(project, code, began.elapsed());
        verdict
    }

    fn decide_about(&self, ask: &Ask<'_>, began: Stopwatch) -> Result<Verdict> {
        let Some(id) = token::read_key_id(ask.token) else {
            return Ok(self.stranger(ask, Code::Malformed));
        };
        let Some(key) = self.identify(&id, ask, began)? else {
            return Ok(self.stranger(ask, Code::NotFound));
        };
        let case = key.case(ask);
        let code = case.verdict();
        // Last, so that a request which another check refuses takes nothing.
        let limits = self.check_limits(&key, ask, code)?;
        let code = limits.refusal.unwrap_or(code);
        if ask.counting == Counting::Use {
            let secret = key.secret().filter(|_| key.has_two_secrets()).map(|secret| secret.n);
            let watched = watched(&case, limits.watched);
            self.usage.note(&key.record, &Use { at: key.at, code, ip: ask.ip, secret, watched });
            self.noted.note(&key, ask, code, case.wanted());
        }
        let missing_scopes =
            if code == Code::InsufficientScope { case.missing() } else { ScopeSet::default() };
        let no_route = case.no_route().filter(|_| code == Code::NoRoute);
        let key = (code != Code::NotFound).then_some(key);
        Ok(Verdict { code, key, missing_scopes, no_route, limits: limits.standings })
    }

    /// The verdict about a token that no key has.
    #[cold]
    fn stranger(&self, ask: &Ask<'_>, code: Code) -> Verdict {
        if ask.counting == Counting::Use {
            self.noted.note_stranger(Hour::of(self.now()), ask.ip, code);
        }
        Verdict::stranger(code)
    }

    /// The key that a token belongs to, whatever state it is in; nothing is counted.
    pub(super) fn identify(
        &self,
        id: &KeyId,
        ask: &Ask<'_>,
        began: Stopwatch,
    ) -> Result<Option<VerifiedKey>> {
        let with = if ask.routing == Routing::Off { With::Record } else { With::Routes };
        let found = self.cache.find(&*self.store, id, with, began)?;
        let presented = token::hash_presented(ask.token);
        // Every secret is compared, and one that does not exist when there is no key: an answer
        // that came sooner would tell which ids exist.
        let Some(Found { record, routes, source }) = found else {
            std::hint::black_box(hash::is_equal(&NOBODY, &presented));
            return Ok(None);
        };
        let mut matching = None;
        for (at, secret) in record.secrets.iter().enumerate() {
            if hash::is_equal(&secret.hash, &presented) {
                matching = Some(at);
            }
        }
        Ok(matching.map(|secret| VerifiedKey { record, secret, at: self.now(), routes, source }))
    }
}

/// What would have refused, if it were not only watched; noted with requests that are accepted.
fn watched(case: &Case<'_>, limits: [Option<Watched>; 4]) -> [Option<Watched>; 5] {
    let [a, b, c, d] = limits;
    [case.is_watched_address().then_some(Watched::IpDenied), a, b, c, d]
}
