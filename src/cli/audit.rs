//! `audit`: who changed what.

use clap::Args;

use super::context::Context;
use super::exit::Failure;
use super::output::{self, instant};
use super::pages;
use crate::config::Origin;
use crate::model::audit::{AuditEvent, AuditFilter};

/// Arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
It shows all projects, or the one that is named.

Examples:
  keysrv audit --limit 20
  keysrv audit --action key.deleted --project staging
  keysrv audit --json > audit.json")]
pub(super) struct AuditArgs {
    /// Only this action, such as key.disabled, or `key.` for all that happens to keys
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what was done to the thing with this id
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) fn list(context: &Context, args: &AuditArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let is_named = context.config.project.origin != Origin::Default;
    let filter = AuditFilter {
        project: is_named.then(|| context.project().clone()),
        action: args.action.clone(),
        target_id: args.target.clone(),
        ..AuditFilter::default()
    };
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
