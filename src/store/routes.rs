//! Route rules at the boundary: read whole, since every change of one may change what another decides.

use std::sync::Arc;

use super::projects::ProjectSeq;
use super::{Result, VerifyRecord};
use crate::model::route::{PathPattern, RouteMethod, RouteRule, RouteTable};

/// What a verification needs that asks the route rules as well.
#[derive(Debug, Clone)]
pub struct RoutedRecord {
    /// The key.
    pub record: Arc<VerifyRecord>,
    /// The rules of its project.
    pub routes: Arc<RouteTable>,
}

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
