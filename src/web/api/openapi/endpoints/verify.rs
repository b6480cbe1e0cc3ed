//! Verification: is this key good for this, and whose is it?

use crate::model::code::Code;
use crate::web::api::openapi::endpoint::{CHANGE, Endpoint, Needs, Sent, done, ok, queries, query};
use crate::web::routes;

const GROUP: &str = "Verification";

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: routes::API_VERIFY,
        id: "verify",
        group: GROUP,
        summary: "Asks whether the key of this very request is good for something",
        about: "A refusal is an error, and also stands in the headers `X-Keysrv-Code` and \
                `X-Keysrv-Missing-Scopes`. The request counts as a use of the key.",
        needs: Needs::Key,
        parameters: &[
            queries("scope", "Scope", "A scope that the key must hold; once for each"),
            query(
                "project",
                "ProjectName",
                "Only keys of this project are accepted; `default` when not given",
            ),
        ],
        body: Sent::Nothing,
        answer: ok("Accepted", "The key is good for this"),
        errors: &[&[Code::InsufficientScope, Code::InvalidValue]],
    },
    Endpoint {
        method: "POST",
        path: routes::API_VERIFY,
        id: "verify_token",
        group: GROUP,
        summary: "Asks about a token in the body, for a backend that was handed it",
        about: "The answer is 200 whatever the verdict is; read `valid`. The request counts as a use of the \
                key. Without `ip` the address of whoever asks is checked.",
        needs: Needs::Nothing,
        parameters: &[],
        body: Sent::Json("Ask"),
        answer: ok("Verdict", "The verdict"),
        errors: &[],
    },
    Endpoint {
        method: "POST",
        path: routes::API_EXPLAIN,
        id: "explain",
        group: GROUP,
        summary: "Tells every check of a token, not only the first that fails",
        about: "Takes what `POST` on the verification takes, and counts and consumes nothing. Whoever has no \
                real secret sees what a stranger sees.",
        needs: Needs::Nothing,
        parameters: &[],
        body: Sent::Json("Ask"),
        answer: ok("Explanation", "The verdict and the checks that lead to it"),
        errors: &[],
    },
    Endpoint {
        method: "GET",
        path: routes::API_WHOAMI,
        id: "whoami",
        group: GROUP,
        summary: "Shows the key itself, also a disabled or expired one",
        about: "From any address; it counts as no use.",
        needs: Needs::RealKey,
        parameters: &[],
        body: Sent::Nothing,
        answer: ok("HeldKey", "The key"),
        errors: &[],
    },
    Endpoint {
        method: "DELETE",
        path: routes::API_WHOAMI,
        id: "delete_self",
        group: GROUP,
        summary: "Deletes the key itself, whatever state it is in and from any address",
        about: "Whoever finds a leaked token can stop it.",
        needs: Needs::RealKey,
        parameters: &[],
        body: Sent::Nothing,
        answer: done("It is gone"),
        errors: &[CHANGE],
    },
];
