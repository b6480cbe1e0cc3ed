//! Limits in the shell: the options that set them, and the facts that show them.

use clap::Args;

use super::exit::Failure;
use super::output::instant;
use crate::model::Invalid;
use crate::model::key::Key;
use crate::model::limit::{Limits, LimitsChange, Mode, Quota, QuotaState, RateLimit, Watched, WatchedCount};

/// What takes a limit away.
const NONE: &str = "none";

/// Options for the limits of a key or an account.
#[derive(Debug, Default, Args)]
pub(super) struct LimitArgs {
    /// At most N requests at once, refilled evenly over so many seconds, such as 100/60, or none
    #[arg(long, value_name = "N/SECONDS", help_heading = "Limits")]
    rate: Option<String>,
    /// enforce, or watch: count what it would refuse, and refuse nothing
    #[arg(long, value_name = "MODE", help_heading = "Limits")]
    rate_mode: Option<String>,
    /// At most N requests in a calendar day or month, such as 10000/day, or none
    #[arg(long, value_name = "N/PERIOD", help_heading = "Limits")]
    quota: Option<String>,
    /// enforce or watch
    #[arg(long, value_name = "MODE", help_heading = "Limits")]
    quota_mode: Option<String>,
}

impl LimitArgs {
    /// The change that the options ask for.
    pub(super) fn change(&self) -> Result<LimitsChange, Failure> {
        Ok(LimitsChange {
            rate: self.rate.as_deref().map(|text| unless_none(text, RateLimit::parse)).transpose()?,
            rate_mode: mode("rate_mode", self.rate_mode.as_deref())?,
            quota: self.quota.as_deref().map(|text| unless_none(text, Quota::parse)).transpose()?,
            quota_mode: mode("quota_mode", self.quota_mode.as_deref())?,
            ..LimitsChange::default()
        })
    }
}

fn unless_none<T>(text: &str, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Result<Option<T>, Invalid> {
    if text == NONE { Ok(None) } else { parse(text).map(Some) }
}

/// The mode that an option names.
pub(super) fn mode(field: &'static str, text: Option<&str>) -> Result<Option<Mode>, Failure> {
    Ok(text.map(|text| Mode::parse(field, text)).transpose()?)
}

/// What is shown about the limits of a key, one fact a line.
pub(super) fn of_key(key: &Key, watched: &[WatchedCount]) -> Vec<(&'static str, String)> {
    let (limits, facts) = (&key.facts.limits, &key.facts);
    let addresses: Vec<String> = facts.allowed_ips.iter().map(ToString::to_string).collect();
    let addresses = match addresses.as_slice() {
        [] => "anywhere".to_owned(),
        addresses => format!("{}{}", addresses.join(", "), watched_only(limits.ips_mode)),
    };
    let mut rows = vec![("usable from", addresses)];
    rows.extend(of(limits, key.quota_state));
    rows.extend(would_refuse(watched));
    rows
}

/// What is shown about the limits of an account or a key.
pub(super) fn of(limits: &Limits, state: Option<QuotaState>) -> Vec<(&'static str, String)> {
    let rate = limits.rate.map(|rate| {
        let (n, seconds) = (rate.requests(), rate.per_seconds());
        format!("{n} requests per {seconds} seconds{}", watched_only(limits.rate_mode))
    });
    let quota = limits.quota.zip(state).map(|(quota, state)| {
        let (n, per) = (quota.requests(), quota.per().as_str());
        let (used, at) = (state.used, instant(state.resets_at));
        format!("{n} requests per {per}, {used} used until {at}{}", watched_only(limits.quota_mode))
    });
    let none = || "none".to_owned();
    vec![("rate limit", rate.unwrap_or_else(none)), ("quota", quota.unwrap_or_else(none))]
}

fn watched_only(mode: Mode) -> &'static str {
    if mode == Mode::Watch { " (only watched)" } else { "" }
}

/// What watched limits would have refused, a line for each that would have refused anything.
pub(super) fn would_refuse(counts: &[WatchedCount]) -> Vec<(&'static str, String)> {
    let total = |code: Watched| -> u64 {
        counts.iter().filter(|count| count.code == code).map(|count| count.count).sum()
    };
    let mut codes: Vec<Watched> = counts.iter().map(|count| count.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let line = |code: Watched| {
        ("would have refused", format!("{} requests in 30 days: {}", total(code), code.as_str()))
    };
    codes.into_iter().map(line).collect()
}
