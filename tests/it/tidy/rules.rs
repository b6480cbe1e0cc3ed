//! The rules themselves: each looks at files and answers with what breaks it, one line a finding.

use std::path::Path;

use super::source::{Name, Source};

/// A floor or a room of its own, and what it may import.
struct Floor {
    place: &'static str,
    may: &'static [&'static str],
    but_not: &'static [&'static str],
}

/// The table of ARCHITECTURE.md. The first that fits a file holds for it.
const FLOORS: &[Floor] = &[
    Floor { place: "src/main.rs", may: &["cli"], but_not: &[] },
    Floor { place: "src/clock.rs", may: &["clock"], but_not: &[] },
    Floor { place: "src/priority.rs", may: &["priority"], but_not: &[] },
    Floor { place: "src/telemetry", may: &["telemetry", "config", "model"], but_not: &[] },
    Floor { place: "src/config", may: &["config", "model"], but_not: &[] },
    Floor { place: "src/model/", may: &["model"], but_not: &[] },
    Floor { place: "src/crypto/", may: &["crypto", "model", "priority"], but_not: &[] },
    Floor { place: "src/store/sqlite/", may: &["store", "model", "priority"], but_not: &[] },
    Floor { place: "src/store/", may: &["store", "model"], but_not: &["store::sqlite"] },
    Floor {
        place: "src/app/",
        may: &["app", "model", "crypto", "store", "clock"],
        but_not: &["store::sqlite"],
    },
    Floor { place: "src/web/", may: &["web", "app", "model", "clock", "priority", "config"], but_not: &[] },
    Floor {
        place: "src/cli/",
        may: &[
            "cli",
            "app",
            "model",
            "config",
            "clock",
            "telemetry",
            "web::server",
            "web::routes",
            // Opening and finding a database, and the errors that a person can do something about.
            "store::open",
            "store::exists",
            "store::lock",
            "store::StoreError",
            "store::DATABASE_FILE",
        ],
        but_not: &[],
    },
];

/// Crates that one place alone may name.
const CRATES: &[(&str, &[&str])] = &[
    ("src/crypto/", &["argon2", "blake2", "sha2", "rand", "subtle"]),
    ("src/store/sqlite/", &["rusqlite", "r2d2", "libsqlite3_sys"]),
    ("src/web/", &["actix_web", "actix_http", "actix_rt", "actix_service", "askama", "rust_embed", "tokio"]),
    (
        "src/cli/",
        &[
            "clap",
            "clap_complete",
            "clap_mangen",
            "comfy_table",
            "indicatif",
            "rpassword",
            "anstream",
            "signal_hook",
        ],
    ),
    ("src/config", &["directories", "toml"]),
    ("src/telemetry", &["tracing_subscriber"]),
];

pub(super) fn imports_by_floor(file: &Source) -> Vec<String> {
    let Some(floor) = FLOORS.iter().find(|floor| file.path.starts_with(floor.place)) else {
        return if file.path == "src/lib.rs" { Vec::new() } else { vec![format!("{}: no floor", file.path)] };
    };
    let is_under = |name: &str, prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let is_fine = |name: &str| {
        // A module on the way to what is allowed; what is taken from it is a name of its own.
        let is_on_the_way = floor.may.iter().any(|prefix| prefix.starts_with(&format!("{name}::")));
        name == "*"
            || is_on_the_way
            || floor.may.iter().any(|prefix| is_under(name, prefix))
                && !floor.but_not.iter().any(|prefix| is_under(name, prefix))
    };
    let ours = |name: Name| (name[0] == "crate").then(|| name[1..].join("::"));
    let names = file.names().into_iter().filter_map(ours).filter(|name| !name.is_empty());
    names.filter(|name| !is_fine(name)).map(|name| format!("{}: names {name}", file.path)).collect()
}

pub(super) fn crates_by_floor(file: &Source) -> Vec<String> {
    let names = file.names();
    let guarded = CRATES.iter().filter(|(place, _)| !file.path.starts_with(place));
    guarded
        .flat_map(|(_, crates)| crates.iter())
        .filter(|name| names.iter().any(|found| found[0] == **name))
        .map(|name| format!("{}: names the crate {name}", file.path))
        .collect()
}

/// A string that begins as an address does: a slash, then a letter or a `{`.
pub(super) fn path_strings(file: &Source) -> Vec<String> {
    if file.path == "src/web/routes.rs" {
        return Vec::new();
    }
    lines(file.without_tests(), &file.path, |line| {
        !line.trim_start().starts_with("//")
            && line.split("\"/").skip(1).any(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '{'))
    })
}

pub(super) fn template_paths(file: &Source) -> Vec<String> {
    let starts = ["href=\"/", "action=\"/", "src=\"/", "href='/", "action='/", "src='/"];
    lines(&file.text, &file.path, |line| starts.iter().any(|start| line.contains(start)))
}

pub(super) fn unescaped(file: &Source) -> Vec<String> {
    let dense = |line: &str| line.replace(' ', "");
    let ways = ["|safe", "escape(\"none\")", "|escape(\"", "escape=\"none\"", "autoescapefalse", "HtmlSafe"];
    lines(&file.text, &file.path, |line| ways.iter().any(|way| dense(line).contains(way)))
}

pub(super) fn module_doc(file: &Source) -> Vec<String> {
    if file.text.starts_with("//! ") { Vec::new() } else { vec![format!("{}: opens without //!", file.path)] }
}

pub(super) fn length(file: &Source) -> Vec<String> {
    match file.text.lines().count() {
        401.. => vec![format!("{}: longer than 400 lines, so it is two rooms", file.path)],
        _ => Vec::new(),
    }
}

/// What a lock file must hold: request smuggling was fixed in actix-http 3.12.1, and the `h2` that
/// its `http2` feature brings has an open advisory (RUSTSEC-2026-0258).
pub(super) fn locked(lock: &str) -> Vec<String> {
    let packages: toml::Table = toml::from_str(lock).unwrap();
    let packages = packages["package"].as_array().unwrap();
    let version = |name: &str| {
        let package = packages.iter().find(|package| package["name"].as_str() == Some(name))?;
        let numbers = package["version"].as_str().unwrap().split(['.', '-', '+']);
        Some(numbers.map_while(|n| n.parse().ok()).collect::<Vec<u32>>())
    };
    let mut findings = Vec::new();
    if version("h2").is_some() {
        findings.push("Cargo.lock: h2 is there".to_owned());
    }
    if version("actix-http").is_none_or(|found| found < vec![3, 12, 1]) {
        findings.push("Cargo.lock: actix-http is older than 3.12.1".to_owned());
    }
    findings
}

fn lines(text: &str, path: &str, is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    let numbered = text.lines().enumerate().filter(|(_, line)| is_bad(line));
    numbered.map(|(at, line)| format!("{path}:{}: {}", at + 1, line.trim())).collect()
}

/// The tests that the map says hold its invariants.
pub(super) fn named_tests(map: &str) -> Vec<&str> {
    let table = map.split("## Invariants").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let tests = table.lines().filter(|line| line.starts_with("| ")).filter_map(|row| row.split('|').nth(2));
    tests.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// Whether a room of tests or a test has this name, such as `app::audit` or `app::audit::a_sentence`.
pub(super) fn is_test(name: &str) -> bool {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let file = |name: &str| {
        let path = name.replace("::", "/");
        let places = [folder.join(format!("{path}.rs")), folder.join(path).join("mod.rs")];
        places.iter().find_map(|place| std::fs::read_to_string(place).ok())
    };
    if file(name).is_some() {
        return true;
    }
    let Some((room, test)) = name.rsplit_once("::") else { return false };
    file(room).is_some_and(|text| text.contains(&format!("fn {test}(")))
}
