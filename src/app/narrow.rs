//! Use cases that narrow a key to what it is asked for, and undo that.
//!
//! What counts is what was asked for in the last 90 days and granted. A key of which nothing is known
//! is not narrowed: nobody shall lose everything for being quiet.

use jiff::Timestamp;

use super::{App, Error, Result};
use crate::model::Invalid;
use crate::model::audit::AuditFilter;
use crate::model::expiry::Span;
use crate::model::key::{Key, KeyChange, KeyRef, ScopesChange};
use crate::model::noted::{AskedScope, Day};
use crate::model::page::PageRequest;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::scope::ScopeSet;

/// How far back a request counts.
const ASKED_WITHIN: Span = Span::DAY.times(90);

/// What a key was asked for, against what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Scopes that it holds and that were asked for.
    pub asked: ScopeSet,
    /// Scopes that it holds and that were not.
    pub unasked: ScopeSet,
    /// Since when it is noted, where that is less than 90 days.
    pub since: Option<Timestamp>,
}

impl Asked {
    /// What `noted` says of a key at `now`.
    pub fn new(key: &Key, noted: &[AskedScope], now: Timestamp) -> Self {
        let from = Day::of(ASKED_WITHIN.before(now));
        let is_recent = |one: &&AskedScope| one.last >= from;
        let recent: ScopeSet = noted.iter().filter(is_recent).map(|one| one.scope.clone()).collect();
        let held = &key.facts.scopes;
        let first = noted.iter().map(|one| one.first).min().filter(|first| *first > from);
        let unasked = recent.missing(held);
        Self { asked: unasked.missing(held), unasked, since: first.map(Day::begins_at) }
    }
}

impl App {
    /// Takes away the scopes that nobody asked for in 90 days.
    ///
    /// # Errors
    /// When there is no such key, nothing was asked for or everything was, or `who` may not change it.
    pub fn narrow_key(&self, who: &Principal, project: &ProjectName, key: &KeyRef) -> Result<Key> {
        let held = self.get_key(who, project, key)?;
        let watched = self.noted_key(who, project, key)?;
        let asked = Asked::new(&held, &watched.asked, self.now());
        let name = held.facts.name.as_str();
        if asked.asked.is_empty() {
            return Err(Invalid::new(
                "key",
                name,
                "was asked for no scope in 90 days, so that none would be left",
            )
            .into());
        }
        if asked.unasked.is_empty() {
            return Err(Invalid::new("key", name, "was asked for every scope that it has").into());
        }
        let scopes = ScopesChange::Edit { add: ScopeSet::default(), remove: asked.unasked };
        self.set_key(who, project, key, &KeyChange { scopes: Some(scopes), ..KeyChange::default() })
    }

    /// Gives back what the newest change of a key took away from its scopes.
    ///
    /// # Errors
    /// When there is no such key, its newest change took none away, or `who` may not change it.
    pub fn widen_key(&self, who: &Principal, project: &ProjectName, key: &KeyRef) -> Result<Key> {
        let held = self.get_key(who, project, key)?;
        let removed = self.removed_scopes(who, project, &held)?;
        let name = held.facts.name.as_str();
        if removed.is_empty() {
            return Err(Invalid::new("key", name, "lost no scope by its newest change").into());
        }
        let scopes = ScopesChange::Edit { add: removed, remove: ScopeSet::default() };
        self.set_key(who, project, key, &KeyChange { scopes: Some(scopes), ..KeyChange::default() })
    }

    /// What the newest change of a key took away from its scopes.
    ///
    /// # Errors
    /// When the audit log cannot be read.
    pub fn removed_scopes(&self, who: &Principal, project: &ProjectName, key: &Key) -> Result<ScopeSet> {
        let changes = AuditFilter {
            project: Some(project.clone()),
            action: Some("key.changed".to_owned()),
            target_id: Some(key.facts.id.to_string()),
            ..AuditFilter::default()
        };
        let events = self.list_audit(who, &changes, &PageRequest::default())?;
        let removed =
            events.items.first().and_then(|event| event.detail.get("scopes")?.get("removed")?.as_array());
        let removed = removed.into_iter().flatten().filter_map(serde_json::Value::as_str);
        ScopeSet::parse(removed).map_err(Error::from)
    }
}
