//! An audit event in words: what was done, by whom, what changed.
//!
//! Actions are `thing.verb_in_the_past`, so that a new one needs no entry here to be readable.

use serde_json::Value;

use crate::model::audit::AuditEvent;
use crate::model::principal::{Actor, ActorKind, Principal};
use crate::web::admin::when::When;

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
    let (thing, verb) = event.action.split_once('.').unwrap_or(("", &event.action));
    let thing = thing.replace('_', " ");
    match verb_in_words(verb) {
        Verb::Alone(words) => words.to_owned(),
        Verb::On(words) => format!("{words} {thing}"),
        Verb::Part { done, part } => format!("{done} {part} of {thing}"),
    }
}

/// "Disabled", where the thing is the page's own.
pub(crate) fn done_to_it(event: &AuditEvent) -> String {
    let (_, verb) = event.action.split_once('.').unwrap_or(("", &event.action));
    match verb_in_words(verb) {
        Verb::Alone(words) => words.to_owned(),
        Verb::On(words) => words,
        Verb::Part { done, part } => format!("{done} {part}"),
    }
}

/// What an action's second half says.
enum Verb {
    /// All of it: "Signed in".
    Alone(&'static str),
    /// What was done to the thing: "Disabled".
    On(String),
    /// What was done to a part of it: "Changed", "password".
    Part { done: String, part: String },
}

fn verb_in_words(verb: &str) -> Verb {
    match verb {
        "signed_in" => Verb::Alone("Signed in"),
        "signed_out" => Verb::Alone("Signed out"),
        "sign_in_failed" => Verb::Alone("Failed to sign in as"),
        "backed_up" => Verb::Alone("Made a backup"),
        "backup_proven" => Verb::Alone("Proved that it would restore"),
        "backup_found_damaged" => Verb::Alone("Found a damaged backup"),
        "backup_downloaded" => Verb::Alone("Downloaded the backup"),
        "backup_deleted" => Verb::Alone("Deleted the backup"),
        _ => match verb.rsplit_once('_') {
            Some((part, done)) => Verb::Part { done: capitalised(done), part: part.replace('_', " ") },
            None => Verb::On(capitalised(verb)),
        },
    }
}

/// Who did it: a person's name, "key my-agent-key", "root at the shell".
pub(crate) fn by(actor: &Actor) -> String {
    match actor.kind {
        ActorKind::User => actor.name.clone(),
        ActorKind::Key => format!("key {}", actor.name),
        ActorKind::Operator if actor.name == "shell" => "the shell".to_owned(),
        ActorKind::Operator if actor.name == Principal::SERVER => actor.name.clone(),
        ActorKind::Operator => format!("{} at the shell", actor.name),
        ActorKind::Stranger => format!("a stranger from {}", actor.name),
    }
}

/// What kind of principal it was.
pub(crate) fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::User => "Person",
        ActorKind::Key => "API key",
        ActorKind::Operator => "Shell",
        ActorKind::Stranger => "Stranger",
    }
}

/// What changed, without what says nothing.
pub(crate) fn details(event: &AuditEvent) -> Vec<Detail> {
    let fields = event.detail.as_object().into_iter().flatten();
    fields
        .filter_map(|(name, value)| {
            let value = changed(value).unwrap_or_else(|| in_words(value));
            (!value.is_empty()).then(|| Detail { name: capitalised(&name.replace('_', " ")), value })
        })
        .collect()
}

/// What became of what, where a value says so: "none → 200/60", and of several only what differs.
/// Empty where nothing does.
fn changed(value: &Value) -> Option<String> {
    let fields = value.as_object()?;
    let (from, to) = (fields.get("from")?, fields.get("to")?);
    if let (Value::Object(before), Value::Object(after)) = (from, to) {
        let differing = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
        let told = differing.map(|(name, value)| {
            let before = before.get(name).unwrap_or(&Value::Null);
            format!("{} {}", name.replace('_', " "), step(before, value))
        });
        return Some(told.collect::<Vec<_>>().join(", "));
    }
    Some(if from == to { String::new() } else { step(from, to) })
}

fn step(from: &Value, to: &Value) -> String {
    let told = |value: &Value| Some(in_words(value)).filter(|words| !words.is_empty());
    let none = || "none".to_owned();
    format!("{} → {}", told(from).unwrap_or_else(none), told(to).unwrap_or_else(none))
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is_so) => (if *is_so { "yes" } else { "no" }).to_owned(),
        Value::Number(number) => number.to_string(),
        // A hash: enough of it to compare by eye; the export has it whole.
        Value::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            format!("{}…", text.chars().take(12).collect::<String>())
        }
        Value::String(text) => text.parse().map_or_else(|_| text.clone(), |at| When::new(at, at).exact),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match in_words(value) {
                words if words.is_empty() => format!("{name} none"),
                words => format!("{name} {words}"),
            })
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::audit::AuditTarget;

    fn event(action: &str) -> AuditEvent {
        let actor = Actor { kind: ActorKind::User, id: "1".to_owned(), name: "anna".to_owned() };
        let target = AuditTarget { kind: String::new(), id: String::new(), name: String::new() };
        AuditEvent {
            n: 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            project: None,
            actor,
            action: action.to_owned(),
            target,
            detail: serde_json::json!({ "added": ["a:b", "c:d"], "reason": null, "external_id": "x" }),
            account: None,
            hash: [0; 32],
        }
    }

    #[test]
    fn an_action_is_told_in_words() {
        let words = [
            ("key.disabled", "Disabled key", "Disabled"),
            ("user.password_changed", "Changed password of user", "Changed password"),
            ("user.signed_in", "Signed in", "Signed in"),
            ("route_rule.added", "Added route rule", "Added"),
        ];
        for (action, of_thing, of_it) in words {
            let event = event(action);
            assert_eq!((done(&event).as_str(), done_to_it(&event).as_str()), (of_thing, of_it));
        }
    }

    #[test]
    fn a_change_is_told_by_what_differs() {
        let told = |detail| {
            let event = AuditEvent { detail, ..event("project.changed") };
            details(&event).into_iter().map(|d| format!("{}: {}", d.name, d.value)).collect::<Vec<_>>()
        };
        let detail = serde_json::json!({
            "prefix": { "from": "ks", "to": "ks" },
            "contact": { "from": null, "to": "keys@acme.example" },
            "rules": { "from": { "show_reason": false, "max": null }, "to": { "show_reason": true, "max": null } },
        });
        assert_eq!(told(detail), ["Contact: none → keys@acme.example", "Rules: show reason no → yes"]);
    }

    #[test]
    fn details_that_say_nothing_are_left_out() {
        let details = details(&event("key.changed"));
        let told: Vec<_> = details.iter().map(|d| (d.name.as_str(), d.value.as_str())).collect();
        assert_eq!(told, [("Added", "a:b, c:d"), ("External id", "x")]);
    }
}
