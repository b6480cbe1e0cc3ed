//! `create`: a key, or many, whose tokens are printed once.

use std::io::IsTerminal;

use clap::Args;
use jiff::Timestamp;

use super::context::{Context, key_ref};
use super::exit::Failure;
use super::limits::LimitArgs;
use super::{keys_set, output, progress};
use crate::app::keys_create::CreatedKey;
use crate::app::view::CreatedView;
use crate::app::{App, Error};
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::expiry::{WithoutDate, parse_expiry};
use crate::model::key::{KeyName, KeyRef, NewKey, Note};
use crate::model::scope::ScopeSet;

/// Arguments of `create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  KEY=$(keysrv create ci)
  keysrv create ci-2 --like ci
  keysrv create agent --preset ai-agent --expires 90d
  keysrv create partner --allow-ip 203.0.113.0/24 --rate 100/60 --quota 10000/day
  keysrv create worker --count 20 --scope actions:execute --json
  keysrv create acme-prod --account cus_42 --expires 2027-01-31 --note \"for their nightly sync\"")]
pub(super) struct CreateArgs {
    /// A label, unique in the project; it can't be changed later
    name: String,
    /// Make it like this key: scopes, account, note, metadata, addresses, limits, and as long a
    /// life; what other options say counts instead
    #[arg(long, value_name = "ID")]
    like: Option<String>,
    /// Make NAME-1 to NAME-N, all or none
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// Grant this scope, and no defaults; may be repeated
    #[arg(long, value_name = "S")]
    scope: Vec<String>,
    /// Grant what this preset grants: defaults, ai-agent, read-only, none or one of the project's
    #[arg(long, value_name = "PRESET")]
    preset: Option<String>,
    /// When it ends: 90d, a date, a time, or never
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Issue it to this account, by id or external id
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// A note for whoever manages the key
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// An address or network that it may be used from; may be repeated
    #[arg(long, value_name = "CIDR", help_heading = "Limits")]
    allow_ip: Vec<String>,
    #[command(flatten)]
    limits: LimitArgs,
}

pub(super) fn create(context: &Context, args: &CreateArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let new = new_key(context, &app, args)?;
    match args.count {
        None => {
            let created = app.create_key(&context.who, context.project(), &new);
            let created = created.map_err(|error| explain(context, error))?;
            print(context, &created, app.now())
        }
        Some(count) => create_many(context, &app, &new, count),
    }
}

/// The key that is asked for: a plain one, or one like another, and what the options say instead.
fn new_key(context: &Context, app: &App, args: &CreateArgs) -> Result<NewKey, Failure> {
    let name = KeyName::parse(&args.name)?;
    let mut new = match &args.like {
        Some(id) => app.new_key_like(&context.who, context.project(), &key_ref(id)?, name)?,
        None => NewKey::named(name),
    };
    if let Some(scopes) = scopes(context, app, args)? {
        new.scopes = Some(scopes);
    }
    if let Some(note) = &args.note {
        new.note = Note::parse("note", note)?;
    }
    if let Some(account) = &args.account {
        new.account = Some(account.clone());
    }
    if let Some(expires) = &args.expires {
        new.expires_at = parse_expiry(expires, app.now())?;
        new.without_date = WithoutDate::Never;
    }
    if let Some(addresses) = keys_set::addresses(&args.allow_ip)? {
        new.allowed_ips = addresses;
    }
    new.limits = args.limits.change()?.or(new.limits);
    Ok(new)
}

fn explain(context: &Context, error: Error) -> Failure {
    let is_unknown_scope = error.code() == Code::InvalidValue && error.field() == Some("scopes");
    let failure = Failure::from(error);
    if !is_unknown_scope {
        return failure;
    }
    failure.hint(format!("`keysrv scope list{}` tells which there are", context.in_project()))
}

/// `None` leaves the choice to the catalogue's defaults.
fn scopes(context: &Context, app: &App, args: &CreateArgs) -> Result<Option<ScopeSet>, Failure> {
    let named = ScopeSet::parse(args.scope.iter().map(String::as_str))?;
    let Some(preset) = &args.preset else {
        return Ok((!named.is_empty()).then_some(named));
    };
    let catalogue = app.get_catalogue(&context.who, context.project())?;
    let Some(granted) = catalogue.preset(preset) else {
        let known = catalogue.preset_names().join("`, `");
        return Err(Invalid::new("preset", preset, format!("is none of `{known}`")).into());
    };
    Ok(Some(ScopeSet::new(granted.iter().chain(&named).cloned())?))
}

fn create_many(context: &Context, app: &App, new: &NewKey, count: u32) -> Result<(), Failure> {
    let project = context.project();
    let created =
        progress::with_bar("creating keys", |told| app.create_keys(&context.who, project, new, count, told));
    let created = created.map_err(|error| explain(context, error))?;
    let printed = output::lines(created.iter().map(|(_, token)| {
        if !context.is_json {
            return Ok(token.expose().to_owned());
        }
        let key = app.get_key(&context.who, project, &KeyRef::from(token.key_id()))?;
        output::json_text(&CreatedView::new(&key, token, app.now()))
    }));
    printed.map_err(|failure| {
        failure.hint(
            "the keys were made; those whose tokens you did not get are of no use: delete or rotate them",
        )
    })
}

/// Prints a token, alone or with its key.
pub(super) fn print(context: &Context, created: &CreatedKey, now: Timestamp) -> Result<(), Failure> {
    if std::io::stdout().is_terminal() {
        output::note("This token is shown only now: keep it in a password manager or a secrets vault.");
    }
    let printed = if context.is_json {
        output::json(&CreatedView::new(&created.key, &created.token, now))
    } else {
        output::line(created.token.expose())
    };
    // Nothing can be taken back that was made, and nobody has seen the token.
    let (id, project) = (created.key.facts.id, context.in_project());
    printed.map_err(|failure| {
        failure.hint(format!("the token is lost; make another one with `keysrv rotate {id}{project}`"))
    })
}
