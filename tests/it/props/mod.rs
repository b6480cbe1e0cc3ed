//! Properties that hold for whatever comes: random tokens, scopes and cursors, and a random life
//! of keys against a small model.

mod life;
mod routes;
mod text;
mod tokens;

use proptest::test_runner::Config;

/// What proptest runs when nobody says how many cases.
const USUAL: u32 = 256;

/// So many cases, or as many as `PROPTEST_CASES` says if that is more than proptest's usual number; and
/// no file beside the tests: a case that failed becomes a test of its own.
pub fn cases(n: u32) -> Config {
    let asked = Config::default().cases;
    let cases = if asked > USUAL { asked } else { n };
    Config { cases, failure_persistence: None, ..Config::default() }
}
