//! Verification: is this key good for this, and whose is it?

use crate::model::code::Code;
use crate::web::api::openapi::endpoint::{Endpoint, Needs, ok, queries, query};
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
        body: None,
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
        body: Some("Ask"),
        answer: ok("Verdict", "The verdict"),
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
        body: None,
        answer: ok("HeldKey", "The key"),
        errors: &[],
    },
];
