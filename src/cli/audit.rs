//! `audit`: who changed what.

use clap::Args;

use super::context::Context;
use super::exit::Failure;
use super::keys::all_pages;
use super::output::{self, instant};
use crate::config::Origin;
use crate::model::audit::{AuditEvent, AuditFilter};

const LIMIT: usize = 50;

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// Only this action, such as key.disabled, or `key.` for all that happens to keys
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what was done to the thing with this id
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = LIMIT)]
    limit: usize,
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
    let events = all_pages(Some(args.limit), |page| app.list_audit(&context.who, &filter, page))?;
    if context.is_json {
        return output::json_list(&events);
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
    output::table(["n", "when", "who", "what", "to", "project"], events.iter().map(row).collect())
}
