//! The scope catalogue at the boundary: read and written whole, since it is small.

use super::Result;
use super::projects::ProjectSeq;
use crate::model::scope::{Catalogue, Holders, Scope, ScopeSet};

/// Reading the catalogue.
pub trait ScopeReads {
    /// A project's catalogue.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get_catalogue(&self, project: ProjectSeq) -> Result<Catalogue>;

    /// What of a project's catalogue a key gets when nothing is said.
    ///
    /// # Errors
    /// When it cannot be read.
    fn default_scopes(&self, project: ProjectSeq) -> Result<ScopeSet>;

    /// Whether a project's catalogue has this scope.
    ///
    /// # Errors
    /// When it cannot be read.
    fn has_scope(&self, project: ProjectSeq, scope: &Scope) -> Result<bool>;

    /// How many of a project's keys hold this scope, counted to a bound.
    ///
    /// # Errors
    /// When they cannot be counted.
    fn count_keys_with_scope(&self, project: ProjectSeq, scope: &Scope) -> Result<Holders>;
}

/// Changing the catalogue.
pub trait ScopeWrites {
    /// Replaces a project's catalogue; the keys' scopes stay as they are.
    ///
    /// # Errors
    /// When it cannot be written.
    fn replace_catalogue(&mut self, project: ProjectSeq, catalogue: &Catalogue) -> Result<()>;
}
