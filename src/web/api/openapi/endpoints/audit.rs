//! Who changed what.

use crate::model::code::Code;
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
        query("actor", "Text", "Only what whoever has this id did, or had this name at that time"),
        query("actor_kind", "ActorKind", "Only what this kind of actor did"),
        query(
            "action",
            "Text",
            "Only this action, such as `key.disabled`, or with a dot at its end all of a kind: `key.`",
        ),
        query(
            "target",
            "Text",
            "Only what was done to whatever has this id, or had this name at that time; for a key also its visible start",
        ),
        query("target_id", "Text", "Only what was done to the thing with this id"),
        query("from", "Time", "Only from then on"),
        query("to", "Time", "Only before then"),
        LIMIT,
        CURSOR,
    ],
    body: Sent::Nothing,
    answer: ok("AuditList", "A page of events"),
    errors: &[VALUES, &[Code::ContainsToken]],
}];
