//! The server about itself.

use crate::model::code::Code;
use crate::web::api::openapi::endpoint::{Answer, Body, Endpoint, Needs, Sent, ok};
use crate::web::routes;

const GROUP: &str = "Server";

const fn plain(
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    about: &'static str,
    answer: Answer,
) -> Endpoint {
    Endpoint {
        method: "GET",
        path,
        id,
        group: GROUP,
        summary,
        about,
        needs: Needs::Nothing,
        parameters: &[],
        body: Sent::Nothing,
        answer,
        errors: &[],
    }
}

pub(super) const ENDPOINTS: &[Endpoint] = &[
    plain(
        routes::ALIVE,
        "alive",
        "Says that the process answers",
        "Whatever the database does.",
        ok("Health", "It answers"),
    ),
    plain(
        routes::READY,
        "ready",
        "Says whether the server can serve",
        "503 when the database does not answer.",
        ok("Health", "It can"),
    ),
    Endpoint {
        errors: &[&[Code::Forbidden, Code::NoSuchPath]],
        ..plain(
            routes::METRICS,
            "metrics",
            "Counts and durations, for Prometheus",
            "To programs on the server's own machine alone, unless it was started with `--metrics all`; not \
             there with `--metrics off`.",
            Answer { status: 200, about: "Every metric", body: Body::Text("text/plain"), headers: &[] },
        )
    },
    plain(routes::OPENAPI, "openapi", "This document", "OpenAPI 3.1.", ok("Anything", "The document")),
];
