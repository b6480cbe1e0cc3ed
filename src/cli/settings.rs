//! `config show`: every setting, its value and where it came from.

use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::exit::Failure;
use super::output;
use crate::config::{Config, Setting};

/// Commands for settings.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Show every setting, its value and where it came from
    Show,
}

#[derive(Serialize)]
struct Row {
    setting: &'static str,
    value: String,
    origin: String,
}

fn row<T>(setting: &'static str, found: &Setting<T>, text: impl Fn(&T) -> String) -> Row {
    Row { setting, value: text(&found.value), origin: found.origin.to_string() }
}

fn rows(config: &Config) -> Vec<Row> {
    let networks =
        |nets: &Vec<ipnet::IpNet>| nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    vec![
        row("data-dir", &config.data_dir, |dir| dir.display().to_string()),
        row("project", &config.project, ToString::to_string),
        row("listen", &config.listen, |listen| listen.0.to_string()),
        row("base-url", &config.base_url, |url| url.clone().unwrap_or_else(|| "none".to_owned())),
        row("trusted-proxy", &config.trusted_proxy, networks),
        row("workers", &config.workers, ToString::to_string),
        row("log-format", &config.log_format, |format| format.as_str().to_owned()),
        row("log-level", &config.log_level, |level| level.as_str().to_owned()),
    ]
}

pub(super) fn show(context: &Context) -> Result<(), Failure> {
    let rows = rows(&context.config);
    if context.is_json {
        return output::json_list(&rows);
    }
    let cells = rows.into_iter().map(|row| [row.setting.to_owned(), row.value, row.origin]);
    output::table(["setting", "value", "from"], cells.collect())
}
