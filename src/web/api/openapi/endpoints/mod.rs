//! Every address that a program may use, in the order in which it is read about.
//!
//! `api::openapi` in the tests compares this with what the router registers, so that an address
//! which nobody described fails there; schemathesis compares it with what the server answers.

use super::endpoint::Endpoint;

mod accounts;
mod audit;
mod keys;
mod routes;
mod scopes;
mod server;
mod usage;
mod verify;

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Endpoint> {
    [
        verify::ENDPOINTS,
        keys::ENDPOINTS,
        usage::ENDPOINTS,
        accounts::ENDPOINTS,
        scopes::ENDPOINTS,
        routes::ENDPOINTS,
        audit::ENDPOINTS,
        server::ENDPOINTS,
    ]
    .into_iter()
    .flatten()
}
