//! The admin pages, rendered on the server; each works without script.
//!
//! One file per page holds the page's struct (what its template shows, in words) and its
//! handlers. Paths are in `web::routes`, permissions in `app`.
