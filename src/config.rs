//! Settings, each with where it came from: flag, environment, file or default, in that order.
//!
//! The only reader of the environment. A setting that nobody knows is an error that names it,
//! since a misspelt one would silently leave its default in force. Variables that container
//! platforms make up for a service called keysrv (`KEYSRV_SERVICE_…`, `KEYSRV_PORT…`) are no
//! settings.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

mod bytes;
mod options;
mod values;

pub use bytes::Bytes;
pub use options::Options;
pub use values::{Listen, LogFormat, LogLevel, MetricsAccess};

use ipnet::IpNet;
use options::SETTINGS;

use crate::model::expiry::Span;
use crate::model::project::ProjectName;
use crate::model::usage::Retention;

/// The name of the settings file.
pub const FILE_NAME: &str = "keysrv.toml";
const PREFIX: &str = "KEYSRV_";
const FILE_VARIABLE: &str = "KEYSRV_CONFIG";
const TOKEN_VARIABLE: &str = "KEYSRV_TOKEN";

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong, with the value.
    pub message: String,
    /// What to do, where that is known.
    pub hint: Option<String>,
}

impl ConfigError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// Says where the value stands, unless who asked has just written it.
    fn naming(self, origin: &Origin) -> Self {
        match origin {
            Origin::Flag => self,
            _ => Self { message: format!("{} (from {origin})", self.message), ..self },
        }
    }
}

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// An argument of this call.
    Flag,
    /// An environment variable.
    Environment(String),
    /// A settings file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database is.
    pub data_dir: Setting<PathBuf>,
    /// The settings file that was read; `None` when there is none.
    pub file: Setting<Option<PathBuf>>,
    /// The project that commands act in.
    pub project: Setting<ProjectName>,
    /// Where the server listens.
    pub listen: Setting<Listen>,
    /// The address under which people reach the server, without a slash at its end.
    pub base_url: Setting<Option<String>>,
    /// Peers whose word on the client's address is believed.
    pub trusted_proxy: Setting<Vec<IpNet>>,
    /// Threads that serve requests.
    pub workers: Setting<usize>,
    /// How many bytes of memory keys take between verifications.
    pub key_cache: Setting<Bytes>,
    /// Who may read the metrics.
    pub metrics: Setting<MetricsAccess>,
    /// How long uses are counted by hour.
    pub keep_usage_by_hour: Setting<Span>,
    /// How long uses are counted by day.
    pub keep_usage_by_day: Setting<Span>,
    /// How log lines look.
    pub log_format: Setting<LogFormat>,
    /// Which log lines are written.
    pub log_level: Setting<LogLevel>,
}

/// What the surroundings say: variables and the platform's folders.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment.
    pub variables: Vec<(String, String)>,
    /// Variables of ours whose value is not Unicode.
    pub unreadable: Vec<String>,
    /// The platform's data folder for keysrv.
    pub data_dir: Option<PathBuf>,
    /// The platform's settings folder for keysrv.
    pub config_dir: Option<PathBuf>,
    /// What this machine calls itself.
    pub host: String,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> Self {
        let dirs = ProjectDirs::from("", "", "keysrv");
        let (mut variables, mut unreadable) = (Vec::new(), Vec::new());
        for (name, value) in std::env::vars_os() {
            // A name that is not Unicode is none of ours.
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => variables.push((name, value)),
                Err(_) if name.starts_with(PREFIX) => unreadable.push(name),
                Err(_) => {}
            }
        }
        Self {
            variables,
            unreadable,
            data_dir: dirs.as_ref().map(|dirs| dirs.data_dir().to_owned()),
            config_dir: dirs.as_ref().map(|dirs| dirs.config_dir().to_owned()),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        }
    }

    /// The value of a variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The token for `verify` and `explain`; one that is empty is none.
    pub fn token(&self) -> Option<&str> {
        self.variable(TOKEN_VARIABLE).filter(|token| !token.is_empty())
    }

    /// The name of the person at the shell, for the audit log.
    pub fn operator(&self) -> String {
        self.person().unwrap_or("shell").to_owned()
    }

    /// What `ssh` on another machine would be given to come here: where the person at the shell came
    /// in, or else what this machine calls itself.
    pub fn ssh_destination(&self) -> String {
        // "client port server port"; see ssh(1).
        let came_in = self.variable("SSH_CONNECTION").and_then(|words| words.split(' ').nth(2));
        let host = came_in.unwrap_or(&self.host);
        self.person().map_or_else(|| host.to_owned(), |person| format!("{person}@{host}"))
    }

    fn person(&self) -> Option<&str> {
        let named = ["SUDO_USER", "USER", "LOGNAME"].iter().filter_map(|name| self.variable(name));
        named.into_iter().find(|name| !name.is_empty())
    }
}

/// A layer of settings and where it comes from.
struct Layer {
    options: Options,
    origin: fn(&Path, &str) -> Origin,
    path: PathBuf,
}

impl Config {
    /// Reads every setting. `file` is what `--config` named.
    ///
    /// # Errors
    /// When a value breaks its rule, a setting is not known, or a file cannot be read.
    pub fn load(flags: &Options, file: Option<&Path>, around: &Surroundings) -> Result<Self, ConfigError> {
        let env = from_environment(around)?;
        let file = find_file(file, flags, &env, around);
        let in_file = file.value.as_deref().map(options::read_file).transpose()?.unwrap_or_default();
        let path = file.value.clone().unwrap_or_default();
        let layers = [
            Layer { options: flags.clone(), origin: |_, _| Origin::Flag, path: PathBuf::new() },
            Layer {
                options: env,
                origin: |_, name| Origin::Environment(variable_name(name)),
                path: PathBuf::new(),
            },
            Layer { options: in_file, origin: |path, _| Origin::File(path.to_owned()), path },
        ];
        Self::merge(&layers, file, around)
    }

    fn merge(
        layers: &[Layer],
        file: Setting<Option<PathBuf>>,
        around: &Surroundings,
    ) -> Result<Self, ConfigError> {
        let default_dir = around.data_dir.clone().unwrap_or_else(|| PathBuf::from("keysrv-data"));
        Ok(Self {
            data_dir: pick(layers, "data-dir", |o| o.data_dir.clone(), values::data_dir, default_dir)?,
            file,
            project: pick(layers, "project", |o| o.project.clone(), values::project, ProjectName::default())?,
            listen: pick(layers, "listen", |o| o.listen.clone(), Listen::parse, Listen::default())?,
            base_url: pick(layers, "base-url", |o| o.base_url.clone(), values::base_url, None)?,
            trusted_proxy: pick(
                layers,
                "trusted-proxy",
                |o| o.trusted_proxy.clone(),
                |nets| values::networks(&nets),
                values::loopback(),
            )?,
            workers: pick(layers, "workers", |o| o.workers.clone(), values::workers, values::cores())?,
            key_cache: pick(layers, "key-cache", |o| o.key_cache.clone(), Bytes::parse, Bytes::default())?,
            metrics: pick(
                layers,
                "metrics",
                |o| o.metrics.clone(),
                MetricsAccess::parse,
                MetricsAccess::Loopback,
            )?,
            keep_usage_by_hour: pick(
                layers,
                "keep-usage-by-hour",
                |o| o.keep_usage_by_hour.clone(),
                |text| values::at_least_a_day("keep-usage-by-hour", &text),
                Retention::default().hours,
            )?,
            keep_usage_by_day: pick(
                layers,
                "keep-usage-by-day",
                |o| o.keep_usage_by_day.clone(),
                |text| values::at_least_a_day("keep-usage-by-day", &text),
                Retention::default().days,
            )?,
            log_format: pick(
                layers,
                "log-format",
                |o| o.log_format.clone(),
                LogFormat::parse,
                LogFormat::Text,
            )?,
            log_level: pick(layers, "log-level", |o| o.log_level.clone(), LogLevel::parse, LogLevel::Info)?,
        })
    }
}

/// The value of the first layer that has one.
fn pick<R, T>(
    layers: &[Layer],
    name: &str,
    get: impl Fn(&Options) -> Option<R>,
    parse: impl FnOnce(R) -> Result<T, ConfigError>,
    default: T,
) -> Result<Setting<T>, ConfigError> {
    for layer in layers {
        if let Some(raw) = get(&layer.options) {
            let origin = (layer.origin)(&layer.path, name);
            let value = parse(raw).map_err(|error| error.naming(&origin))?;
            return Ok(Setting { value, origin });
        }
    }
    Ok(Setting { value: default, origin: Origin::Default })
}

/// `KEYSRV_DATA_DIR` for `data-dir`.
fn variable_name(setting: &str) -> String {
    format!("{PREFIX}{}", setting.to_uppercase().replace('-', "_"))
}

fn from_environment(around: &Surroundings) -> Result<Options, ConfigError> {
    if let Some(name) = around.unreadable.first() {
        return Err(ConfigError::new(format!("the environment variable `{name}` is not Unicode")));
    }
    let settings = SETTINGS.map(variable_name);
    let known = || settings.iter().map(String::as_str).chain([FILE_VARIABLE, TOKEN_VARIABLE]);
    let names = around.variables.iter().map(|(name, _)| name.as_str());
    let mut ours = names.filter(|name| name.starts_with(PREFIX) && !is_made_up(name));
    if let Some(name) = ours.find(|name| known().all(|known| known != *name)) {
        let message = format!("the environment variable `{name}` is no setting");
        return Err(ConfigError { message, hint: options::nearest(name, known()) });
    }
    let get = |setting: &str| around.variable(&variable_name(setting)).map(str::to_owned);
    let list = |text: String| text.split(',').map(|part| part.trim().to_owned()).collect();
    Ok(Options {
        data_dir: get("data-dir"),
        project: get("project"),
        listen: get("listen"),
        base_url: get("base-url"),
        trusted_proxy: get("trusted-proxy").map(list),
        workers: get("workers"),
        key_cache: get("key-cache"),
        metrics: get("metrics"),
        keep_usage_by_hour: get("keep-usage-by-hour"),
        keep_usage_by_day: get("keep-usage-by-day"),
        log_format: get("log-format"),
        log_level: get("log-level"),
    })
}

/// Whether a container platform sets it for a service called keysrv.
fn is_made_up(variable: &str) -> bool {
    variable.starts_with("KEYSRV_SERVICE_")
        || variable == "KEYSRV_PORT"
        || variable.starts_with("KEYSRV_PORT_")
}

/// The file that was named, else the one in the data directory, else the platform's.
fn find_file(
    flag: Option<&Path>,
    flags: &Options,
    env: &Options,
    around: &Surroundings,
) -> Setting<Option<PathBuf>> {
    if let Some(path) = flag {
        return Setting { value: Some(path.to_owned()), origin: Origin::Flag };
    }
    if let Some(path) = around.variable(FILE_VARIABLE) {
        return Setting { value: Some(path.into()), origin: Origin::Environment(FILE_VARIABLE.to_owned()) };
    }
    let named_dir = flags.data_dir.as_ref().or(env.data_dir.as_ref()).map(PathBuf::from);
    let dirs = [named_dir.or_else(|| around.data_dir.clone()), around.config_dir.clone()];
    let mut paths = dirs.into_iter().flatten().map(|dir| dir.join(FILE_NAME));
    Setting { value: paths.find(|path| path.exists()), origin: Origin::Default }
}

#[cfg(test)]
mod tests;
