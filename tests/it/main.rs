//! The integration tests: one binary, so that everything is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that fails says so by panicking, and nothing outside uses its items"
)]

mod admin;
mod api;
mod app;
mod browser;
mod cli;
mod harness;
mod props;
mod proxy;
mod security;
mod store;
mod tidy;
