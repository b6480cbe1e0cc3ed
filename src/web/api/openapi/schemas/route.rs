//! Route rules.

use serde_json::{Value, json};

use super::{list, object, reference};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![("RouteRule", rule()), ("RouteList", list("RouteRule"))]
}

fn rule() -> Value {
    object(
        "Which scopes a request needs, by its method and path",
        json!({
            "method": {"type": "string", "description": "A method in capitals, or `*` for any", "examples": ["GET"]},
            "pattern": {
                "type": "string",
                "description": "A path in which `*` stands for one segment, as the last segment for one or more",
                "examples": ["/*/employees"],
            },
            "scopes": {"type": "array", "items": reference("Scope"), "description": "What a key must hold, all of it"},
        }),
    )
}
