//! Who may do what.
//!
//! The operator at the shell may do everything and so may a user with the role `admin`; a
//! `viewer` looks. A key may do what its scopes say, in its own project, and never more than it
//! could be itself.

use super::{Error, Result};
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::scope::ScopeSet;
use crate::model::user::Role;

/// A kind of use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// See keys.
    ReadKeys,
    /// Create, change and delete keys.
    WriteKeys,
    /// See accounts.
    ReadAccounts,
    /// Create, change and delete accounts.
    WriteAccounts,
    /// See the catalogue and the projects.
    ReadProject,
    /// Change the catalogue and the projects.
    WriteProject,
    /// See the audit log.
    ReadAudit,
    /// See users and backups.
    ReadServer,
    /// Change users, make and fetch backups.
    ManageServer,
}

impl Permission {
    fn is_reading(self) -> bool {
        matches!(
            self,
            Self::ReadKeys | Self::ReadAccounts | Self::ReadProject | Self::ReadAudit | Self::ReadServer
        )
    }

    /// The scope that a key needs for it; `None` where no key may.
    fn scope(self) -> Option<&'static str> {
        match self {
            Self::ReadKeys | Self::ReadAudit => Some("keys:read"),
            Self::WriteKeys => Some("keys:write"),
            Self::ReadAccounts => Some("platform:read"),
            Self::WriteAccounts => Some("platform:write"),
            Self::ReadProject | Self::WriteProject | Self::ReadServer | Self::ManageServer => None,
        }
    }
}

/// Requires that `who` may do this in `project`. Each use case asks it; a form that would end in
/// its refusal asks before it is shown.
///
/// # Errors
/// When they may not, with the sentence that tells them why.
pub fn require(who: &Principal, permission: Permission, project: &ProjectName) -> Result<()> {
    match who {
        Principal::Operator(_) => Ok(()),
        Principal::User(user) if user.role == Role::Admin || permission.is_reading() => Ok(()),
        Principal::User(user) => Err(Error::Forbidden(format!(
            "you are signed in as {}, who may look but not change anything",
            user.name
        ))),
        Principal::Key(key) if key.project == *project => match permission.scope() {
            Some(scope) => require_scopes(&key.scopes, &ScopeSet::parse([scope])?),
            None if permission == Permission::ReadProject => Ok(()),
            None => Err(Error::Forbidden("an API key may not do this".to_owned())),
        },
        Principal::Stranger(_) => Err(Error::Forbidden("nobody is signed in".to_owned())),
        // A key of another project sees nothing here, not even that there is something.
        Principal::Key(_) => Err(Error::no_such("project", project.as_str())),
    }
}

/// Requires that a key that asks holds every one of these scopes: it manages only what it could be.
pub(super) fn require_covers(who: &Principal, scopes: &ScopeSet) -> Result<()> {
    match who {
        Principal::Operator(_) | Principal::User(_) | Principal::Stranger(_) => Ok(()),
        Principal::Key(key) => require_scopes(&key.scopes, scopes),
    }
}

fn require_scopes(held: &ScopeSet, wanted: &ScopeSet) -> Result<()> {
    let missing = held.missing(wanted.iter());
    if missing.is_empty() { Ok(()) } else { Err(Error::InsufficientScope(missing)) }
}
