//! Projects at the boundary.

use jiff::Timestamp;

use super::Result;
use crate::model::limit::Zone;
use crate::model::project::{Contact, Prefix, Project, ProjectName, ProjectRules};

/// The engine's own number of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProjectSeq(pub i64);

/// Reading projects.
pub trait ProjectReads {
    /// The number of the project with this name.
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_project_seq(&self, name: &ProjectName) -> Result<Option<ProjectSeq>>;

    /// The project with this number, with its counts.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get_project(&self, seq: ProjectSeq) -> Result<Project>;

    /// What new tokens of the project start with.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get_prefix(&self, seq: ProjectSeq) -> Result<Prefix>;

    /// What the project demands of its keys.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get_rules(&self, seq: ProjectSeq) -> Result<ProjectRules>;

    /// Every project by name, at most [`PROJECTS_MAX`].
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_projects(&self) -> Result<Vec<Project>>;

    /// The names of every project, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_project_names(&self) -> Result<Vec<ProjectName>>;
}

/// The most projects that a server may have.
pub const PROJECTS_MAX: usize = 200;

/// Changing projects.
pub trait ProjectWrites {
    /// Adds a project without catalogue.
    ///
    /// # Errors
    /// [`super::StoreError::Taken`] when the name is.
    fn insert_project(&mut self, name: &ProjectName, prefix: &Prefix, at: Timestamp) -> Result<ProjectSeq>;

    /// Gives a project another name, prefix and rules.
    ///
    /// # Errors
    /// [`super::StoreError::Taken`] when the name is.
    fn update_project(
        &mut self,
        seq: ProjectSeq,
        name: &ProjectName,
        prefix: &Prefix,
        rules: &ProjectRules,
    ) -> Result<()>;

    /// Sets where days and months begin.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_timezone(&mut self, seq: ProjectSeq, zone: &Zone) -> Result<()>;

    /// Sets whom the holders of its keys may ask.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_contact(&mut self, seq: ProjectSeq, contact: Option<&Contact>) -> Result<()>;

    /// Takes a project with its catalogue away; it has no keys and accounts any more.
    ///
    /// # Errors
    /// When it still has some.
    fn delete_project(&mut self, seq: ProjectSeq) -> Result<()>;
}
