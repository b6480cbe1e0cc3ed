//! One layer of settings as it was given: text that nobody has checked yet.

use std::path::Path;

use serde::Deserialize;

use super::ConfigError;

/// Every setting by its name on the command line and in the file.
pub(super) const SETTINGS: [&str; 12] = [
    "data-dir",
    "project",
    "listen",
    "base-url",
    "trusted-proxy",
    "workers",
    "key-cache",
    "metrics",
    "keep-usage-by-hour",
    "keep-usage-by-day",
    "log-format",
    "log-level",
];

/// The settings of one layer; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Options {
    /// Where the database is.
    pub data_dir: Option<String>,
    /// The project that commands act in.
    pub project: Option<String>,
    /// Where the server listens.
    pub listen: Option<String>,
    /// The address under which people reach the server.
    pub base_url: Option<String>,
    /// Peers whose word on the client's address is believed.
    pub trusted_proxy: Option<Vec<String>>,
    /// Threads that serve requests.
    #[serde(deserialize_with = "text_of_number")]
    pub workers: Option<String>,
    /// How much memory keys take between verifications.
    pub key_cache: Option<String>,
    /// Who may read the metrics.
    pub metrics: Option<String>,
    /// How long uses are counted by hour.
    pub keep_usage_by_hour: Option<String>,
    /// How long uses are counted by day.
    pub keep_usage_by_day: Option<String>,
    /// How log lines look.
    pub log_format: Option<String>,
    /// Which log lines are written.
    pub log_level: Option<String>,
}

fn text_of_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match toml::Value::deserialize(deserializer)? {
        toml::Value::Integer(n) => Ok(Some(n.to_string())),
        toml::Value::String(text) => Ok(Some(text)),
        _ => Err(serde::de::Error::custom("this is not a whole number")),
    }
}

/// Reads a settings file.
pub(super) fn read_file(path: &Path) -> Result<Options, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new(format!("cannot read the settings file `{shown}`: {error}")))?;
    let unreadable = |error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let why = error.message().replace('\n', " ");
        ConfigError::new(format!("line {line} of the settings file `{shown}` cannot be read: {why}"))
    };
    let table: toml::Table = toml::from_str(&text).map_err(unreadable)?;
    if let Some(name) = table.keys().find(|name| !SETTINGS.contains(&name.as_str())) {
        let message = format!("`{name}` in `{shown}` is no setting");
        return Err(ConfigError { message, hint: nearest(name, SETTINGS) });
    }
    // Not from the table, which knows no lines any more.
    toml::from_str(&text).map_err(unreadable)
}

/// "did you mean …?", for a name that is nearly one of the known, else all of them.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    let near =
        known.iter().min_by_key(|candidate| strsim::damerau_levenshtein(&plain(candidate), &plain(name)))?;
    if strsim::damerau_levenshtein(&plain(near), &plain(name)) <= 3 {
        return Some(format!("did you mean `{near}`?"));
    }
    Some(format!("the settings are `{}`", known.join("`, `")))
}
