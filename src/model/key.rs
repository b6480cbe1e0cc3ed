//! A key: the record of one API key, as its holder and as its manager see it.
//!
//! The token that a caller sends is not here (`crypto::token`), nor is its hash beside it: a key
//! that is shown carries no secret.

use ipnet::IpNet;
use jiff::Timestamp;

use super::account::{AccountId, AccountName, ExternalId, Metadata};
use super::code::Code;
use super::expiry::WithoutDate;
use super::limit::{Limits, LimitsChange, QuotaState, Zone};
use super::principal::Actor;
use super::project::{Contact, Prefix, ProjectName};
use super::scope::{Scope, ScopeSet};
use super::text::{KEY_ID_CHARS, require_label, require_text};
use super::{Invalid, text};

mod change;
mod reference;
mod secret;
mod status;

pub use super::limit::parse_allowed_ips;
pub use change::{KeyChange, ScopesChange};
pub use reference::{KeyRef, is_visible_start, visible_start_id};
pub use secret::{Overlap, QUIET, Rotation, SecretInfo, attribute};
pub use status::KeyStatus;

/// The public id of a key: 12 base62 characters, safe to log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; KEY_ID_CHARS]);

impl KeyId {
    /// Reads a key id.
    ///
    /// # Errors
    /// When it is not 12 characters of `[0-9A-Za-z]`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        Self::from_bytes(value.as_bytes()).ok_or_else(|| Invalid::new("id", value, "is not a key id"))
    }

    /// The id made of these bytes, if they are 12 of `[0-9A-Za-z]`.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let id: [u8; KEY_ID_CHARS] = bytes.try_into().ok()?;
        text::is_base62(&id).then_some(Self(id))
    }

    /// Its first eight characters and its last four as numbers, for a hash.
    pub fn words(&self) -> [u64; 2] {
        let word = |part: Option<&[u8; 8]>| part.copied().map_or(0, u64::from_le_bytes);
        [word(self.0.first_chunk()), word(self.0.last_chunk()) >> 32]
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyId({})", self.as_str())
    }
}

impl serde::Serialize for KeyId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A key's name: a label of 1–64 characters, unique in its project, never changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct KeyName(String);

impl KeyName {
    /// Reads a key's name.
    ///
    /// # Errors
    /// As [`require_label`], and when it has the shape of a visible start, which would make it
    /// ambiguous as an argument.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        require_label("name", value, 64)?;
        if is_visible_start(value) {
            return Err(Invalid::new(
                "name",
                value,
                "has the shape of a key's visible start; choose another",
            ));
        }
        Ok(Self(value.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A free text of at most 1 000 characters, for a key's note or a change's reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Note(String);

impl Note {
    /// Reads a note; an empty or blank one is none.
    ///
    /// # Errors
    /// As [`require_text`].
    pub fn parse(field: &'static str, value: &str) -> Result<Option<Self>, Invalid> {
        let value = value.trim();
        require_text(field, value, 1000)?;
        Ok((!value.is_empty()).then(|| Self(value.to_owned())))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The account that a key belongs to, as it stands inside the key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AccountRef {
    /// Its id.
    pub id: AccountId,
    /// What the operator's system calls it.
    pub external_id: Option<ExternalId>,
    /// Its name.
    pub name: AccountName,
    /// Whether its keys work; `status` says so outside.
    #[serde(skip)]
    pub enabled: bool,
    /// What its keys share; not the business of who holds one.
    #[serde(skip)]
    pub limits: Limits,
}

/// What everybody who may see a key sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its public id.
    pub id: KeyId,
    /// Its project.
    pub project: ProjectName,
    /// Its name.
    pub name: KeyName,
    /// What its tokens start with.
    pub prefix: Prefix,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Its own switch.
    pub enabled: bool,
    /// Who it was issued to.
    pub account: Option<AccountRef>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// Whatever the operator keeps with it.
    pub metadata: Metadata,
    /// Where it may be used from; empty for anywhere.
    pub allowed_ips: Vec<IpNet>,
    /// Why it is switched off, where the project lets its holder know.
    pub shown_reason: Option<Note>,
    /// Whom its holder may ask.
    pub contact: Option<Contact>,
    /// How often it may be used.
    pub limits: Limits,
    /// Where days and months begin for its quotas; UTC where there is none.
    pub zone: Zone,
}

impl KeyFacts {
    /// `<prefix>_<key id>_`, which pages and lists show.
    pub fn visible_start(&self) -> String {
        format!("{}_{}_", self.prefix, self.id)
    }
}

/// A key as its manager sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What its holder sees, too.
    pub facts: KeyFacts,
    /// A note for managers.
    pub note: Option<Note>,
    /// Who made it.
    pub created_by: Actor,
    /// When a request with it was last accepted, and from where.
    pub last_used_at: Option<Timestamp>,
    /// The address of that request.
    pub last_used_ip: Option<String>,
    /// When a request with it was last refused, and why.
    pub last_refused_at: Option<Timestamp>,
    /// The verdict of that request.
    pub last_refused_code: Option<Code>,
    /// Its one or two live secrets, newest first.
    pub secrets: Vec<SecretInfo>,
    /// What has been used of its quota; none without one.
    pub quota_state: Option<QuotaState>,
    /// Why it is switched off.
    pub disabled_reason: Option<Note>,
    /// When the project's policy switches it off unless somebody uses it.
    pub unused_off_at: Option<Timestamp>,
    /// Its number in the list's order.
    pub seq: i64,
}

/// What a new key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Its name.
    pub name: KeyName,
    /// What it may do; `None` for the catalogue's defaults.
    pub scopes: Option<ScopeSet>,
    /// A note for managers.
    pub note: Option<Note>,
    /// Who it is issued to: an account's id or external id.
    pub account: Option<String>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// What it means that there is no date.
    pub without_date: WithoutDate,
    /// Whatever the operator keeps with it.
    pub metadata: Metadata,
    /// Where it may be used from; empty for anywhere; at most [`ADDRESSES_MAX`](super::limit::ADDRESSES_MAX).
    pub allowed_ips: Vec<IpNet>,
    /// How often it may be used.
    pub limits: LimitsChange,
}

impl NewKey {
    /// A key with this name and everything else left to the defaults.
    pub fn named(name: KeyName) -> Self {
        Self {
            name,
            scopes: None,
            note: None,
            account: None,
            expires_at: None,
            without_date: WithoutDate::default(),
            metadata: Metadata::default(),
            allowed_ips: Vec::new(),
            limits: LimitsChange::default(),
        }
    }
}

/// The order of a list of keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeyOrder {
    /// Newest first.
    #[default]
    Created,
    /// By name, in code-point order.
    Name,
    /// Most recently used first, never used ones last.
    LastUsed,
}

impl KeyOrder {
    /// Its name in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Name => "name",
            Self::LastUsed => "last_used",
        }
    }

    /// Its letter in a cursor.
    pub fn letter(self) -> char {
        match self {
            Self::Created => 'c',
            Self::Name => 'n',
            Self::LastUsed => 'u',
        }
    }

    /// Reads an order.
    ///
    /// # Errors
    /// When it is none of the three.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let orders = [Self::Created, Self::Name, Self::LastUsed];
        let rule = "is not `created`, `name` or `last_used`";
        orders
            .into_iter()
            .find(|order| order.as_str() == value)
            .ok_or_else(|| Invalid::new("sort", value, rule))
    }
}

/// Which keys a list shows; `None` does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// Part of a name or of the account's name or external id, in any case, or the start of an id;
    /// with fewer than three characters the start of a name.
    pub q: Option<String>,
    /// What they are now.
    pub status: Option<KeyStatus>,
    /// A scope that they hold.
    pub scope: Option<Scope>,
    /// Their account's id or external id.
    pub account: Option<String>,
    /// Last accepted before this instant, or never.
    pub unused_since: Option<Timestamp>,
    /// Never accepted at all.
    pub never_used: bool,
    /// Ending later than now, and at this instant at the latest.
    pub expires_by: Option<Timestamp>,
    /// Never ending by themselves.
    pub never_ends: bool,
    /// The order.
    pub order: KeyOrder,
}

/// How many keys a project has, for the line above the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// All of them.
    pub total: u64,
    /// Those that were never accepted.
    pub never_used: u64,
}
