//! The audit log: events that each change appends, and reading them.
//!
//! `append` is called by every use case that changes something, inside its transaction: there is
//! no change without its event, and no event without its change.

use jiff::Timestamp;
use serde_json::Value;

use super::keys::{bound_account, refuse_token};
use super::permission::require;
use super::{App, Permission, Result};
use crate::crypto::chain;
use crate::model::account::AccountId;
use crate::model::audit::{AuditEvent, AuditFilter, AuditTarget, NewAuditEvent, Target};
use crate::model::key::visible_start_id;
use crate::model::page::{Page, PageAfter, PageRequest};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::text::hex;
use crate::store::audit::AUDIT_ORDER;
use crate::store::{self, ReadTx, WriteTx};

/// Events read at once while the chain is checked.
const CHAIN_STEP: usize = 1_000;

impl App {
    /// The events that the filter lets through, newest first. A key that is bound to an account
    /// sees what was done to that account and its keys.
    ///
    /// # Errors
    /// When `who` may not see them, or the cursor is not one of this list.
    pub fn list_audit(
        &self,
        who: &Principal,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEvent>> {
        let project = filter.project.clone().unwrap_or_default();
        require(who, Permission::ReadAudit, &project)?;
        for (field, text) in [("actor", &filter.actor), ("target", &filter.target)] {
            refuse_token(field, text.as_deref())?;
        }
        let page = PageAfter::new(page, AUDIT_ORDER)?;
        let mut filter = filter.clone();
        if let Some(id) = filter.target.as_deref().and_then(visible_start_id) {
            filter.target = Some(id.to_string());
        }
        if let Some(bound) = bound_account(who) {
            filter.account = Some(AccountId::parse(bound)?);
        }
        Ok(self.read()?.list_audit(&filter, &page)?)
    }
}

/// Who does something, when, and where: what all events of one use case share.
pub(super) struct Entry<'a> {
    pub(super) who: &'a Principal,
    pub(super) at: Timestamp,
    pub(super) project: Option<&'a ProjectName>,
}

impl Entry<'_> {
    /// Appends the event that `action` was done to `target`.
    pub(super) fn append(
        &self,
        tx: &mut dyn WriteTx,
        action: &'static str,
        target: Target,
        detail: Value,
    ) -> store::Result<()> {
        let event = NewAuditEvent {
            at: self.at,
            project: self.project.cloned(),
            actor: self.who.actor(),
            action,
            target,
            detail,
        };
        append(tx, event)
    }
}

/// Gives the event its number and its link in the chain, and keeps it; never at an earlier time than
/// the one before, whatever became of the clock.
pub(super) fn append(tx: &mut dyn WriteTx, new: NewAuditEvent) -> store::Result<()> {
    let before = tx.audit_head()?;
    let (n, hash) = before.map_or((1, chain::START), |before| (before.n + 1, before.hash));
    let mut event = AuditEvent {
        n,
        // A list finds a time by its place in the log: `app::audit::the_log_never_goes_back_in_time`.
        at: before.map_or(new.at, |before| before.at.max(new.at)),
        project: new.project.map(|project| project.as_str().to_owned()),
        actor: new.actor,
        action: new.action.to_owned(),
        target: AuditTarget { kind: new.target.kind.to_owned(), id: new.target.id, name: new.target.name },
        detail: new.detail,
        account: new.target.account,
        hash: chain::START,
    };
    event.hash = chain::link(event.n, &hash, &event.canonical());
    tx.append_audit(&event)
}

/// What a walk over the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// How many events there are.
    pub n_events: i64,
    /// The hash of the newest, in hexadecimal; a backup's report names it.
    pub head: String,
    /// The number of the first event that does not follow from the one before it.
    pub broken_at: Option<i64>,
}

/// Walks the chain from the first event to the newest.
pub(super) fn check_chain(tx: &dyn ReadTx) -> store::Result<Chain> {
    let (mut n, mut hash) = (0, chain::START);
    loop {
        let events = tx.scan_audit(n, CHAIN_STEP)?;
        if events.is_empty() {
            return Ok(Chain { n_events: n, head: hex(&hash), broken_at: None });
        }
        for event in events {
            if event.n != n + 1 || event.hash != chain::link(event.n, &hash, &event.canonical()) {
                return Ok(Chain { n_events: n, head: hex(&hash), broken_at: Some(event.n) });
            }
            (n, hash) = (event.n, event.hash);
        }
    }
}
