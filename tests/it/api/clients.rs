//! The examples of docs/clients.md against a live server, and a client that is generated.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::harness::{Place, Server};

const DOCUMENT: &str = include_str!("../../../docs/clients.md");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/output/venv/bin/python");

/// The examples in this language.
fn examples(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    DOCUMENT.split(start.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A server, and what the examples find in their environment.
struct World {
    place: Place,
    server: Server,
    manager: String,
    caller: String,
}

impl World {
    fn start() -> Self {
        let place = Place::new();
        let manager = place.token_for_everything();
        let caller = place.create(&["caller", "--scope", "actions:execute"]);
        let server = Server::start(&place);
        Self { place, server, manager, caller }
    }

    /// Writes the example into a file of this name and runs a program on it.
    fn run(&self, name: &str, example: &str, program: &str, args: &[&str]) -> Output {
        std::fs::write(self.place.path().join(name), example).unwrap();
        self.execute(program, &[args, &[name]].concat())
    }

    /// Runs a program with what the examples find in their environment.
    fn execute(&self, program: &str, args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.place.path());
        command.env("KEYSRV_URL", &self.server.url);
        command.env("KEYSRV_KEY", &self.manager).env("CALLER_TOKEN", &self.caller);
        command.env("GOCACHE", self.place.path().join("go-cache"));
        command.output().unwrap_or_else(|error| panic!("{program}: {error}; `tests/run` brings it"))
    }

    #[track_caller]
    fn lines(&self, name: &str, example: &str, program: &str, args: &[&str]) -> Vec<String> {
        told(self.run(name, example, program, args))
    }
}

/// The lines that a program wrote; it must have succeeded.
#[track_caller]
fn told(output: Output) -> Vec<String> {
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told.lines().map(str::to_owned).collect()
}

/// Builds the example for Rust, whose crates `tests/run` fetches; once they are built it takes seconds.
fn build_rust(example: &str) -> PathBuf {
    let folder = Path::new(ROOT).join("tests/output/rust-client");
    std::fs::create_dir_all(&folder).unwrap();
    let source = folder.join("main.rs");
    if std::fs::read_to_string(&source).ok().as_deref() != Some(example) {
        std::fs::write(&source, example).unwrap();
    }
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--quiet", "--target-dir"])
        .arg(&folder)
        .current_dir(Path::new(ROOT).join("tests/clients/rust"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder.join("debug/client")
}

#[test]
fn the_example_for_curl_works() {
    let world = World::start();
    let example = examples("sh")[0];
    let told = world.lines("example.sh", example, "sh", &["-e"]).join("");
    assert!(told.contains("\"name\":\"caller\"") && told.contains("\"name\":\"from-curl\""), "{told}");
    assert_eq!(world.place.json(&["show", "from-curl"])["status"], "disabled");
    world.server.stop();
}

#[test]
fn the_examples_for_python_work() {
    let world = World::start();
    let [requests, httpx] = examples("python")[..] else { panic!("there are two") };
    let told = world.lines("with_requests.py", requests, PYTHON, &[]);
    assert_eq!(told, ["caller", "refused: insufficient_scope"]);
    let told = world.lines("with_httpx.py", httpx, PYTHON, &[]);
    assert_eq!(told[0], "caller");
    assert!(told.contains(&"driver active".to_owned()), "{told:?}");
    world.server.stop();
}

#[test]
fn the_example_for_javascript_works() {
    let world = World::start();
    let told = world.lines("example.mjs", examples("javascript")[0], "node", &[]);
    assert_eq!(told, ["caller", "refused: insufficient_scope", "null"]);
    world.server.stop();
}

#[test]
fn the_example_for_go_works() {
    let world = World::start();
    let told = world.lines("example.go", examples("go")[0], "go", &["run"]);
    assert_eq!(told, ["valid caller"]);
    world.server.stop();
}

#[test]
fn the_example_for_rust_works() {
    let client = build_rust(examples("rust")[0]);
    let world = World::start();
    let told = told(world.execute(client.to_str().unwrap(), &[]));
    assert!(told[0].contains("\"name\": String(\"caller\")"), "{told:?}");
    world.server.stop();
}

#[test]
fn a_client_is_generated_from_the_document_without_a_warning_and_can_be_imported() {
    let world = World::start();
    let generator = Path::new(PYTHON).with_file_name("openapi-python-client");
    let url = format!("{}/openapi.json", world.server.url);
    let output = Command::new(&generator)
        .args([
            "generate",
            "--fail-on-warning",
            "--meta",
            "none",
            "--output-path",
            "generated",
            "--url",
            &url,
        ])
        .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", generator.parent().unwrap().display()))
        .current_dir(world.place.path())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; `tests/run` brings it", generator.display()));
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !told.to_lowercase().contains("warning"), "{told}");
    let use_it = "
import os
from generated import AuthenticatedClient
from generated.api.verification import verify, whoami
client = AuthenticatedClient(base_url=os.environ['KEYSRV_URL'], token=os.environ['CALLER_TOKEN'])
print(whoami.sync(client=client).name, verify.sync(client=client, scope=['actions:execute']).valid)
";
    assert_eq!(world.lines("use_it.py", use_it, PYTHON, &[]), ["caller True"]);
    world.server.stop();
}
