//! The document against the server: whatever schemathesis makes up is answered as documented.
//!
//! It is the program from PyPI, which `tests/run` installs; `tests/long/schemathesis.sh` asks it for
//! more cases than a test has time for.

use std::path::Path;
use std::process::{Command, Output};

use crate::harness::{Place, Server};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The most that the test may take.
const SECONDS_MAX: &str = "120";
/// For each address and method. The cases are the same each time.
const CASES: &str = "40";

fn run(server: &Server, token: &str, place: &Place) -> Output {
    let program = format!("{ROOT}/tests/output/venv/bin/schemathesis");
    assert!(Path::new(&program).exists(), "{program} is missing; `tests/run` brings it");
    let mut command = Command::new("timeout");
    command
        .args([SECONDS_MAX, &program])
        .args(["--config-file", &format!("{ROOT}/tests/schemathesis/schemathesis.toml"), "run"])
        .arg("--generation-deterministic")
        .args(["--max-examples", CASES, "--continue-on-failure", "--no-color"])
        .arg(format!("{}/openapi.json", server.url))
        .env("KEYSRV_HOOKS", format!("{ROOT}/tests/schemathesis/hooks.py"))
        .env("KEYSRV_URL", &server.url)
        .env("KEYSRV_TOKEN", token)
        .current_dir(place.path());
    command.output().unwrap()
}

#[test]
fn schemathesis_finds_nothing() {
    let place = Place::new();
    let token = place.token_for_everything();
    let server = Server::start(&place);
    let output = run(&server, &token, &place);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("Test cases"), "{told}");
    let answer = server.client().get_as(&token, "/v1/verify");
    assert_eq!(answer.status, 200, "the key that asked is gone, so that most was not tested: {answer:?}");
    server.stop();
}
