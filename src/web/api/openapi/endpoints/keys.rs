//! Keys, for callers that manage them.

use crate::model::code::Code;
use crate::web::api::openapi::endpoint::{
    Answer, CHANGE, CURSOR, ETAG, EXPECTED, Endpoint, IDEMPOTENCY_KEY, IF_MATCH, LIMIT, Needs, ONCE, ONE,
    Parameter, REPLAYED, Sent, VALUES, done, made, ok, path, query, tagged,
};
use crate::web::routes;

const GROUP: &str = "Keys";
const READ: Needs = Needs::Scope("keys:read");
const WRITE: Needs = Needs::Scope("keys:write");
const ID: Parameter = path("id", "Reference", "The key's id, visible start or name");

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: routes::API_KEYS,
        id: "list_keys",
        group: GROUP,
        summary: "Lists keys, newest first",
        about: "A key that belongs to an account sees the keys of that account alone.",
        needs: READ,
        parameters: &[
            query(
                "q",
                "Text",
                "Part of the name or of the account, in any case, or the start of the id; fewer than three characters only find names that start with them",
            ),
            query("status", "KeyStatus", "Only keys in this state"),
            query("scope", "Scope", "Only keys that hold this scope"),
            query("account_id", "Text", "Only keys of this account, by its id or external id"),
            query("unused_for", "Span", "Only keys that were not accepted for so long"),
            query("expires_within", "Span", "Only keys that expire within so long"),
            query("sort", "KeyOrder", "In which order; `created` when it is not given"),
            LIMIT,
            CURSOR,
        ],
        body: Sent::Nothing,
        answer: ok("KeyList", "A page of keys"),
        errors: &[VALUES, ONE],
    },
    Endpoint {
        method: "POST",
        path: routes::API_KEYS,
        id: "create_key",
        group: GROUP,
        summary: "Makes a key and shows its token, this once",
        about: "A key grants only scopes that it holds. Without `scopes` the new key gets the catalogue's \
                defaults. What a key of an account makes belongs to that account.",
        needs: WRITE,
        parameters: &[IDEMPOTENCY_KEY],
        body: Sent::Json("NewKey"),
        answer: made("CreatedKey", "The key and its token"),
        errors: &[ONCE, CHANGE, ONE, &[Code::Taken]],
    },
    Endpoint {
        method: "GET",
        path: routes::API_KEY,
        id: "get_key",
        group: GROUP,
        summary: "Shows a key",
        about: "",
        needs: READ,
        parameters: &[ID],
        body: Sent::Nothing,
        answer: tagged("Key", "The key"),
        errors: &[ONE],
    },
    Endpoint {
        method: "PATCH",
        path: routes::API_KEY,
        id: "change_key",
        group: GROUP,
        summary: "Changes a key; it counts on the next request",
        about: "Fields that are left out stay as they are. It needs every scope that the key has and would get. \
                The name never changes.",
        needs: WRITE,
        parameters: &[ID, IF_MATCH],
        body: Sent::Json("KeyChange"),
        answer: tagged("Key", "The key as it is now"),
        errors: &[ONE, EXPECTED, CHANGE, &[Code::NameImmutable, Code::AccountBound]],
    },
    Endpoint {
        method: "DELETE",
        path: routes::API_KEY,
        id: "delete_key",
        group: GROUP,
        summary: "Deletes a key for good",
        about: "It needs every scope that the key has.",
        needs: WRITE,
        parameters: &[ID, IF_MATCH],
        body: Sent::Perhaps("Reason"),
        answer: done("It is gone"),
        errors: &[ONE, EXPECTED, CHANGE],
    },
    Endpoint {
        method: "POST",
        path: routes::API_KEY_ROTATE,
        id: "rotate_key",
        group: GROUP,
        summary: "Gives a key a new secret and shows the token, this once",
        about: "With an overlap the secret before stays good for that long. It needs every scope that the key has.",
        needs: WRITE,
        parameters: &[ID, IF_MATCH, IDEMPOTENCY_KEY],
        body: Sent::Perhaps("Rotation"),
        answer: Answer { headers: &[ETAG, REPLAYED], ..ok("CreatedKey", "The key and its new token") },
        errors: &[ONE, EXPECTED, ONCE, CHANGE],
    },
    Endpoint {
        method: "POST",
        path: routes::API_KEY_ROTATE_END,
        id: "end_old_secret",
        group: GROUP,
        summary: "Ends the old secret of a key, of which two are live",
        about: "Who still uses it stands in the key's `secrets`. It needs every scope that the key has.",
        needs: WRITE,
        parameters: &[ID, IF_MATCH, IDEMPOTENCY_KEY],
        body: Sent::Nothing,
        answer: Answer { headers: &[ETAG, REPLAYED], ..ok("Key", "The key with its new secret alone") },
        errors: &[ONE, EXPECTED, ONCE, CHANGE, &[Code::InUse]],
    },
];
