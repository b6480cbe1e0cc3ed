//! What has changed, for whoever keeps records in memory.
//!
//! A change of anything that a verdict depends on has its audit event, so that the events after the
//! last one that was seen say what to forget. Counts of use have none: whoever only wrote those has
//! changed nothing that matters here.

use std::time::Duration;

use super::Result;
use crate::model::account::AccountId;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;

/// For how long whoever keeps records, the one server of a database, need not look again. A process
/// beside a server acknowledges no change before this time has gone by since its commit.
pub const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// What somebody has changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A key.
    Key(KeyId),
    /// An account, and with it its keys.
    Account(AccountId),
    /// Something about a project, its rules or its catalogue, and with it its keys.
    Project(ProjectName),
}

/// What a look found since the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Nothing,
    /// These, whoever changed them, each at least once.
    Changes(Vec<Subject>),
    /// Too many to name, or whatever came before the first look.
    Anything,
}

/// Looks at a database, again and again.
pub trait Watch: Send {
    /// What has been committed since the last look, by anybody; what is committed while this looks is
    /// in it or in the next one.
    ///
    /// # Errors
    /// When the database cannot be read; then the next look tells what this one did not.
    fn look(&mut self) -> Result<Seen>;
}
