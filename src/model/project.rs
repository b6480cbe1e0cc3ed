//! A project: the namespace of keys, accounts, scopes and routes.
//!
//! There is always `default`. A project's prefix starts the tokens that are made in it from now
//! on; tokens that exist keep the one they were made with.

use std::sync::Arc;

use jiff::Timestamp;

use super::Invalid;
use super::expiry::Span;
use super::limit::Zone;

mod contact;
mod rules;

pub use contact::Contact;
pub use rules::{ProjectRules, ReasonShown, parse_days};

/// How long before it is disabled an unused key says so.
pub const ANNOUNCED_AHEAD: Span = Span::DAY.times(14);

/// A project's name: 1–40 characters `[a-z0-9-]`, starting with a letter. Unique.
/// A clone shares its memory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProjectName(Arc<str>);

impl serde::Serialize for ProjectName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl ProjectName {
    /// The project that always exists.
    pub const DEFAULT: &'static str = "default";

    /// Reads a project's name.
    ///
    /// # Errors
    /// When it is not 1–40 characters of `[a-z0-9-]` that start with a letter.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let fits = (1..=40).contains(&value.len())
            && value.starts_with(|c: char| c.is_ascii_lowercase())
            && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(value.into()))
        } else {
            Err(Invalid::new(
                "project",
                value,
                "is not 1 to 40 of `a-z`, `0-9` and `-`, starting with a letter",
            ))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ProjectName {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

impl std::fmt::Display for ProjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a project's new tokens start with: 2–20 characters `[a-z][a-z0-9_]*[a-z0-9]`.
/// A clone shares its memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(Arc<str>);

impl serde::Serialize for Prefix {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Prefix {
    /// The prefix of a project that chose none.
    pub const DEFAULT: &'static str = "ks";

    /// Reads a prefix.
    ///
    /// # Errors
    /// When it is not 2–20 characters `[a-z][a-z0-9_]*[a-z0-9]`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let fits = (2..=20).contains(&value.len())
            && value.starts_with(|c: char| c.is_ascii_lowercase())
            && !value.ends_with('_')
            && value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits {
            Ok(Self(value.into()))
        } else {
            let rule =
                "is not 2 to 20 of `a-z`, `0-9` and `_`, starting with a letter and not ending with `_`";
            Err(Invalid::new("prefix", value, rule))
        }
    }

    /// The prefix as text, without the `_` that follows it in a token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self(Self::DEFAULT.into())
    }
}

impl std::fmt::Display for Prefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A project as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Project {
    /// Its name.
    pub name: ProjectName,
    /// What new tokens start with.
    pub prefix: Prefix,
    /// Where days and months begin for its quotas.
    pub timezone: Zone,
    /// Whom a key's holder may ask; whoever is refused with a real token reads it.
    pub contact: Option<Contact>,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many keys it has.
    pub n_keys: u64,
    /// How many accounts it has.
    pub n_accounts: u64,
    /// What it demands of its keys.
    #[serde(flatten)]
    pub rules: ProjectRules,
}

/// What may change about a project; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// A new name; addresses and configurations with the old one stop working.
    pub name: Option<ProjectName>,
    /// A prefix for tokens made from now on.
    pub prefix: Option<Prefix>,
    /// Where days and months begin for its quotas.
    pub timezone: Option<Zone>,
    /// Whom a key's holder may ask.
    pub contact: Option<Option<Contact>>,
    /// The longest time from now to a key's end, for ends that are set from now on.
    pub max_lifetime: Option<Option<Span>>,
    /// After how long without use a key is disabled.
    pub disable_unused: Option<Option<Span>>,
    /// Who reads why a key was disabled.
    pub reason: Option<ReasonShown>,
}

impl ProjectChange {
    /// The rules of a project after this change.
    pub fn rules(&self, before: ProjectRules) -> ProjectRules {
        ProjectRules {
            max_lifetime: self.max_lifetime.unwrap_or(before.max_lifetime),
            disable_unused: self.disable_unused.unwrap_or(before.disable_unused),
            reason: self.reason.unwrap_or(before.reason),
        }
    }
}
