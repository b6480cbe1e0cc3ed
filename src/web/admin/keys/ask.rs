//! The questions before a change that somebody would notice: disable, delete, rotate.

use askama::Template;
use jiff::Timestamp;

use super::back::Back;
use super::used::used;
use crate::model::key::{Key, KeyId};
use crate::model::project::ReasonShown;
use crate::web::admin::ask::{AskPage, Yes};
use crate::web::admin::page::{Choice, Frame};
use crate::web::routes;

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

/// Asks whether to switch off a key that is in use.
pub(crate) fn ask_disable(
    frame: Frame,
    key: &Key,
    back: &Back,
    reason: ReasonShown,
    now: Timestamp,
) -> AskPage {
    let (project, id) = (frame.project.clone(), key.facts.id);
    let who_reads = if reason.is_shown() {
        "Whoever uses the key reads it."
    } else {
        "For whoever manages keys, and the audit log."
    };
    AskPage {
        question: format!("Disable {}?", key.facts.name),
        stake: used(key, now),
        then: vec![
            "Whoever uses it is refused from the next request on, until you enable it again.".to_owned(),
        ],
        cancel: back.address(&project, &id),
        reason: Some(who_reads),
        instead: None,
        yes: Yes::new("Disable key", routes::key_disable(&project, &id)).sure().with("back", back.to_text()),
        frame,
    }
}

/// Asks whether to delete a key; disabling is offered in its place while it is an alternative.
pub(crate) fn ask_delete(frame: Frame, key: &Key, now: Timestamp) -> AskPage {
    let (project, id) = (frame.project.clone(), key.facts.id);
    let instead = Yes::new("Disable instead", routes::key_disable(&project, &id)).sure();
    let instead = Some(instead).filter(|_| key.facts.enabled);
    let gone = "The key stops working at once. This can’t be undone: its name and id stay in the audit log, nothing else does.";
    let other = "Not sure? Disable it instead. It is refused just the same, and you can enable it again.";
    let then = std::iter::once(gone).chain(instead.iter().map(|_| other));
    AskPage {
        question: format!("Delete {}?", key.facts.name),
        stake: used(key, now),
        then: then.map(str::to_owned).collect(),
        cancel: routes::key(&project, &id),
        reason: Some("For the audit log."),
        instead,
        yes: Yes::new("Delete key", routes::key_delete(&project, &id)),
        frame,
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
