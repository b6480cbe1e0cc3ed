//! An audit event in words: what was done, by whom, what changed.
//!
//! Actions are `thing.verb_in_the_past`, so that a new one needs no entry here to be readable.

use serde_json::Value;

use crate::model::audit::AuditEvent;
use crate::model::principal::{Actor, ActorKind};

/// One change that an event carries, name and value in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    /// "Scopes".
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
}

/// "Disabled key", before the thing's name.
pub(crate) fn done(event: &AuditEvent) -> String {
    let (thing, verb) = parts(event);
    match thing {
        "session" => verb,
        _ => format!("{verb} {}", thing.replace('_', " ")),
    }
}

/// "Disabled", where the thing is the page's own.
pub(crate) fn done_to_it(event: &AuditEvent) -> String {
    parts(event).1
}

fn parts(event: &AuditEvent) -> (&str, String) {
    let (thing, verb) = event.action.split_once('.').unwrap_or(("", &event.action));
    (thing, capitalised(&verb.replace('_', " ")))
}

/// Who did it: a person's name, "key my-agent-key", "root at the shell".
pub(crate) fn by(actor: &Actor) -> String {
    match actor.kind {
        ActorKind::User => actor.name.clone(),
        ActorKind::Key => format!("key {}", actor.name),
        ActorKind::Operator => format!("{} at the shell", actor.name),
    }
}

/// What kind of principal it was.
pub(crate) fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::User => "Person",
        ActorKind::Key => "API key",
        ActorKind::Operator => "Shell",
    }
}

/// What changed, without what says nothing.
pub(crate) fn details(event: &AuditEvent) -> Vec<Detail> {
    let fields = event.detail.as_object().into_iter().flatten();
    fields
        .filter_map(|(name, value)| {
            let value = in_words(value);
            (!value.is_empty()).then(|| Detail { name: capitalised(&name.replace('_', " ")), value })
        })
        .collect()
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is_so) => (if *is_so { "yes" } else { "no" }).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", in_words(value)))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
