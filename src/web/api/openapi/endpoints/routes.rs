//! Forward auth, and the rules that it goes by.

use crate::model::code::Code;
use crate::web::api::openapi::endpoint::{
    Answer, Body, CURSOR, Endpoint, LIMIT, Needs, Parameter, Sent, VALUES, header, ok, path, queries, query,
};
use crate::web::routes;

const GROUP: &str = "Forward auth";

const PROJECT: Parameter =
    query("project", "ProjectName", "Only keys of this project are accepted; `default` when not given");
const SCOPE: Parameter =
    queries("scope", "Scope", "A scope that the key must hold; with one, the route rules are not asked");
const REFUSALS: &[Code] = &[Code::UntrustedProxy, Code::NoRoute, Code::InsufficientScope];
const ABOUT: &str = "By any method, from a trusted proxy alone. Without route rules any valid key passes. The request counts \
    as a use of the key.";

const NGINX: Endpoint = Endpoint {
    method: "GET",
    path: routes::AUTH_NGINX,
    id: "auth_nginx",
    group: GROUP,
    summary: "Decides about a request for nginx (`auth_request`)",
    about: "By any method, from a trusted proxy alone. Without route rules any valid key passes. Refusals are 401 or 403; \
            another true status stands in `X-Keysrv-Status`. The request counts as a use of the key.",
    needs: Needs::Key,
    parameters: &[
        PROJECT,
        SCOPE,
        header("X-Original-Method", "Text", "The method of the request that nginx asks about"),
        header("X-Original-URI", "Text", "Its path and query"),
    ],
    body: Sent::Nothing,
    answer: allowed(204),
    errors: &[REFUSALS, VALUES],
};

const FORWARD: Endpoint = Endpoint {
    path: routes::AUTH_FORWARD,
    id: "auth_forward",
    summary: "Decides about a request for Traefik, Caddy, HAProxy or APISIX",
    about: ABOUT,
    parameters: &[
        PROJECT,
        SCOPE,
        header("X-Forwarded-Method", "Text", "The method of the request that the proxy asks about"),
        header("X-Forwarded-Uri", "Text", "Its path and query"),
    ],
    answer: allowed(200),
    ..NGINX
};

const ENVOY: Endpoint = Endpoint {
    path: routes::AUTH_ENVOY,
    id: "auth_envoy",
    summary: "Decides about a request for Envoy (`ext_authz` over HTTP)",
    about: "By the method and the path of the request itself, from a trusted proxy alone; its query is not read. \
            Without route rules any valid key passes. The request counts as a use of the key.",
    parameters: &[
        path("project", "ProjectName", "Only keys of this project are accepted"),
        path("path", "Text", "The path that the client asks for"),
    ],
    errors: &[REFUSALS],
    ..FORWARD
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: "GET",
        path: routes::API_ROUTES,
        id: "list_routes",
        group: GROUP,
        summary: "Lists the route rules in the order in which they are asked",
        about: "",
        needs: Needs::Key,
        parameters: &[LIMIT, CURSOR],
        body: Sent::Nothing,
        answer: ok("RouteList", "A page of rules"),
        errors: &[VALUES],
    },
    NGINX,
    Endpoint { method: "POST", id: "auth_nginx_post", ..NGINX },
    FORWARD,
    Endpoint { method: "POST", id: "auth_forward_post", ..FORWARD },
    ENVOY,
    Endpoint { method: "POST", id: "auth_envoy_post", ..ENVOY },
];

const fn allowed(status: u16) -> Answer {
    Answer { status, about: "The request may pass", body: Body::Nothing, headers: IDENTITY }
}

const IDENTITY: &[(&str, &str)] = &[
    ("X-Keysrv-Key-Id", "The key"),
    ("X-Keysrv-Key-Name", "Its name; what is not printable ASCII, and `%`, percent-encoded"),
    ("X-Keysrv-Project", "Its project"),
    ("X-Keysrv-Account-Id", "Its account, or `-`"),
    ("X-Keysrv-Account-External-Id", "What you call the account, encoded like the name, or `-`"),
    ("X-Keysrv-Scopes", "What the key may do, with a space between two, or `-`"),
    ("X-Keysrv-Expires-At", "When it expires, or `-`"),
    ("X-Keysrv-Secret-Ends-At", "When the secret that was presented ends, or `-`"),
];
