//! `user`: add, list, passwd, set-role, delete. Repairs a lock-out from the shell.

use clap::Subcommand;

use super::context::Context;
use super::exit::Failure;
use super::output::{self, instant_or};
use super::prompt::{self, PasswordFrom, new_password};
use crate::model::user::{Role, User, UserName};

/// Commands for users.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user; asks for a password
    #[command(after_help = "\
Examples:
  keysrv user add anna
  printf %s \"$PASSWORD\" | keysrv user add bert --role viewer --password-stdin")]
    Add {
        /// A name to sign in with
        name: String,
        /// admin or viewer; a viewer looks and changes nothing
        #[arg(long, default_value = "admin")]
        role: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List users
    List,
    /// Give a user another password and end the user's sessions
    #[command(after_help = "\
Example:
  keysrv user passwd anna")]
    Passwd {
        /// The user's name
        name: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a user another role
    #[command(after_help = "\
Example:
  keysrv user set-role bert admin")]
    SetRole {
        /// The user's name
        name: String,
        /// admin or viewer
        role: String,
    },
    /// Delete a user
    Delete {
        /// The user's name
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(context: &Context, command: UserCommand) -> Result<(), Failure> {
    let app = context.app()?;
    let who = &context.who;
    match command {
        UserCommand::Add { name, role, password_stdin } => {
            let (name, role) = (UserName::parse(&name)?, Role::parse(&role)?);
            let password = new_password(PasswordFrom::flag(password_stdin))?;
            changed(context, &app.add_user(who, &name, role, &password)?, "added")
        }
        UserCommand::List => list(context, &app.list_users(who)?),
        UserCommand::Passwd { name, password_stdin } => {
            let name = UserName::parse(&name)?;
            let password = new_password(PasswordFrom::flag(password_stdin))?;
            changed(context, &app.set_password(who, &name, &password)?, "to sign in with the new password")
        }
        UserCommand::SetRole { name, role } => {
            let (name, role) = (UserName::parse(&name)?, Role::parse(&role)?);
            changed(context, &app.set_role(who, &name, role)?, role.as_str())
        }
        UserCommand::Delete { name, yes } => {
            let name = UserName::parse(&name)?;
            if !yes {
                prompt::confirm(&format!("Delete user `{name}`? This can't be undone."))?;
            }
            changed(context, &app.delete_user(who, &name)?, "deleted")
        }
    }
}

fn list(context: &Context, users: &[User]) -> Result<(), Failure> {
    if context.is_json {
        return output::json_items(users);
    }
    let row = |user: &User| {
        [user.name.to_string(), user.role.as_str().to_owned(), instant_or(user.last_sign_in_at, "never")]
    };
    output::table(["name", "role", "last sign-in"], users.iter().map(row).collect())
}

fn changed(context: &Context, user: &User, what: &str) -> Result<(), Failure> {
    if context.is_json {
        return output::json(user);
    }
    output::note(&format!("user `{}` is {what}", user.name));
    Ok(())
}
