//! The admin pages, rendered on the server; each works without script.
//!
//! A page is a function from a `Visit` (who asks for what) to an `Answer`, beside the struct
//! that its template shows; it reads words, calls use cases and may wait. `serve` is the one way
//! from a request to such a function. Paths are in `web::routes`, permissions in `app`.

pub(super) mod accounts;
mod answer;
mod ask;
pub(super) mod audit;
pub(super) mod backups;
mod chart;
pub(super) mod docs;
mod download;
pub(super) mod error;
mod fields;
pub(super) mod home;
mod kept;
pub(super) mod keys;
pub(super) mod limits;
pub(super) mod me;
pub(super) mod overview;
mod page;
pub(super) mod projects;
pub(super) mod routes;
pub(super) mod scopes;
mod serve;
pub(super) mod settings;
pub(super) mod setup;
mod shown_once;
pub(super) mod sign_in;
mod stranger;
pub(super) mod users;
mod visit;
mod when;
mod words;

pub(super) use serve::page;
pub use shown_once::ShownOnce;
