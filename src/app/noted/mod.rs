//! What the pages watch besides counts: who was refused lately and how, which scopes are asked for, and
//! strangers by network.
//!
//! Gathered in memory within bounds and written with the usage. A verification that is accepted pays for
//! a few atomic reads; one that is refused takes a lock. What does not fit is not told, and nothing
//! that is decided depends on it.

mod asked;
mod refused;
mod strangers;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::keys::{find_project, require_key};
use super::permission::require;
use super::usage_list::network;
use super::verify::{Ask, Routing, VerifiedKey};
use super::{App, Permission, Result};
use crate::model::code::Code;
use crate::model::key::KeyRef;
use crate::model::noted::{AskedScope, Day, NotedBatch, Refusal, RefusedRequest, StrangerCount};
use crate::model::outcome::Outcomes;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::scope::Scope;
use crate::model::usage::{Hour, UsageRange};
use crate::store::keys::KeySeq;

use asked::Asked;
use refused::Refused;
use strangers::Strangers;

/// The most networks of strangers that a page shows.
const NETWORKS_SHOWN_MAX: usize = 20;

/// What gathered since the last flush.
#[derive(Default)]
pub(super) struct Noted {
    asked: Asked,
    refused: Refused,
    strangers: Strangers,
}

/// What is known of a key besides its record and its counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotedKey {
    /// Its newest refusals, newest first.
    pub refusals: Vec<Refusal>,
    /// Which scopes were asked for, and when first and last.
    pub asked: Vec<AskedScope>,
}

impl Noted {
    /// Notes a request of a key that counts as a use.
    pub(super) fn note<'a>(
        &self,
        key: &VerifiedKey,
        ask: &Ask<'_>,
        code: Code,
        wanted: impl Iterator<Item = &'a Scope>,
    ) {
        if code.is_valid() {
            self.asked.note(&key.record, Day::of(key.at), wanted);
            return;
        }
        let request = match &ask.routing {
            Routing::On(Some(request)) => Some(RefusedRequest::of(request)),
            Routing::On(None) | Routing::Off => None,
        };
        self.refused.note(key.record.facts.id, Refusal { at: key.at, code, ip: ask.ip, request });
    }

    /// Notes a request whose token no key has.
    pub(super) fn note_stranger(&self, hour: Hour, ip: Option<IpAddr>, code: Code) {
        self.strangers.note(hour, ip.and_then(network), code);
    }

    fn take(&self) -> NotedBatch {
        NotedBatch {
            refusals: self.refused.take(),
            asked: self.asked.take(),
            strangers: self.strangers.take(),
        }
    }

    fn give_back(&self, batch: NotedBatch) {
        for (key, refusal) in batch.refusals {
            self.refused.note(key, refusal);
        }
        self.asked.give_back(batch.asked);
        for one in batch.strangers {
            self.strangers.add((one.hour, one.network, one.code), one.count);
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Writes what gathered; part of every flush of the usage.
    pub(super) fn flush_noted(&self) -> Result<()> {
        let batch = self.noted.take();
        if batch.is_empty() {
            return Ok(());
        }
        let written = self.store.write_noted(&batch);
        if written.is_err() {
            self.noted.give_back(batch);
        }
        Ok(written?)
    }

    /// A key's newest refusals, and which of its scopes were asked for.
    ///
    /// # Errors
    /// When there is no such key, or `who` may not see it.
    pub fn noted_key(&self, who: &Principal, project: &ProjectName, key: &KeyRef) -> Result<NotedKey> {
        require(who, Permission::ReadKeys, project)?;
        self.flush_usage()?;
        let tx = self.read()?;
        let key = require_key(&*tx, who, find_project(&*tx, project)?, key)?;
        let seq = KeySeq(key.seq);
        Ok(NotedKey { refusals: tx.list_refusals(seq)?, asked: tx.list_asked(seq)? })
    }

    /// Requests of strangers to the whole server, all counted as refused.
    ///
    /// # Errors
    /// When `who` may not see the server, or they cannot be read.
    pub fn stranger_outcomes(&self, who: &Principal, range: &UsageRange) -> Result<Outcomes> {
        require(who, Permission::ReadServer, &ProjectName::default())?;
        self.flush_usage()?;
        let counted = self.read()?.sum_strangers(range)?;
        Ok(Outcomes::new(range, &counted))
    }

    /// The networks of strangers, those with the most requests first.
    ///
    /// # Errors
    /// As [`App::stranger_outcomes`].
    pub fn list_strangers(&self, who: &Principal, range: &UsageRange) -> Result<Vec<StrangerCount>> {
        require(who, Permission::ReadServer, &ProjectName::default())?;
        self.flush_usage()?;
        Ok(self.read()?.list_strangers(range, NETWORKS_SHOWN_MAX)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::crypto::token::Token;
    use crate::model::noted::RefusedRequest;
    use crate::model::project::Prefix;
    use crate::model::route::OriginalRequest;

    fn kept(target: &str) -> String {
        RefusedRequest::of(&OriginalRequest { method: "GET", target: target.as_bytes() }).path
    }

    #[test]
    fn a_path_that_holds_a_token_is_not_kept() {
        let token = Token::generate(&Prefix::default()).unwrap();
        let token = token.expose();
        assert_eq!(kept(&format!("/a/{token}/b")), "(hidden, it holds a token)");
        let encoded = token.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
        assert_eq!(kept(&format!("/a/{encoded}")), "(hidden, it holds a token)");
        assert_eq!(kept(&format!("/a?k={token}")), "/a");
    }
}
