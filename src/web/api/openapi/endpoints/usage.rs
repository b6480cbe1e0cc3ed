//! How often keys are used.

use crate::web::api::openapi::endpoint::{
    CURSOR, Endpoint, LIMIT, Needs, ONE, Sent, VALUES, ok, path, query,
};
use crate::web::routes;

pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: "GET",
    path: routes::API_KEY_USAGE,
    id: "list_key_usage",
    group: "Keys",
    summary: "Counts a key's requests by verdict and hour or day",
    about: "Oldest first. Days are days in UTC. How long counts are kept is a setting: hours for 90 days, days \
            for two years, where nobody set anything else.",
    needs: Needs::Scope("keys:read"),
    parameters: &[
        path("id", "Reference", "The key's id, visible start or name"),
        query("by", "UsageStep", "How counts are summed up; `hour` when it is not given"),
        query("from", "Time", "From when on; a day before the end, or 30 days when summed up by day"),
        query("to", "Time", "Until when; now when it is not given"),
        LIMIT,
        CURSOR,
    ],
    body: Sent::Nothing,
    answer: ok("Usage", "A page of counts, and from where the key was accepted last"),
    errors: &[VALUES, ONE],
}];
