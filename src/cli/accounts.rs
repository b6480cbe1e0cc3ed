//! `account`: create, list, show, usage, enable, disable, delete.

use clap::{Args, Subcommand};

use super::context::Context;
use super::counts::{self, AccountUsageArgs};
use super::exit::Failure;
use super::limits::{self, LimitArgs};
use super::output::{self, counted, instant};
use super::{pages, prompt};
use crate::app::App;
use crate::model::account::{
    Account, AccountChange, AccountFilter, AccountName, ExternalId, Metadata, NewAccount, parse_status,
};
use crate::model::limit::LimitsChange;

/// Commands for accounts.
#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Create an account and print its id
    #[command(after_help = "\
Example:
  keysrv account create \"Acme GmbH\" --external-id cus_42")]
    Create {
        /// A label
        name: String,
        /// What your own system calls it; unique in the project
        #[arg(long, value_name = "X")]
        external_id: Option<String>,
        #[command(flatten)]
        limits: LimitArgs,
    },
    /// Change an account, or the limits that its keys share
    Set(SetArgs),
    /// List accounts, newest first
    List(ListArgs),
    /// Show an account
    Show {
        /// An account's id or external id
        id: String,
    },
    /// Count the requests of an account's keys together
    Usage(AccountUsageArgs),
    /// Let an account's keys work again
    Enable {
        /// An account's id or external id
        id: String,
    },
    /// Stop all keys of an account at once
    #[command(after_help = "\
Example:
  keysrv account disable cus_42")]
    Disable {
        /// An account's id or external id
        id: String,
    },
    /// Delete an account with all its keys
    Delete {
        /// An account's id or external id
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Arguments of `account list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keysrv account list --q acme
  keysrv account list --status disabled --json")]
pub(super) struct ListArgs {
    /// Part of a name, id or external id
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    /// Exactly this external id
    #[arg(long, value_name = "X")]
    external_id: Option<String>,
    /// enabled or disabled
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// Arguments of `account set`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is not named stays as it is.

Examples:
  keysrv account set cus_42 --rate 1000/60 --quota 1000000/month
  keysrv account set cus_42 --quota-mode watch
  keysrv account set cus_42 --external-id cus_43")]
pub(super) struct SetArgs {
    /// An account's id or external id
    id: String,
    /// Another name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What your own system calls it, or none
    #[arg(long, value_name = "X")]
    external_id: Option<String>,
    #[command(flatten)]
    limits: LimitArgs,
    /// Start the count of the quota anew
    #[arg(long, help_heading = "Limits")]
    reset_quota: bool,
}

impl SetArgs {
    fn change(&self) -> Result<AccountChange, Failure> {
        let external_id = self.external_id.as_deref().map(|id| match id {
            "none" => Ok(None),
            id => ExternalId::parse(id).map(Some),
        });
        Ok(AccountChange {
            name: self.name.as_deref().map(AccountName::parse).transpose()?,
            external_id: external_id.transpose()?,
            limits: LimitsChange { quota_reset: self.reset_quota, ..self.limits.change()? },
            ..AccountChange::default()
        })
    }
}

pub(super) fn run(context: &Context, command: AccountCommand) -> Result<(), Failure> {
    let app = context.app()?;
    let (who, project) = (&context.who, context.project());
    match command {
        AccountCommand::Create { name, external_id, limits } => {
            let new = NewAccount {
                name: AccountName::parse(&name)?,
                external_id: external_id.as_deref().map(ExternalId::parse).transpose()?,
                metadata: Metadata::default(),
                enabled: true,
                limits: limits.change()?,
            };
            let account = app.create_account(who, project, &new)?;
            if context.is_json { output::json(&account) } else { output::line(account.id.as_str()) }
        }
        AccountCommand::Set(args) => {
            let change = args.change()?;
            if change == AccountChange::default() {
                return Err(Failure::new("there is nothing to change")
                    .hint("`keysrv account set --help` tells what may change"));
            }
            let account = app.set_account(who, project, &args.id, &change, None)?;
            changed(context, &account, "changed; it counts from now on")
        }
        AccountCommand::List(args) => list(context, &app, &args),
        AccountCommand::Show { id } => show(context, &app.get_account(who, project, &id)?),
        AccountCommand::Usage(args) => counts::of_account(context, &args),
        AccountCommand::Enable { id } => {
            let account = app.enable_account(who, project, &id)?;
            changed(context, &account, "enabled; its keys work from now on")
        }
        AccountCommand::Disable { id } => {
            let account = app.disable_account(who, project, &id)?;
            changed(context, &account, "disabled; no request with its keys succeeds any more")
        }
        AccountCommand::Delete { id, yes } => {
            if !yes {
                let account = app.get_account(who, project, &id)?;
                let (name, keys) = (account.name.as_str(), counted(account.n_keys, "key"));
                prompt::confirm(&format!("Delete account `{name}` and its {keys}? This can't be undone."))?;
            }
            let account = app.delete_account(who, project, &id, None)?;
            changed(context, &account, &format!("deleted with its {}", counted(account.n_keys, "key")))
        }
    }
}

fn list(context: &Context, app: &App, args: &ListArgs) -> Result<(), Failure> {
    let filter = AccountFilter {
        q: args.q.clone(),
        external_id: args.external_id.clone(),
        enabled: args.status.as_deref().map(parse_status).transpose()?,
        only: None,
    };
    let accounts =
        pages::items(args.limit, |page| app.list_accounts(&context.who, context.project(), &filter, page));
    if context.is_json {
        return output::json_list(accounts, output::json_text);
    }
    let rows = accounts.map(|account| Ok(row(&account?))).collect::<Result<_, Failure>>()?;
    output::table(["name", "id", "external id", "status", "keys"], rows)
}

fn row(account: &Account) -> [String; 5] {
    [
        account.name.as_str().to_owned(),
        account.id.to_string(),
        external_id(account),
        state(account).to_owned(),
        account.n_keys.to_string(),
    ]
}

fn show(context: &Context, account: &Account) -> Result<(), Failure> {
    if context.is_json {
        return output::json(account);
    }
    let mut rows = vec![
        ("name", account.name.as_str().to_owned()),
        ("id", account.id.to_string()),
        ("external id", external_id(account)),
        ("project", account.project.to_string()),
        ("status", state(account).to_owned()),
        ("keys", account.n_keys.to_string()),
        ("created", instant(account.created_at)),
        ("metadata", account.metadata.to_text()),
    ];
    rows.extend(limits::of(&account.limits, account.quota_state));
    output::facts(rows)
}

fn external_id(account: &Account) -> String {
    account.external_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default()
}

fn state(account: &Account) -> &'static str {
    if account.enabled { "enabled" } else { "disabled" }
}

fn changed(context: &Context, account: &Account, what: &str) -> Result<(), Failure> {
    if context.is_json {
        return output::json(account);
    }
    output::note(&format!("account `{}` ({}) is {what}", account.name.as_str(), account.id));
    Ok(())
}
