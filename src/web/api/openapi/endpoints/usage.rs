//! How often keys are used.

use crate::web::api::openapi::endpoint::{
    CURSOR, Endpoint, LIMIT, Needs, ONE, Parameter, Sent, VALUES, ok, path, query,
};
use crate::web::routes;

const BY: Parameter = query("by", "UsageStep", "How counts are summed up; `hour` when it is not given");
const FROM: Parameter =
    query("from", "Time", "From when on; a day before the end, or 30 days when summed up by day");
const TO: Parameter = query("to", "Time", "Until when; now when it is not given");

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: routes::API_KEY_USAGE,
        id: "list_key_usage",
        group: "Keys",
        summary: "Counts a key's requests by verdict and hour or day",
        about: "Oldest first. Days are days in UTC. How long counts are kept is a setting: hours for 90 days, days \
                for two years, where nobody set anything else. What limits that are only watched would have refused is \
                told for the whole range.",
        needs: Needs::Scope("keys:read"),
        parameters: &[
            path("id", "Reference", "The key's id, visible start or name"),
            BY,
            FROM,
            TO,
            LIMIT,
            CURSOR,
        ],
        body: Sent::Nothing,
        answer: ok("Usage", "A page of counts, and from where the key was accepted last"),
        errors: &[VALUES, ONE],
    },
    Endpoint {
        method: "GET",
        path: routes::API_ACCOUNT_USAGE,
        id: "list_account_usage",
        group: "Accounts",
        summary: "Counts the requests of an account's keys together",
        about: "As for one key, and needs `keys:read` as well. Each use counts for the account that its key belonged \
                to at the time, also when the key is gone.",
        needs: Needs::Scope("platform:read"),
        parameters: &[
            path("id", "Reference", "The account's id or external id"),
            BY,
            FROM,
            TO,
            LIMIT,
            CURSOR,
        ],
        body: Sent::Nothing,
        answer: ok("AccountUsage", "A page of counts"),
        errors: &[VALUES, ONE],
    },
];
