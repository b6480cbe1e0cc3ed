//! Use cases for the overview of a project: what state its keys are in, and which deserve a look.

use super::keys::find_project;
use super::permission::require;
use super::{App, Permission, Result};
use crate::model::expiry::Span;
use crate::model::key::Key;
use crate::model::noted::{Looked, StateCounts};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::scope::Scope;
use crate::store::noted::Look;

/// What a project's keys are, and how many deserve a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// By state.
    pub states: StateCounts,
    /// Those that nobody used for 90 days.
    pub unused: Looked,
    /// Those that end within 14 days.
    pub ending: Looked,
    /// Those that never end and hold a scope that deserves a look, by scope.
    pub endless: Vec<(Scope, Looked)>,
    /// Some of those whose old secret was presented in the last 24 hours.
    pub old_secrets: Vec<Key>,
}

impl App {
    /// The overview of a project, with keys that never end by each of these scopes.
    ///
    /// # Errors
    /// When there is no such project, or `who` may not see all of it.
    pub fn get_overview(&self, who: &Principal, project: &ProjectName, wide: &[Scope]) -> Result<Overview> {
        require(who, Permission::ReadProject, project)?;
        self.flush_usage()?;
        let now = self.now();
        let tx = self.read()?;
        let project = find_project(&*tx, project)?;
        let count = |look: Look| tx.count_look(project, &look, now);
        let endless = wide.iter().map(|scope| Ok((scope.clone(), count(Look::Endless(scope.clone()))?)));
        Ok(Overview {
            states: tx.count_states(project, now)?,
            unused: count(Look::Unused(Span::DAY.times(90).before(now)))?,
            ending: count(Look::Ending(Span::DAY.times(14).after(now)))?,
            endless: endless.collect::<Result<_>>()?,
            old_secrets: tx.list_old_secrets(project, Span::DAY.before(now), now)?,
        })
    }
}
