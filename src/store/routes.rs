//! Route rules at the boundary: read whole, since every change of one may change what another decides.

use super::Result;
use super::projects::ProjectSeq;
use crate::model::route::{PathPattern, RouteMethod, RouteRule};

/// Reading route rules.
pub trait RouteReads {
    /// A project's rules, at most [`RouteRule::MAX`], in no order that means anything.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_routes(&self, project: ProjectSeq) -> Result<Vec<RouteRule>>;
}

/// Changing route rules.
pub trait RouteWrites {
    /// Adds a rule.
    ///
    /// # Errors
    /// [`super::StoreError::Taken`] when there is one with this method and this pattern (`pattern`),
    /// spelled in whatever way.
    fn insert_route(&mut self, project: ProjectSeq, rule: &RouteRule) -> Result<()>;

    /// Takes a rule away.
    ///
    /// # Errors
    /// When it cannot be written.
    fn delete_route(
        &mut self,
        project: ProjectSeq,
        method: &RouteMethod,
        pattern: &PathPattern,
    ) -> Result<()>;
}
