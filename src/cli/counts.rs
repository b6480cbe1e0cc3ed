//! `usage` and `account usage`: how often keys were presented, by verdict and hour or day.

use clap::Args;
use jiff::Timestamp;

use super::context::Context;
use super::exit::Failure;
use super::output::{self, instant};
use super::pages;
use crate::app;
use crate::model::key::KeyRef;
use crate::model::moment::Edge;
use crate::model::page::{Page, PageRequest};
use crate::model::usage::{UsageCount, UsageRange, UsageStep};

/// Arguments of `usage`.
#[derive(Debug, Args)]
#[command(after_help = "\
What limits that are only watched would have refused is in `keysrv show`.

Examples:
  keysrv usage ci
  keysrv usage ci --by day --from 2026-11-01
  keysrv usage ks_8Qm2LxT0aZr4_ --from 7d --json")]
pub(super) struct UsageArgs {
    /// A key's id, visible start or name
    id: String,
    #[command(flatten)]
    range: RangeArgs,
}

/// Arguments of `account usage`.
#[derive(Debug, Args)]
#[command(after_help = "\
Each use counts for the account that its key belonged to at the time, also when the key is gone.

Example:
  keysrv account usage cus_42 --by day")]
pub(super) struct AccountUsageArgs {
    /// An account's id or external id
    id: String,
    #[command(flatten)]
    range: RangeArgs,
}

#[derive(Debug, Args)]
struct RangeArgs {
    /// How counts are summed up: hour or day [default: hour]
    #[arg(long, value_name = "STEP")]
    by: Option<String>,
    /// From when on: a time, a day in UTC, or how long ago [default: a day, or 30 days by day]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until when; a day that is named is included [default: now]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl RangeArgs {
    fn range(&self, now: Timestamp) -> Result<UsageRange, Failure> {
        let step = self.by.as_deref().map(UsageStep::parse).transpose()?.unwrap_or_default();
        let from = self.from.as_deref().map(|text| Edge::From.parse("from", text, now)).transpose()?;
        let to = self.to.as_deref().map(|text| Edge::To.parse("to", text, now)).transpose()?;
        Ok(UsageRange::new(step, from, to, now)?)
    }
}

pub(super) fn of_key(context: &Context, args: &UsageArgs) -> Result<(), Failure> {
    let (app, key) = (context.app()?, KeyRef::parse(&args.id)?);
    let range = args.range.range(app.now())?;
    print(context, |page| Ok(app.key_usage(&context.who, context.project(), &key, &range, page)?.counts))
}

pub(super) fn of_account(context: &Context, args: &AccountUsageArgs) -> Result<(), Failure> {
    let app = context.app()?;
    let range = args.range.range(app.now())?;
    print(context, |page| {
        Ok(app.account_usage(&context.who, context.project(), &args.id, &range, page)?.counts)
    })
}

fn print(
    context: &Context,
    fetch: impl Fn(&PageRequest) -> app::Result<Page<UsageCount>>,
) -> Result<(), Failure> {
    let counts = pages::items(None, fetch);
    if context.is_json {
        return output::json_list(counts, output::json_text);
    }
    let row = |count: UsageCount| [instant(count.at), count.code.to_string(), count.count.to_string()];
    let rows = counts.map(|count| Ok(row(count?))).collect::<Result<_, Failure>>()?;
    output::table(["from", "verdict", "requests"], rows)
}
