//! What each setting's text must be.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use super::ConfigError;
use crate::model::expiry::Span;
use crate::model::project::ProjectName;

const WORKERS_MAX: usize = 256;

/// Where the server listens: an IP address and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl Default for Listen {
    fn default() -> Self {
        Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080))
    }
}

impl Listen {
    /// Reads `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
    ///
    /// # Errors
    /// When it is no address with a port.
    pub fn parse(text: String) -> Result<Self, ConfigError> {
        let plain =
            text.strip_prefix("localhost:").map_or_else(|| text.clone(), |port| format!("127.0.0.1:{port}"));
        plain.parse().map(Self).map_err(|_| ConfigError {
            message: format!("listen `{text}` is no address with a port"),
            hint: Some("write it like `127.0.0.1:8080`, `0.0.0.0:8080` or `[::1]:8080`".to_owned()),
        })
    }
}

/// Who may read the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Programs on this machine that ask without a proxy in between.
    Loopback,
    /// Everybody who reaches the server.
    All,
    /// Nobody; the address is not there.
    Off,
}

impl MetricsAccess {
    /// Reads `loopback`, `all` or `off`.
    ///
    /// # Errors
    /// When it is none of the three.
    pub fn parse(text: String) -> Result<Self, ConfigError> {
        let found = [Self::Loopback, Self::All, Self::Off].into_iter().find(|access| access.as_str() == text);
        found.ok_or_else(|| ConfigError::new(format!("metrics `{text}` is not `loopback`, `all` or `off`")))
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loopback => "loopback",
            Self::All => "all",
            Self::Off => "off",
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// Reads `text` or `json`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: String) -> Result<Self, ConfigError> {
        match text.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(ConfigError::new(format!("log-format `{text}` is neither `text` nor `json`"))),
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// Which log lines are written: this level and those above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What went wrong.
    Error,
    /// What may be wrong.
    Warn,
    /// What happens now and then.
    Info,
    /// What helps to find a fault.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// Reads a level.
    ///
    /// # Errors
    /// When it is none of the five.
    pub fn parse(text: String) -> Result<Self, ConfigError> {
        let found = Self::ALL.into_iter().find(|level| level.as_str() == text);
        found.ok_or_else(|| {
            ConfigError::new(format!("log-level `{text}` is not `error`, `warn`, `info`, `debug` or `trace`"))
        })
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

pub(super) fn data_dir(text: String) -> Result<PathBuf, ConfigError> {
    if text.is_empty() { Err(ConfigError::new("data-dir is empty")) } else { Ok(PathBuf::from(text)) }
}

pub(super) fn project(text: String) -> Result<ProjectName, ConfigError> {
    ProjectName::parse(&text).map_err(|invalid| ConfigError::new(invalid.to_string()))
}

/// `http://` or `https://`, a host, maybe a port, and nothing behind it but a slash.
pub(super) fn base_url(text: String) -> Result<Option<String>, ConfigError> {
    let plain = text.strip_suffix('/').unwrap_or(&text);
    let host = plain.strip_prefix("https://").or_else(|| plain.strip_prefix("http://"));
    let fits = |host: &str| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    };
    if host.is_some_and(fits) {
        return Ok(Some(plain.to_owned()));
    }
    Err(ConfigError {
        message: format!("base-url `{text}` is no address of a server"),
        hint: Some("write it like `https://keys.example.com`, without a path".to_owned()),
    })
}

pub(super) fn networks(texts: &[String]) -> Result<Vec<IpNet>, ConfigError> {
    let network = |text: &String| {
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map_err(|_| ConfigError {
            message: format!("trusted-proxy `{text}` is no address or network"),
            hint: Some("write it like `10.0.0.5` or `10.0.0.0/8`".to_owned()),
        })
    };
    texts.iter().map(network).collect()
}

pub(super) fn loopback() -> Vec<IpNet> {
    ["127.0.0.0/8", "::1/128"].iter().filter_map(|text| text.parse().ok()).collect()
}

/// A length of time such as `90d`.
pub(super) fn at_least_a_day(name: &'static str, text: &str) -> Result<Span, ConfigError> {
    let span = Span::parse(name, text).map_err(|invalid| ConfigError::new(invalid.to_string()))?;
    if span < Span::DAY {
        return Err(ConfigError::new(format!("{name} `{text}` is shorter than a day")));
    }
    Ok(span)
}

pub(super) fn workers(text: String) -> Result<usize, ConfigError> {
    match text.parse() {
        Ok(n) if (1..=WORKERS_MAX).contains(&n) => Ok(n),
        _ => Err(ConfigError::new(format!("workers `{text}` is not a whole number from 1 to {WORKERS_MAX}"))),
    }
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(WORKERS_MAX)
}
