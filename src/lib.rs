//! keysrv gives your own API real API keys: one binary with admin pages, a JSON API and an
//! embedded `SQLite` file.
//!
//! The map, in reading order. Data goes down these floors once and comes back once; a room has
//! the same name on every floor, so "which concept" and "which floor" find any piece of code.
//!
//! - [`model`]: nouns and their rules, no I/O
//! - [`crypto`]: tokens, their hashes, passwords
//! - [`clock`]: the only reader of the time
//! - [`priority`]: threads that give way
//! - [`store`]: the boundary to the database, and the `SQLite` engine behind it
//! - [`app`]: the use cases, which shell, pages and API share
//! - [`web`]: the server: pages, the JSON API, forward auth
//! - [`cli`]: the shell
//! - [`config`], [`telemetry`]: settings and logs

pub mod model;

pub mod clock;
pub mod config;
pub mod crypto;
pub mod priority;
pub mod store;
pub mod telemetry;

pub mod app;

pub mod web;

pub mod cli;
