//! Use cases for users: who may sign in, as what.
//!
//! The last admin is neither deleted nor demoted. A password that changes ends the user's
//! sessions.

use serde_json::json;

use super::audit::Entry;
use super::permission::require;
use super::{App, Error, Permission, Result};
use crate::crypto::password::Password;
use crate::model::audit::Target;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::session::Session;
use crate::model::user::{Role, User, UserName};
use crate::store::users::USERS_MAX;
use crate::store::{ReadTx, StoreError, WriteTx};

impl App {
    /// Every user by name.
    ///
    /// # Errors
    /// When `who` may not see them.
    pub fn list_users(&self, who: &Principal) -> Result<Vec<User>> {
        require(who, Permission::ReadServer, &ProjectName::default())?;
        Ok(self.read()?.list_users()?)
    }

    /// One user, and since when each of the user's live sessions goes on, newest first.
    ///
    /// # Errors
    /// When there is none, or `who` may not see it.
    pub fn get_user(&self, who: &Principal, name: &UserName) -> Result<(User, Vec<Session>)> {
        require_server(who)?;
        let tx = self.read()?;
        let user = require_user(&*tx, name)?;
        let now = self.now();
        let sessions = tx.list_user_sessions(user.id)?.into_iter().filter(|session| session.is_live(now));
        Ok((user, sessions.collect()))
    }

    /// Whether anybody may sign in yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn has_users(&self) -> Result<bool> {
        Ok(!self.read()?.list_users()?.is_empty())
    }

    /// Adds a user.
    ///
    /// # Errors
    /// When the name is taken, the password is too weak, or `who` may not.
    pub fn add_user(&self, who: &Principal, name: &UserName, role: Role, password: &str) -> Result<User> {
        require_server(who)?;
        let hash = self.hash_password(name, password)?;
        let mut tx = self.write()?;
        if tx.list_users()?.len() >= USERS_MAX {
            return Err(Error::InUse(format!("there are {USERS_MAX} users already, which is the most")));
        }
        let user = insert_user(&mut *tx, &self.server_entry(who), name, role, &hash)?;
        tx.commit()?;
        Ok(user)
    }

    /// Gives a user another password and ends the user's sessions.
    ///
    /// # Errors
    /// When there is no such user, the password is too weak, or `who` may not.
    pub fn set_password(&self, who: &Principal, name: &UserName, password: &str) -> Result<User> {
        require_server(who)?;
        let hash = self.hash_password(name, password)?;
        let mut tx = self.write()?;
        let user = require_user(&*tx, name)?;
        tx.set_user_password(user.id, &hash)?;
        tx.delete_user_sessions(user.id, 0)?;
        self.server_entry(who).append(&mut *tx, "user.password_changed", target(&user), json!({}))?;
        tx.commit()?;
        Ok(user)
    }

    /// Ends all sessions of a user; answers with how many there were.
    ///
    /// # Errors
    /// When there is no such user, or `who` may not.
    pub fn end_sessions(&self, who: &Principal, name: &UserName) -> Result<usize> {
        require_server(who)?;
        let mut tx = self.write()?;
        let user = require_user(&*tx, name)?;
        let n = tx.list_user_sessions(user.id)?.len();
        if n == 0 {
            tx.commit()?;
            return Ok(0);
        }
        tx.delete_user_sessions(user.id, 0)?;
        self.server_entry(who).append(&mut *tx, "user.sessions_ended", target(&user), json!({ "n": n }))?;
        tx.commit()?;
        Ok(n)
    }

    /// Gives a user another role; it counts from the next request on.
    ///
    /// # Errors
    /// When there is no such user, it is the last admin, or `who` may not.
    pub fn set_role(&self, who: &Principal, name: &UserName, role: Role) -> Result<User> {
        require_server(who)?;
        let mut tx = self.write()?;
        let mut user = require_user(&*tx, name)?;
        if user.role == role {
            tx.commit()?;
            return Ok(user);
        }
        require_another_admin(&*tx, &user)?;
        tx.set_user_role(user.id, role)?;
        let detail = json!({ "from": user.role, "to": role });
        self.server_entry(who).append(&mut *tx, "user.role_changed", target(&user), detail)?;
        tx.commit()?;
        user.role = role;
        Ok(user)
    }

    /// Deletes a user and ends the user's sessions.
    ///
    /// # Errors
    /// When there is no such user, it is the last admin, or `who` may not.
    pub fn delete_user(&self, who: &Principal, name: &UserName) -> Result<User> {
        require_server(who)?;
        let mut tx = self.write()?;
        let user = require_user(&*tx, name)?;
        require_another_admin(&*tx, &user)?;
        tx.delete_user(user.id)?;
        self.server_entry(who).append(
            &mut *tx,
            "user.deleted",
            target(&user),
            json!({ "role": user.role }),
        )?;
        tx.commit()?;
        Ok(user)
    }

    /// The hash of a new password, if it is one that may be set.
    pub(super) fn hash_password(&self, name: &UserName, password: &str) -> Result<String> {
        Ok(self.passwords.hash(&Password::parse(password, &[name.as_str()])?)?)
    }

    /// What events about the server share.
    pub(super) fn server_entry<'a>(&self, who: &'a Principal) -> Entry<'a> {
        Entry { who, at: self.now(), project: None }
    }
}

/// Adds a user and the event of it.
pub(super) fn insert_user(
    tx: &mut dyn WriteTx,
    entry: &Entry<'_>,
    name: &UserName,
    role: Role,
    password_hash: &str,
) -> Result<User> {
    let id = tx.insert_user(name, role, password_hash, entry.at).map_err(|error| name_taken(error, name))?;
    let user = User { id, name: name.clone(), role, created_at: entry.at, last_sign_in_at: None };
    entry.append(tx, "user.created", target(&user), json!({ "role": role }))?;
    Ok(user)
}

fn require_server(who: &Principal) -> Result<()> {
    require(who, Permission::ManageServer, &ProjectName::default())
}

pub(super) fn require_user(tx: &dyn ReadTx, name: &UserName) -> Result<User> {
    let found = tx.find_user(name)?.map(|(user, _)| user);
    found.ok_or_else(|| Error::no_such("user", name.as_str()))
}

fn require_another_admin(tx: &dyn ReadTx, user: &User) -> Result<()> {
    let is_other_admin = |other: &User| other.role == Role::Admin && other.id != user.id;
    if user.role != Role::Admin || tx.list_users()?.iter().any(is_other_admin) {
        return Ok(());
    }
    Err(Error::InUse(format!("`{}` is the last admin; add another first", user.name)))
}

fn name_taken(error: StoreError, name: &UserName) -> Error {
    match error {
        StoreError::Taken(field) => {
            Error::Taken { field, message: format!("there is a user named `{name}` already") }
        }
        other => other.into(),
    }
}

/// The target of an event about a user.
pub(super) fn target(user: &User) -> Target {
    Target::new("user", user.id.to_string(), user.name.as_str())
}
