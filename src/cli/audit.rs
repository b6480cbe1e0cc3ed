//! `audit`: who changed what.

use clap::Args;
use jiff::Timestamp;

use super::context::Context;
use super::exit::Failure;
use super::output::{self, instant};
use super::pages;
use crate::config::Origin;
use crate::model::audit::{AuditEvent, AuditFilter};
use crate::model::moment::Edge;
use crate::model::principal::ActorKind;

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
It shows all projects, or the one that is named.

Examples:
  keysrv audit --limit 20
  keysrv audit --action key.deleted --project staging
  keysrv audit --actor ann --from 2026-11-01 --to 2026-11-30
  keysrv audit --target ks_8Qm2LxT0aZr4_ --from 24h
  keysrv audit --json > audit.json")]
pub(super) struct AuditArgs {
    /// Only this action, such as key.disabled, or `key.` for all that happens to keys
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what was done to the thing with this id or name; for a key also its visible start
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// Only what was done by whoever has this id or name
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only what this kind of actor did: user, key, operator or stranger
    #[arg(long, value_name = "KIND")]
    actor_kind: Option<String>,
    /// Only from then on: a time, a day in UTC, or how long ago, such as 24h
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only before then; a day that is named is included
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) fn list(context: &Context, args: &AuditArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let filter = filter(context, args, app.now())?;
    let events = pages::items(args.limit, |page| app.list_audit(&context.who, &filter, page));
    if context.is_json {
        return output::json_list(events, output::json_text);
    }
    let row = |event: &AuditEvent| {
        [
            event.n.to_string(),
            instant(event.at),
            format!("{} {}", event.actor.kind.as_str(), event.actor.name),
            event.action.clone(),
            event.target.name.clone(),
            event.project.clone().unwrap_or_default(),
        ]
    };
    let rows = events.map(|event| Ok(row(&event?))).collect::<Result<_, Failure>>()?;
    output::table(["n", "when", "who", "what", "to", "project"], rows)
}

fn filter(context: &Context, args: &AuditArgs, now: Timestamp) -> Result<AuditFilter, Failure> {
    let is_named = context.config.project.origin != Origin::Default;
    let moment = |edge: Edge, field, text: &Option<String>| {
        text.as_deref().map(|text| edge.parse(field, text, now)).transpose()
    };
    Ok(AuditFilter {
        project: is_named.then(|| context.project().clone()),
        actor_kind: args.actor_kind.as_deref().map(ActorKind::parse).transpose()?,
        actor: args.actor.clone(),
        action: args.action.clone(),
        target: args.target.clone(),
        from: moment(Edge::From, "from", &args.from)?,
        to: moment(Edge::To, "to", &args.to)?,
        ..AuditFilter::default()
    })
}
