//! Who changed what.

use crate::web::api::openapi::endpoint::{CURSOR, Endpoint, LIMIT, Needs, Sent, VALUES, ok, query};
use crate::web::routes;

pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: "GET",
    path: routes::API_AUDIT,
    id: "list_audit",
    group: "Audit log",
    summary: "Lists the changes in the project, newest first",
    about: "A key that belongs to an account sees what was done to that account and its keys.",
    needs: Needs::Scope("keys:read"),
    parameters: &[
        query("actor_kind", "ActorKind", "Only what this kind of actor did"),
        query(
            "action",
            "Text",
            "Only this action, such as `key.disabled`, or with a dot at its end all of a kind: `key.`",
        ),
        query("target_id", "Text", "Only what was done to the thing with this id"),
        LIMIT,
        CURSOR,
    ],
    body: Sent::Nothing,
    answer: ok("AuditList", "A page of events"),
    errors: &[VALUES],
}];
