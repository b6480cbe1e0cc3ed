//! Single values, and what every error looks like.

use serde_json::{Value, json};

use super::reference;
use crate::model::code::Code;
use crate::model::key::KeyStatus;
use crate::model::page::Limit;

/// What a text may not hold, inside the brackets of a regular expression: what `model::text`
/// refuses.
const UNFIT: &str = "\u{0}-\u{8}\u{b}-\u{1f}\u{7f}-\u{9f}\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fff9}-\u{fffb}\u{e0000}-\u{e007f}";

/// RFC 9110 §13.1.1. Lists are read, too, but as a pattern they help nobody.
const IF_MATCH: &str = r#"^([*]|(W/)?"[!#-~]{1,64}")$"#;

/// A label: visible characters, no spaces at the ends.
fn label(about: &str, chars_max: u32) -> Value {
    let edge = format!("[^\\s{UNFIT}]");
    json!({
        "type": "string",
        "description": about,
        "minLength": 1,
        "maxLength": chars_max,
        "pattern": format!("^{edge}([^\\n\\t{UNFIT}]*{edge})?$"),
    })
}

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut words = texts();
    words.extend(numbers());
    words.push(("Problem", problem()));
    words
}

fn texts() -> Vec<(&'static str, Value)> {
    let pattern = |about: &str, pattern: &str, example: &str| json!({"type": "string", "description": about, "minLength": 1, "pattern": pattern, "examples": [example]});
    vec![
        ("KeyId", pattern("The id of a key", "^[0-9A-Za-z]{12}$", "8Qm2LxT0aZr4")),
        ("AccountId", pattern("The id of an account", "^acc_[0-9A-Za-z]{12}$", "acc_4fTq0bYx9LmA")),
        (
            "Scope",
            pattern("One permission", "^[a-z][a-z0-9_-]{0,31}:[a-z][a-z0-9_-]{0,31}$", "actions:execute"),
        ),
        ("ProjectName", pattern("The name of a project", "^[a-z][a-z0-9-]{0,39}$", "default")),
        ("KeyName", label("A name, unique in its project, that never changes", 64)),
        ("AccountName", label("A name; two accounts may share one", 64)),
        ("ExternalId", label("What your own system calls an account; unique in the project", 128)),
        ("Time", json!({"type": "string", "format": "date-time", "description": "RFC 3339, UTC"})),
        ("Reference", json!({"type": "string", "minLength": 1})),
        ("Note", json!({"type": "string", "maxLength": 1000, "description": "A note for managers"})),
        ("Network", network()),
        ("Span", pattern("A length of time", "^[0-9]+[smhdw]$", "90d")),
        (
            "IdempotencyKey",
            pattern("1 to 255 visible ASCII characters", "^[!-~]([ -~]{0,253}[!-~])?$", "order-4711"),
        ),
        ("IfMatch", pattern("`*`, or the tag that `ETag` gave", IF_MATCH, "\"3f2a9c\"")),
        ("Text", json!({"type": "string"})),
        ("Cursor", json!({"type": "string", "pattern": "^[0-9A-Za-z_-]*$"})),
        (
            "Metadata",
            json!({"type": "object", "description": "Whatever you keep with it: at most 4 KiB of JSON"}),
        ),
        ("Anything", json!({"type": "object"})),
        ("Code", json!({"type": "string", "enum": Code::all().collect::<Vec<_>>()})),
        ("KeyStatus", json!({"type": "string", "enum": KeyStatus::ALL})),
        ("KeyOrder", json!({"type": "string", "enum": ["created", "name", "last_used"]})),
        ("ActorKind", json!({"type": "string", "enum": ["user", "key", "operator", "stranger"]})),
        (
            "Mode",
            json!({"type": "string", "enum": ["enforce", "watch"], "description": "Whether a limit refuses, or only counts what it would have refused"}),
        ),
        ("AccountStatus", json!({"type": "string", "enum": ["enabled", "disabled"]})),
        (
            "Health",
            super::object(
                "How the server is",
                json!({"status": {"type": "string", "enum": ["ok", "ready"]}}),
            ),
        ),
    ]
}

fn network() -> Value {
    json!({
        "type": "string",
        "description": "An address or a network, such as `203.0.113.7` or `10.0.0.0/8`",
        "anyOf": [
            {"format": "ipv4"},
            {"format": "ipv6"},
            {"pattern": "^[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}$"},
            {"pattern": "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"},
        ],
    })
}

fn numbers() -> Vec<(&'static str, Value)> {
    vec![("Limit", json!({"type": "integer", "minimum": 1, "maximum": Limit::MAX, "default": 50}))]
}

/// RFC 9457, with what helps.
fn problem() -> Value {
    let fields = json!({
        "type": {"type": "string", "pattern": "^urn:keysrv:error:[a-z_]+$"},
        "title": {"type": "string", "description": "The same for every problem of this code"},
        "status": {"type": "integer", "description": "The HTTP status"},
        "detail": {"type": "string", "description": "What is wrong this time"},
        "code": reference("Code"),
        "request_id": {"type": "string", "description": "As in `X-Request-Id`"},
        "fix": {"type": "string", "description": "What to do"},
        "missing_scopes": {"type": "array", "items": reference("Scope"), "description": "The scopes that the key lacks"},
        "field": {"type": "string", "description": "The field or parameter that is wrong"},
        "retry_after": {"type": "integer", "minimum": 0, "description": "After how many seconds another try may succeed"},
    });
    json!({
        "type": "object",
        "description": "What went wrong, and what to do about it",
        "required": ["type", "title", "status", "detail", "code", "request_id", "fix"],
        "properties": fields,
    })
}
