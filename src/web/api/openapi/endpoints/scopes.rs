//! What a project offers to grant.

use crate::web::api::openapi::endpoint::{Endpoint, Needs, Sent, ok};
use crate::web::routes;

pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: "GET",
    path: routes::API_SCOPES,
    id: "list_scopes",
    group: "Scopes",
    summary: "Shows the project's catalogue of scopes and presets",
    about: "A catalogue is bounded, so that this is all of it.",
    needs: Needs::Key,
    parameters: &[],
    body: Sent::Nothing,
    answer: ok("Catalogue", "The catalogue"),
    errors: &[],
}];
