//! Limits, as they are shown and as they are set.

use serde_json::{Value, json};

use super::{body, nullable, object, reference};
use crate::model::limit::{Quota, RateLimit};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("RateLimit", rate_limit()),
        ("Quota", quota()),
        ("QuotaUsage", quota_usage()),
        ("NewRateLimit", new_rate_limit()),
        ("NewQuota", new_quota()),
    ]
}

fn rate_limit() -> Value {
    object(
        "At most so many requests at once, refilled evenly over so many seconds",
        json!({
            "requests": {"type": "integer"},
            "per_seconds": {"type": "integer"},
            "mode": reference("Mode"),
        }),
    )
}

fn quota() -> Value {
    object(
        "At most so many requests in a calendar day or month",
        json!({"requests": {"type": "integer"}, "per": period(), "mode": reference("Mode")}),
    )
}

fn quota_usage() -> Value {
    object(
        "What has been used of the quota in the current day or month",
        json!({"used": {"type": "integer"}, "resets_at": reference("Time")}),
    )
}

fn period() -> Value {
    json!({"type": "string", "enum": ["day", "month"]})
}

fn new_rate_limit() -> Value {
    let fields = json!({
        "requests": {"type": "integer", "minimum": 1, "maximum": RateLimit::REQUESTS_MAX},
        "per_seconds": {"type": "integer", "minimum": 1, "maximum": RateLimit::SECONDS_MAX},
        "mode": reference("Mode"),
    });
    body("A rate limit; a `mode` that is not given stays as it is", &["requests", "per_seconds"], fields)
}

fn new_quota() -> Value {
    let fields = json!({
        "requests": {"type": "integer", "minimum": 1, "maximum": Quota::REQUESTS_MAX},
        "per": period(),
        "mode": reference("Mode"),
    });
    body("A quota; a `mode` that is not given stays as it is", &["requests", "per"], fields)
}

/// What is shown of the limits of a key or an account.
pub(super) fn shown() -> [(&'static str, Value); 3] {
    [
        ("rate_limit", nullable("RateLimit")),
        ("quota", nullable("Quota")),
        ("quota_usage", nullable("QuotaUsage")),
    ]
}

/// What sets the limits of a key or an account; `null` takes one away.
pub(super) fn set() -> [(&'static str, Value); 2] {
    [("rate_limit", nullable("NewRateLimit")), ("quota", nullable("NewQuota"))]
}

/// What starts the count of a quota anew.
pub(super) fn reset() -> (&'static str, Value) {
    let about = "Whether the count of the quota starts anew; there must be a quota";
    ("reset_quota", json!({"type": ["boolean", "null"], "description": about}))
}
