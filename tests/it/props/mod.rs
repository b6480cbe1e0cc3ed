//! Properties that hold for whatever comes: random tokens, scopes and cursors, and a random life
//! of keys against a small model.

mod life;
mod routes;
mod text;
mod tokens;

use proptest::test_runner::Config;

/// So many cases, and no file beside the tests: a case that failed becomes a test of its own.
pub fn cases(n: u32) -> Config {
    Config { cases: n, failure_persistence: None, ..Config::default() }
}
