//! The JSON shapes of a key, which the API and the shell share.
//!
//! [`HolderView`] is what who presents a key may know; [`ManagerView`] is what who manages it sees.

use ipnet::IpNet;
use jiff::Timestamp;
use serde::Serialize;

use super::verify::{Verdict, VerifiedKey};
use crate::crypto::token::Token;
use crate::model::account::Metadata;
use crate::model::code::Code;
use crate::model::key::{AccountRef, Key, KeyFacts, KeyId, KeyName, KeyStatus, Note};
use crate::model::limit::{Limits, Mode, QuotaState};
use crate::model::principal::Actor;
use crate::model::project::{Prefix, ProjectName};
use crate::model::scope::ScopeSet;

mod secrets;

use secrets::SecretView;

#[derive(Debug, Serialize)]
struct Shared<'a> {
    id: KeyId,
    project: &'a ProjectName,
    name: &'a KeyName,
    prefix: &'a Prefix,
    scopes: &'a ScopeSet,
    enabled: bool,
    status: KeyStatus,
    account: Option<&'a AccountRef>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    metadata: &'a Metadata,
}

impl<'a> Shared<'a> {
    fn new(facts: &'a KeyFacts, now: Timestamp) -> Self {
        Self {
            id: facts.id,
            project: &facts.project,
            name: &facts.name,
            prefix: &facts.prefix,
            scopes: &facts.scopes,
            enabled: facts.enabled,
            status: facts.status(now),
            account: facts.account.as_ref(),
            created_at: facts.created_at,
            expires_at: facts.expires_at,
            metadata: &facts.metadata,
        }
    }
}

/// A key as its holder sees it, with the secret that was presented.
#[derive(Debug, Serialize)]
pub struct HolderView<'a> {
    #[serde(flatten)]
    shared: Shared<'a>,
    secret: Option<PresentedSecret>,
}

#[derive(Debug, Serialize)]
struct PresentedSecret {
    created_at: Timestamp,
    ends_at: Option<Timestamp>,
}

impl<'a> HolderView<'a> {
    /// The view of a key that was presented.
    pub fn new(key: &'a VerifiedKey) -> Self {
        let secret = key.secret().map(|s| PresentedSecret { created_at: s.created_at, ends_at: s.ends_at });
        Self { shared: Shared::new(&key.record.facts, key.at), secret }
    }
}

/// The answer to a token that was handed over to be verified.
#[derive(Debug, Serialize)]
pub struct VerdictView<'a> {
    valid: bool,
    code: Code,
    key: Option<HolderView<'a>>,
    missing_scopes: &'a ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
}

impl<'a> VerdictView<'a> {
    /// The view of a verdict.
    pub fn new(verdict: &'a Verdict) -> Self {
        Self {
            valid: verdict.code.is_valid(),
            code: verdict.code,
            key: verdict.key.as_ref().map(HolderView::new),
            missing_scopes: &verdict.missing_scopes,
            retry_after: verdict.limits.retry_after_seconds(),
        }
    }
}

/// A key that was made or rotated, with its token.
#[derive(Debug, Serialize)]
pub struct CreatedView<'a> {
    key: ManagerView<'a>,
    /// Shown this once; `null` when the request was done before.
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

impl<'a> CreatedView<'a> {
    /// The view of what was just made.
    pub fn new(key: &'a Key, token: &'a Token, now: Timestamp) -> Self {
        Self { key: ManagerView::new(key, now), token: Some(token.expose()), detail: None }
    }

    /// The view of what the same request made before.
    pub fn repeated(key: &'a Key, now: Timestamp) -> Self {
        let detail = "this request was done before under the same `Idempotency-Key`; the token was in \
                      that answer alone: rotate the key if it is lost";
        Self { key: ManagerView::new(key, now), token: None, detail: Some(detail) }
    }
}

/// A key as its manager sees it.
#[derive(Debug, Serialize)]
pub struct ManagerView<'a> {
    #[serde(flatten)]
    shared: Shared<'a>,
    note: Option<&'a Note>,
    disabled_reason: Option<&'a Note>,
    unused_off_at: Option<Timestamp>,
    created_by: &'a Actor,
    last_used_at: Option<Timestamp>,
    last_used_ip: Option<&'a str>,
    last_refused_at: Option<Timestamp>,
    last_refused_code: Option<Code>,
    allowed_ips: &'a [IpNet],
    allowed_ips_mode: Mode,
    #[serde(flatten)]
    limits: &'a Limits,
    quota_usage: Option<QuotaState>,
    secrets: Vec<SecretView<'a>>,
}

impl<'a> ManagerView<'a> {
    /// The view of a key at `now`.
    pub fn new(key: &'a Key, now: Timestamp) -> Self {
        Self {
            shared: Shared::new(&key.facts, now),
            note: key.note.as_ref(),
            disabled_reason: key.disabled_reason.as_ref(),
            unused_off_at: key.unused_off_at,
            created_by: &key.created_by,
            last_used_at: key.last_used_at,
            last_used_ip: key.last_used_ip.as_deref(),
            last_refused_at: key.last_refused_at,
            last_refused_code: key.last_refused_code,
            allowed_ips: &key.facts.allowed_ips,
            allowed_ips_mode: key.facts.limits.ips_mode,
            limits: &key.facts.limits,
            quota_usage: key.quota_state,
            secrets: secrets::views(key, now),
        }
    }

    /// What can be changed about a key, for its revision: the same without what changes by use or by the
    /// clock alone, and without its secrets.
    pub(super) fn changeable(key: &'a Key) -> Self {
        let view = Self::new(key, Timestamp::MIN);
        Self {
            shared: Shared { status: KeyStatus::Active, ..view.shared },
            unused_off_at: None,
            last_used_at: None,
            last_used_ip: None,
            last_refused_at: None,
            last_refused_code: None,
            quota_usage: None,
            secrets: Vec::new(),
            ..view
        }
    }
}
