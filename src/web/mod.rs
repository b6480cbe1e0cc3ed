//! The server: pages, the JSON API and forward auth, all over HTTP.
//!
//! A handler reads words into the model's types, calls one use case and turns its outcome into
//! words again. Nothing here decides what is allowed (`app`) or knows how it is stored (`store`).

pub mod server;

mod connection;
mod lane;
mod ticker;

pub mod routes;

mod date;
pub mod ends;
pub mod gate;
pub mod head;
pub mod headers;
pub mod hot;
pub mod limits;
pub mod notes;
mod told;
mod wanted;
mod wire;

pub mod auth;
pub mod blocking;
pub mod body;
pub mod client_ip;
pub mod context;
pub mod credentials;
pub mod csrf;
pub mod problem;
pub mod proxy;
pub mod refusal;
pub mod resource;
pub mod statics;

pub mod admin;
pub mod api;
