//! The questions before a change that somebody would notice: disable, delete, rotate.

use askama::Template;
use jiff::Timestamp;

use super::used::used;
use crate::model::key::{Key, KeyId};
use crate::model::project::ReasonShown;
use crate::web::admin::page::{Choice, Frame};

/// Asks whether to switch off a key that is in use.
#[derive(Template)]
#[template(path = "keys/disable.html")]
pub(crate) struct AskDisable {
    frame: Frame,
    id: KeyId,
    name: String,
    used: String,
    cancel: String,
    /// The view to come back to.
    back: String,
    /// Whether the project lets the key's holder know why.
    reason_is_shown: bool,
}

/// Asks whether to delete a key.
#[derive(Template)]
#[template(path = "keys/delete.html")]
pub(crate) struct AskDelete {
    frame: Frame,
    id: KeyId,
    name: String,
    used: String,
    cancel: String,
    /// Whether disabling is still an alternative.
    can_disable: bool,
}

/// Asks when the old secret ends.
#[derive(Template)]
#[template(path = "keys/rotate.html")]
pub(crate) struct AskRotate {
    frame: Frame,
    id: KeyId,
    name: String,
    used: String,
    cancel: String,
    overlaps: Vec<Choice>,
    quiets: Vec<Choice>,
    nonce: String,
}

/// How long the old secret may go on; the first is offered first.
const OVERLAPS: [(&str, &str); 5] = [
    ("0s", "At once"),
    ("1h", "In an hour"),
    ("24h", "In 24 hours"),
    ("7d", "In 7 days"),
    ("other", "After another time…"),
];
/// When the old secret ends before that.
const QUIETS: [(&str, &str); 4] = [
    ("", "Never"),
    ("1h", "Once it was not seen for an hour"),
    ("24h", "Once it was not seen for 24 hours"),
    ("3d", "Once it was not seen for 3 days"),
];

impl AskDisable {
    /// The question about this key.
    pub(crate) fn new(
        frame: Frame,
        key: &Key,
        (cancel, back): (String, String),
        reason: ReasonShown,
        now: Timestamp,
    ) -> Self {
        Self {
            frame,
            id: key.facts.id,
            name: key.facts.name.to_string(),
            used: used(key, now),
            cancel,
            back,
            reason_is_shown: reason.is_shown(),
        }
    }
}

impl AskDelete {
    /// The question about this key.
    pub(crate) fn new(frame: Frame, key: &Key, cancel: String, now: Timestamp) -> Self {
        Self {
            frame,
            id: key.facts.id,
            name: key.facts.name.to_string(),
            used: used(key, now),
            cancel,
            can_disable: key.facts.enabled,
        }
    }
}

impl AskRotate {
    /// The question about this key.
    pub(crate) fn new(frame: Frame, key: &Key, cancel: String, nonce: String, now: Timestamp) -> Self {
        let overlaps = OVERLAPS.iter().map(|(value, label)| Choice::new(value, label, *value == "0s"));
        Self {
            frame,
            id: key.facts.id,
            name: key.facts.name.to_string(),
            used: used(key, now),
            cancel,
            overlaps: overlaps.collect(),
            quiets: QUIETS.iter().map(|(value, label)| Choice::new(value, label, value.is_empty())).collect(),
            nonce,
        }
    }
}
