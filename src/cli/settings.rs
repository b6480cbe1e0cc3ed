//! `config show`: every setting, its value and where it came from.

use clap::Subcommand;
use serde::Serialize;
use serde_json::{Value, json};

use super::context::Context;
use super::exit::Failure;
use super::output;
use crate::config::{Config, Setting};

/// Commands for settings.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Show every setting, its value and where it came from
    #[command(after_help = "\
Examples:
  keysrv config show
  KEYSRV_LISTEN=0.0.0.0:80 keysrv config show --json")]
    Show,
}

#[derive(Serialize)]
struct Row {
    setting: &'static str,
    value: Value,
    origin: String,
}

fn row<T>(setting: &'static str, found: &Setting<T>, value: impl Fn(&T) -> Value) -> Row {
    Row { setting, value: value(&found.value), origin: found.origin.to_string() }
}

fn rows(config: &Config) -> Vec<Row> {
    vec![
        row("data-dir", &config.data_dir, |dir| json!(dir.display().to_string())),
        row("config", &config.file, |file| json!(file.as_ref().map(|path| path.display().to_string()))),
        row("project", &config.project, |name| json!(name)),
        row("listen", &config.listen, |listen| json!(listen.0)),
        row("base-url", &config.base_url, |url| json!(url)),
        row("trusted-proxy", &config.trusted_proxy, |nets| json!(nets)),
        row("workers", &config.workers, |n| json!(n)),
        row("key-cache", &config.key_cache, |bytes| json!(bytes.to_string())),
        row("metrics", &config.metrics, |access| json!(access.as_str())),
        row("keep-usage-by-hour", &config.keep_usage_by_hour, |span| json!(span.to_string())),
        row("keep-usage-by-day", &config.keep_usage_by_day, |span| json!(span.to_string())),
        row("log-format", &config.log_format, |format| json!(format.as_str())),
        row("log-level", &config.log_level, |level| json!(level.as_str())),
    ]
}

pub(super) fn show(context: &Context) -> Result<(), Failure> {
    let rows = rows(&context.config);
    if context.is_json {
        return output::json_items(&rows);
    }
    let cells = rows.into_iter().map(|row| [row.setting.to_owned(), in_words(&row.value), row.origin]);
    output::table(["setting", "value", "from"], cells.collect())
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
