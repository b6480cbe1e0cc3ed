//! One key as a row of the table, and its status in words, which the key's own page shows too.

use jiff::{SignedDuration, Timestamp};

use super::scopes::{self, ScopeWords};
use crate::model::account::Account;
use crate::model::key::{Key, KeyId, KeyStatus};
use crate::model::scope::Catalogue;
use crate::web::admin::chart::Spark;
use crate::web::admin::when::When;

/// How long before its end a key's status says so.
const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A key in the table.
#[derive(Debug, Clone)]
pub(crate) struct KeyRow {
    /// Its id.
    pub(crate) id: KeyId,
    /// Its name.
    pub(crate) name: String,
    /// What its tokens start with.
    pub(crate) visible_start: String,
    /// Its account's name; empty for none.
    pub(crate) account: String,
    /// Its scopes in two words.
    pub(crate) summary: String,
    /// The first that deserves a look.
    pub(crate) look: Option<String>,
    /// How many others do.
    pub(crate) n_more_look: usize,
    /// All of them in words.
    pub(crate) scopes: Vec<ScopeWords>,
    /// When it was last used.
    pub(crate) last_used: Option<When>,
    /// From where.
    pub(crate) last_used_ip: String,
    /// Its requests of the last days, in the table alone.
    pub(crate) spark: Option<Spark>,
    /// What it is.
    pub(crate) status: StatusWords,
    /// Its switch.
    pub(crate) enabled: bool,
}

/// A status as a dot and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusWords {
    /// The colour of the dot: `good`, `warn`, `bad` or `off`.
    pub(crate) tone: &'static str,
    /// "Active", "Expires in 6 days".
    pub(crate) words: String,
}

impl KeyRow {
    /// The row of a key at `now`.
    pub(crate) fn new(key: &Key, catalogue: &Catalogue, now: Timestamp) -> Self {
        let facts = &key.facts;
        let look = scopes::worth_a_look(&facts.scopes);
        Self {
            id: facts.id,
            name: facts.name.to_string(),
            visible_start: facts.visible_start(),
            account: facts
                .account
                .as_ref()
                .map(|account| account.name.as_str().to_owned())
                .unwrap_or_default(),
            summary: catalogue.summary(&facts.scopes).to_string(),
            n_more_look: look.len().saturating_sub(1),
            look: look.into_iter().next(),
            scopes: scopes::in_words(&facts.scopes, catalogue),
            last_used: key.last_used_at.map(|at| When::new(at, now)),
            last_used_ip: key.last_used_ip.clone().unwrap_or_default(),
            spark: None,
            status: StatusWords::new(key, now),
            enabled: facts.enabled,
        }
    }
}

impl StatusWords {
    /// A key's status at `now`.
    pub(crate) fn new(key: &Key, now: Timestamp) -> Self {
        let (tone, words) = match key.facts.status(now) {
            KeyStatus::Active => return Self::of_active(key, now),
            KeyStatus::Disabled => ("off", "Disabled"),
            KeyStatus::Expired => ("bad", "Expired"),
            KeyStatus::AccountDisabled => ("off", "Account disabled"),
        };
        Self { tone, words: words.to_owned() }
    }

    fn of_active(key: &Key, now: Timestamp) -> Self {
        if let Some(at) = key.unused_off_at {
            let words = format!("Unused, disabled {}", When::new(at, now).relative);
            return Self { tone: "warn", words };
        }
        let soon = key.facts.expires_at.filter(|at| at.duration_since(now) < EXPIRES_SOON);
        match soon {
            Some(at) => Self { tone: "warn", words: format!("Expires {}", When::new(at, now).relative) },
            None => Self { tone: "good", words: "Active".to_owned() },
        }
    }

    /// An account's status.
    pub(crate) fn of_account(account: &Account) -> Self {
        let (tone, words) = if account.enabled { ("good", "Active") } else { ("off", "Disabled") };
        Self { tone, words: words.to_owned() }
    }

    /// The words of a status for a filter.
    pub(crate) fn label(status: KeyStatus) -> &'static str {
        match status {
            KeyStatus::Active => "Active",
            KeyStatus::Disabled => "Disabled",
            KeyStatus::Expired => "Expired",
            KeyStatus::AccountDisabled => "Account disabled",
        }
    }
}
