//! `create`: a key, or many, whose tokens are printed once.

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::context::Context;
use super::exit::Failure;
use super::{output, progress};
use crate::app::App;
use crate::app::keys_create::CreatedKey;
use crate::app::view::ManagerView;
use crate::model::Invalid;
use crate::model::expiry::parse_expiry;
use crate::model::key::{KeyName, KeyRef, NewKey, Note};
use crate::model::scope::ScopeSet;

/// Arguments of `create`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  KEY=$(keysrv create ci)
  keysrv create agent --preset ai-agent --expires 90d
  keysrv create worker --count 20 --scope actions:execute --json")]
pub(super) struct CreateArgs {
    /// A label, unique in the project; it can't be changed later
    name: String,
    /// Make NAME-1 to NAME-N, all or none
    #[arg(long, value_name = "N")]
    count: Option<u32>,
    /// Grant this scope, and no defaults
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
}

/// A key and its token, as the API answers with them, too.
#[derive(Serialize)]
struct Created<'a> {
    key: ManagerView<'a>,
    token: &'a str,
}

pub(super) fn create(context: &Context, args: &CreateArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let new = NewKey {
        scopes: scopes(context, &app, args)?,
        note: args.note.as_deref().map(|text| Note::parse("note", text)).transpose()?.flatten(),
        account: args.account.clone(),
        expires_at: args.expires.as_deref().map(|text| parse_expiry(text, app.now())).transpose()?.flatten(),
        ..NewKey::named(KeyName::parse(&args.name)?)
    };
    match args.count {
        None => print(context, &app.create_key(&context.who, context.project(), &new)?, app.now()),
        Some(count) => create_many(context, &app, &new, count),
    }
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
        progress::with_bar("creating keys", |told| app.create_keys(&context.who, project, new, count, told))?;
    if !context.is_json {
        return output::lines(created.iter().map(|(_, token)| Ok(token.expose().to_owned())));
    }
    output::lines(created.iter().map(|(_, token)| {
        let key = app.get_key(&context.who, project, &KeyRef::from(token.key_id()))?;
        output::json_text(&Created { key: ManagerView::new(&key, app.now()), token: token.expose() })
    }))
}

/// Prints a token, alone or with its key.
pub(super) fn print(context: &Context, created: &CreatedKey, now: Timestamp) -> Result<(), Failure> {
    if context.is_json {
        return output::json(&Created {
            key: ManagerView::new(&created.key, now),
            token: created.token.expose(),
        });
    }
    output::line(created.token.expose())
}
