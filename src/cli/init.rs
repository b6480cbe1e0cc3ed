//! `init`: the database, and the first admin.

use clap::{Args, ValueEnum};

use super::context::Context;
use super::exit::Failure;
use super::output::note;
use super::prompt::{PasswordFrom, new_password};
use crate::app::setup::{FirstAdmin, init as init_database};
use crate::model::scope::Catalogue;
use crate::model::user::UserName;
use crate::store;

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keysrv init --user anna
  printf %s \"$PASSWORD\" | keysrv init --user anna --password-stdin
  keysrv init --catalogue empty")]
pub(super) struct InitArgs {
    /// Make this user, an admin; asks for a password
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Read the password from standard input
    #[arg(long, requires = "user")]
    password_stdin: bool,
    /// The scopes that the project `default` starts with: six resources that show what scopes are
    /// for, or only what guards keysrv's own API
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = CatalogueChoice::Example)]
    catalogue: CatalogueChoice,
}

/// A catalogue to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CatalogueChoice {
    Example,
    Empty,
}

impl CatalogueChoice {
    pub(super) fn catalogue(self) -> Catalogue {
        match self {
            Self::Example => Catalogue::example(),
            Self::Empty => Catalogue::empty(),
        }
    }
}

pub(super) fn init(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    if store::exists(context.data_dir()) {
        let message = format!("there is a database in `{}` already", context.data_dir().display());
        return Err(Failure::new(message).hint("start it with `keysrv serve`"));
    }
    let name = args.user.as_deref().map(UserName::parse).transpose()?;
    let password = match &name {
        Some(_) => Some(new_password(PasswordFrom::flag(args.password_stdin))?),
        None => None,
    };
    let admin = name.as_ref().zip(password.as_ref());
    let admin = admin.map(|(name, password)| FirstAdmin { name, password });
    let catalogue = args.catalogue.catalogue();
    init_database(context.data_dir(), &context.clock, &context.who, &catalogue, admin.as_ref())?;
    note(&format!("made {}", context.data_dir().join(store::DATABASE_FILE).display()));
    note(&format!("start the server with `{}`", context.command(&["serve"])));
    Ok(())
}
