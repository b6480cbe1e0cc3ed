//! What the tests share: the real program, a real server, and a client.
#![allow(dead_code, unused_imports, reason = "a test takes what it needs")]

pub mod browser;
pub mod client;
pub mod connection;
pub mod program;
pub mod redact;
pub mod server;

use std::time::{Duration, Instant};

pub use browser::{Browser, Look, Scheme, Screen, Script};
pub use client::{Answer, Client};
pub use connection::Connection;
pub use program::{Outcome, Place};
pub use server::Server;

/// Waits until `condition` holds, and fails with `what` after half a minute.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < end, "waited half a minute for: {what}");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
