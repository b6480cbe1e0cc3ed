//! Accounts: the customers, teams or agents that keys are issued to.

use crate::model::code::Code;
use crate::web::api::openapi::endpoint::{
    Answer, CHANGE, CURSOR, EXPECTED, Endpoint, IDEMPOTENCY_KEY, IF_MATCH, LIMIT, Needs, ONCE, ONE,
    Parameter, Sent, VALUES, done, made, ok, path, query, tagged,
};
use crate::web::routes;

const GROUP: &str = "Accounts";
const READ: Needs = Needs::Scope("platform:read");
const WRITE: Needs = Needs::Scope("platform:write");
const DELETED_KEYS: (&str, &str) = ("X-Keysrv-Deleted-Keys", "How many keys went with it");
const ID: Parameter = path("id", "Reference", "The account's id or external id");

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: routes::API_ACCOUNTS,
        id: "list_accounts",
        group: GROUP,
        summary: "Lists accounts, newest first",
        about: "A key that belongs to an account sees that account alone.",
        needs: READ,
        parameters: &[
            query(
                "q",
                "Text",
                "Part of name, id or external id, in any case; fewer than three characters only find names that start with them",
            ),
            query("external_id", "Text", "Exactly this external id"),
            query("status", "AccountStatus", "Only enabled or only disabled ones"),
            LIMIT,
            CURSOR,
        ],
        body: Sent::Nothing,
        answer: ok("AccountList", "A page of accounts"),
        errors: &[VALUES],
    },
    Endpoint {
        method: "POST",
        path: routes::API_ACCOUNTS,
        id: "create_account",
        group: GROUP,
        summary: "Makes an account",
        about: "A key that belongs to an account makes none.",
        needs: WRITE,
        parameters: &[IDEMPOTENCY_KEY],
        body: Sent::Json("NewAccount"),
        answer: made("Account", "The account"),
        errors: &[ONCE, CHANGE, &[Code::Taken, Code::AccountBound]],
    },
    Endpoint {
        method: "GET",
        path: routes::API_ACCOUNT,
        id: "get_account",
        group: GROUP,
        summary: "Shows an account",
        about: "",
        needs: READ,
        parameters: &[ID],
        body: Sent::Nothing,
        answer: tagged("Account", "The account"),
        errors: &[ONE],
    },
    Endpoint {
        method: "PATCH",
        path: routes::API_ACCOUNT,
        id: "change_account",
        group: GROUP,
        summary: "Changes an account",
        about: "Fields that are left out stay as they are. Switching it off or on stops or starts all its keys, \
                so that it also needs `keys:write` and every scope of those keys.",
        needs: WRITE,
        parameters: &[ID, IF_MATCH],
        body: Sent::Json("AccountChange"),
        answer: tagged("Account", "The account as it is now"),
        errors: &[ONE, EXPECTED, CHANGE, &[Code::Taken, Code::AccountBound]],
    },
    Endpoint {
        method: "DELETE",
        path: routes::API_ACCOUNT,
        id: "delete_account",
        group: GROUP,
        summary: "Deletes an account with all its keys",
        about: "An account that has keys also needs `keys:write` and every scope of those keys. `n_keys` of the account \
                says beforehand how many there are.",
        needs: WRITE,
        parameters: &[ID, IF_MATCH],
        body: Sent::Nothing,
        answer: Answer { headers: &[DELETED_KEYS], ..done("It is gone") },
        errors: &[ONE, EXPECTED, CHANGE, &[Code::AccountBound]],
    },
];
