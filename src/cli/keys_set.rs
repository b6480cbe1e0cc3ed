//! `set`: changes what may change about a key.

use clap::Args;

use super::context::{Context, key_ref};
use super::exit::Failure;
use super::keys::changed;
use super::limits::{self, LimitArgs};
use crate::app::App;
use crate::model::expiry::parse_expiry;
use crate::model::key::{KeyChange, Note, ScopesChange, parse_allowed_ips};
use crate::model::limit::LimitsChange;
use crate::model::scope::ScopeSet;

/// What empties a value that may be empty.
const NONE: &str = "none";

/// Arguments of `set`.
#[derive(Debug, Args)]
#[command(after_help = "\
What is not named stays as it is; the name never changes.

Examples:
  keysrv set ci --add-scope connectors:read --note \"for the nightly build\"
  keysrv set ci --expires 2027-01-31 --account cus_42
  keysrv set ci --allow-ip 203.0.113.0/24 --allow-ip 2001:db8::/32
  keysrv set ci --rate 100/60 --quota 10000/day --quota-mode watch
  keysrv set ci --reset-quota
  keysrv set ci --account none --allow-ip none --note \"\"")]
pub(super) struct SetArgs {
    /// A key's id, visible start or name
    id: String,
    /// A note for whoever manages the key; an empty one takes it away
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Grant this scope, too; may be repeated
    #[arg(long, value_name = "S")]
    add_scope: Vec<String>,
    /// Take this scope away; may be repeated
    #[arg(long, value_name = "S")]
    remove_scope: Vec<String>,
    /// When it ends: 90d, a date, a time, or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Issue it to this account, by id or external id, or to none
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// An address or network that it may be used from, or none for anywhere; may be repeated,
    /// replaces the list
    #[arg(long, value_name = "CIDR")]
    allow_ip: Vec<String>,
    /// Whether the list of addresses is enforced: enforce, or watch
    #[arg(long, value_name = "MODE", help_heading = "Limits")]
    ip_mode: Option<String>,
    #[command(flatten)]
    limits: LimitArgs,
    /// Start the count of the quota anew
    #[arg(long, help_heading = "Limits")]
    reset_quota: bool,
}

pub(super) fn set(context: &Context, args: &SetArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let change = change(args, &app)?;
    if change == KeyChange::default() {
        return Err(
            Failure::new("there is nothing to change").hint("`keysrv set --help` tells what may change")
        );
    }
    let key = app.set_key(&context.who, context.project(), &key_ref(&args.id)?, &change)?;
    changed(context, &app, &key, "changed; it counts from now on")
}

fn change(args: &SetArgs, app: &App) -> Result<KeyChange, Failure> {
    let expires_at = args.expires.as_deref().map(|text| parse_expiry(text, app.now())).transpose()?;
    Ok(KeyChange {
        scopes: scopes(args)?,
        note: args.note.as_deref().map(|text| Note::parse("note", text)).transpose()?,
        expires_at,
        account: args.account.as_ref().map(|account| Some(account.clone()).filter(|id| id != NONE)),
        allowed_ips: addresses(&args.allow_ip)?,
        limits: LimitsChange {
            ips_mode: limits::mode("allowed_ips_mode", args.ip_mode.as_deref())?,
            quota_reset: args.reset_quota,
            ..args.limits.change()?
        },
        ..KeyChange::default()
    })
}

fn scopes(args: &SetArgs) -> Result<Option<ScopesChange>, Failure> {
    if args.add_scope.is_empty() && args.remove_scope.is_empty() {
        return Ok(None);
    }
    let add = ScopeSet::parse(args.add_scope.iter().map(String::as_str))?;
    let remove = ScopeSet::parse(args.remove_scope.iter().map(String::as_str))?;
    Ok(Some(ScopesChange::Edit { add, remove }))
}

/// `None` where nothing is said.
pub(super) fn addresses(values: &[String]) -> Result<Option<Vec<ipnet::IpNet>>, Failure> {
    match values {
        [] => Ok(None),
        [none] if none == NONE => Ok(Some(Vec::new())),
        _ => Ok(Some(parse_allowed_ips(values.iter().map(String::as_str))?)),
    }
}
