//! The backups that are kept: the table of them (`list`), making, proving and deleting one
//! (`change`), and fetching one after the password was asked again (`download`).

pub(crate) mod change;
pub(crate) mod download;
pub(crate) mod list;

use crate::app;
use crate::model::backup::BackupName;
use crate::web::admin::visit::Visit;
use crate::web::problem::Problem;

/// The backup that the address names.
fn named(visit: &Visit) -> Result<BackupName, Problem> {
    let name = &visit.asked.id;
    BackupName::parse(name).ok_or_else(|| app::Error::no_such("backup", name).into())
}
