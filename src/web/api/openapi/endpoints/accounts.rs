//! Accounts: the customers, teams or agents that keys are issued to.

use crate::web::api::openapi::endpoint::{CURSOR, Endpoint, LIMIT, Needs, VALUES, ok, query};
use crate::web::routes;

const GROUP: &str = "Accounts";

pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: "GET",
    path: routes::API_ACCOUNTS,
    id: "list_accounts",
    group: GROUP,
    summary: "Lists accounts, newest first",
    about: "A key that belongs to an account sees that account alone.",
    needs: Needs::Scope("platform:read"),
    parameters: &[
        query("q", "Text", "Part of name, id or external id, in any case"),
        query("external_id", "Text", "Exactly this external id"),
        query("status", "AccountStatus", "Only enabled or only disabled ones"),
        LIMIT,
        CURSOR,
    ],
    body: None,
    answer: ok("AccountList", "A page of accounts"),
    errors: &[VALUES],
}];
