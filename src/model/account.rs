//! An account: a consumer that keys are issued to, such as a customer, a team or an agent.
//!
//! Disabling an account stops all its keys at once; deleting it deletes them.

use jiff::Timestamp;

use super::limit::{Limits, LimitsChange, QuotaState, Zone};
use super::project::ProjectName;
use super::text::{require_label, require_text};
use super::{Invalid, text};

/// The opaque public id of an account: `acc_` and 12 base62 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// What every account id starts with.
    pub const START: &'static str = "acc_";

    /// Reads an account id.
    ///
    /// # Errors
    /// When it is not `acc_` and 12 base62 characters.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let fits = value.strip_prefix(Self::START).is_some_and(|rest| {
            rest.len() == text::KEY_ID_CHARS && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        if fits {
            Ok(Self(value.to_owned()))
        } else {
            Err(Invalid::new("account_id", value, "is not an account id"))
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An account's name: a label of 1–64 characters; two accounts may share one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct AccountName(String);

impl AccountName {
    /// Reads an account's name.
    ///
    /// # Errors
    /// As [`require_label`].
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        require_label("name", value, 64)?;
        Ok(Self(value.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the operator's own system calls the account; 1–128 characters, unique in the project.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct ExternalId(String);

impl ExternalId {
    /// Reads an external id.
    ///
    /// # Errors
    /// As [`require_label`], and when it has the shape of an account id, which would make it
    /// ambiguous as an argument.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        require_label("external_id", value, 128)?;
        if AccountId::parse(value).is_ok() {
            return Err(Invalid::new("external_id", value, "has the shape of an account's id"));
        }
        Ok(Self(value.to_owned()))
    }

    /// The external id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A JSON object of at most [`Metadata::BYTES_MAX`] bytes that keysrv keeps and hands on unread.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Metadata(serde_json::Map<String, serde_json::Value>);

impl Metadata {
    /// The most bytes of its JSON text.
    pub const BYTES_MAX: usize = 4096;

    /// Takes an object.
    ///
    /// # Errors
    /// When its text is longer than 4 KiB, or contains a whole token.
    pub fn new(object: serde_json::Map<String, serde_json::Value>) -> Result<Self, Invalid> {
        let metadata = Self(object);
        let text = metadata.to_text();
        if text.len() > Self::BYTES_MAX {
            let rule = format!("is larger than {} bytes", Self::BYTES_MAX);
            return Err(Invalid::new("metadata", "{…}", rule));
        }
        require_text("metadata", &text, Self::BYTES_MAX)?;
        Ok(metadata)
    }

    /// Reads the JSON text of an object.
    ///
    /// # Errors
    /// When it is no JSON object, and as [`Metadata::new`].
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let object = serde_json::from_str(value)
            .map_err(|_| Invalid::new("metadata", value, "is not a JSON object"))?;
        Self::new(object)
    }

    /// The JSON text.
    pub fn to_text(&self) -> String {
        serde_json::Value::Object(self.0.clone()).to_string()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An account as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its project.
    pub project: ProjectName,
    /// Its name.
    pub name: AccountName,
    /// What the operator's system calls it.
    pub external_id: Option<ExternalId>,
    /// Whatever the operator keeps with it.
    pub metadata: Metadata,
    /// Whether its keys work.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// What its keys share.
    #[serde(flatten)]
    pub limits: Limits,
    /// What has been used of its quota; none without one.
    #[serde(rename = "quota_usage")]
    pub quota_state: Option<QuotaState>,
    /// Where days and months begin for its quota; UTC where there is none.
    #[serde(skip)]
    pub zone: Zone,
    /// How many keys it has; not part of the API's answer.
    pub n_keys: u64,
    /// Its number in the list's order.
    #[serde(skip)]
    pub seq: i64,
}

/// What a new account is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its name.
    pub name: AccountName,
    /// What the operator's system calls it.
    pub external_id: Option<ExternalId>,
    /// Whatever the operator keeps with it.
    pub metadata: Metadata,
    /// Whether its keys work.
    pub enabled: bool,
    /// What its keys share.
    pub limits: LimitsChange,
}

/// A change of an account; a field that is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// Its name.
    pub name: Option<AccountName>,
    /// What the operator's system calls it; `None` inside takes it away.
    pub external_id: Option<Option<ExternalId>>,
    /// Whatever the operator keeps with it.
    pub metadata: Option<Metadata>,
    /// Whether its keys work.
    pub enabled: Option<bool>,
    /// What its keys share.
    pub limits: LimitsChange,
}

/// Which accounts a list shows; `None` does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Part of name, id or external id, any case.
    pub q: Option<String>,
    /// Exactly this external id.
    pub external_id: Option<String>,
    /// Enabled or disabled ones.
    pub enabled: Option<bool>,
    /// Only this account (what a key that is bound to it may see).
    pub only: Option<AccountId>,
}

/// Reads what an [`AccountFilter`] wants: enabled accounts, or disabled ones.
///
/// # Errors
/// When it is neither word.
pub fn parse_status(value: &str) -> Result<bool, Invalid> {
    match value {
        "enabled" => Ok(true),
        "disabled" => Ok(false),
        other => Err(Invalid::new("status", other, "is neither `enabled` nor `disabled`")),
    }
}
