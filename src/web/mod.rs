//! The server: pages, the JSON API and forward auth, all over HTTP.
//!
//! A handler reads words into the model's types, calls one use case and turns its outcome into
//! words again. Nothing here decides what is allowed (`app`) or knows how it is stored (`store`).

pub mod admin;
pub mod routes;
pub mod statics;
