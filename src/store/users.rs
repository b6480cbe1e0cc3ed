//! Users at the boundary.

use jiff::Timestamp;

use super::Result;
use crate::model::user::{Role, User, UserId, UserName};

/// The most users that a server may have.
pub const USERS_MAX: usize = 200;

/// Reading users.
pub trait UserReads {
    /// The user with this name, and the password's hash.
    ///
    /// # Errors
    /// When it cannot be read.
    fn find_user(&self, name: &UserName) -> Result<Option<(User, String)>>;

    /// Every user by name, at most [`USERS_MAX`].
    ///
    /// # Errors
    /// When they cannot be read.
    fn list_users(&self) -> Result<Vec<User>>;
}

/// Changing users.
pub trait UserWrites {
    /// Adds a user.
    ///
    /// # Errors
    /// [`super::StoreError::Taken`] when the name (`user`) is.
    fn insert_user(
        &mut self,
        name: &UserName,
        role: Role,
        password_hash: &str,
        at: Timestamp,
    ) -> Result<UserId>;

    /// Gives a user another password.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_user_password(&mut self, id: UserId, password_hash: &str) -> Result<()>;

    /// Gives a user another role.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_user_role(&mut self, id: UserId, role: Role) -> Result<()>;

    /// Notes when a user signed in.
    ///
    /// # Errors
    /// When it cannot be written.
    fn set_user_signed_in(&mut self, id: UserId, at: Timestamp) -> Result<()>;

    /// Takes a user and the user's sessions away.
    ///
    /// # Errors
    /// When it cannot be written.
    fn delete_user(&mut self, id: UserId) -> Result<()>;
}
