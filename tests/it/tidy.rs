//! Habits that last because a test keeps them: floors, crates, addresses, escaping, file shape.
//!
//! Each rule is run over the whole house, and over a sample that breaks it, so that a rule which
//! no longer sees anything fails too.

mod rules;
mod source;

use rules::{
    crates_by_floor, imports_by_floor, is_test, length, locked, module_doc, named_tests, path_strings,
    template_paths, unescaped,
};
use source::Source;

type Rule = fn(&Source) -> Vec<String>;

#[track_caller]
fn holds(files: &[Source], rule: Rule) {
    let findings: Vec<String> = files.iter().flat_map(rule).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[track_caller]
fn catches(rule: Rule, path: &str, bad: &[&str], good: &[&str]) {
    for text in bad {
        assert!(!rule(&Source::new(path, text)).is_empty(), "not caught in {path}: {text}");
    }
    for text in good {
        assert_eq!(rule(&Source::new(path, text)), Vec::<String>::new(), "{path}: {text}");
    }
}

fn code() -> Vec<Source> {
    Source::all("src", ".rs")
}

#[test]
fn a_floor_imports_only_what_is_below_it() {
    holds(&code(), imports_by_floor);
    let bad = [
        "use crate::store::Store;",
        "use crate::{model::key::Key, app};",
        "fn f() { crate::web::serve() }",
        "use super::super::cli;",
        "use crate::model; use super::super::{store as s, clock};",
        "mod tests { use super::super::super::app::App; }",
    ];
    let good = [
        "use crate::model::key::Key;",
        "use super::key::Key;",
        "mod tests { use super::*; }",
        "// use crate::app;",
    ];
    catches(imports_by_floor, "src/model/scope.rs", &bad, &good);
}

#[test]
fn the_engine_stands_behind_the_boundary() {
    let bad = ["use crate::store::sqlite::Sqlite;", "use crate::store; fn f() { store::sqlite::open() }"];
    catches(imports_by_floor, "src/app/keys.rs", &bad, &["use crate::store::{self, Store, StoreError};"]);
    catches(imports_by_floor, "src/cli/keys.rs", &["use crate::store::Store;"], &["use crate::store::lock;"]);
}

#[test]
fn a_file_belongs_to_a_floor() {
    catches(imports_by_floor, "src/utils.rs", &["//! Odds and ends."], &[]);
}

#[test]
fn a_crate_is_named_on_its_floor_alone() {
    holds(&code(), crates_by_floor);
    let bad = [
        "use rusqlite::Connection;",
        "#[derive(askama::Template)] struct Page;",
        "use {clap::Parser, std::fmt};",
        "fn f() -> ::actix_web::HttpResponse {}",
        "use sha2 as digest;",
    ];
    let good =
        ["use serde::Serialize;", "/// As `rusqlite::Connection` does.", "let text = \"clap::Parser\";"];
    catches(crates_by_floor, "src/app/keys.rs", &bad, &good);
    catches(crates_by_floor, "src/store/keys.rs", &["use r2d2::Pool;"], &[]);
    catches(crates_by_floor, "src/store/sqlite/pool.rs", &["use argon2::Argon2;"], &["use r2d2::Pool;"]);
}

#[test]
fn an_address_is_spelled_in_one_file() {
    holds(&code(), path_strings);
    let bad = ["const KEYS: &str = \"/v1/keys\";", "let to = format!(\"/{project}/keys\");"];
    let good =
        ["let slash = \"/\";", "// \"/v1/keys\"", "#[cfg(test)]\nmod tests { const A: &str = \"/v1\"; }"];
    catches(path_strings, "src/web/admin/keys.rs", &bad, &good);
}

#[test]
fn a_template_spells_no_address() {
    holds(&Source::all("templates", ".html"), template_paths);
    let bad = ["<a href=\"/v1/keys\">", "<form action='/sign-in'>", "<script src=\"/static/app.js\">"];
    catches(template_paths, "templates/a.html", &bad, &["<a href=\"{{ keys }}\">", "<a href=\"#top\">"]);
}

#[test]
fn nothing_escapes_the_escaping() {
    holds(&Source::all("templates", ".html"), unescaped);
    holds(&Source::all("src/web", ".rs"), unescaped);
    let bad =
        ["{{ name|safe }}", "{{ name | safe }}", "{{ name|escape(\"none\") }}", "{% autoescape false %}"];
    catches(unescaped, "templates/a.html", &bad, &["{{ name }}", "{{ name|lower }}"]);
    catches(unescaped, "src/web/a.rs", &["#[template(path = \"a.html\", escape = \"none\")]"], &[]);
}

#[test]
fn a_file_tells_its_room() {
    holds(&code(), module_doc);
    holds(&Source::all("tests/it", ".rs"), module_doc);
    catches(module_doc, "src/a.rs", &["use std::fmt;", "", "/// Not a module's."], &["//! What it is for."]);
}

#[test]
fn a_file_is_no_longer_than_400_lines() {
    holds(&code(), length);
    catches(length, "src/a.rs", &["\n".repeat(401).as_str()], &["\n".repeat(400).as_str()]);
}

#[test]
fn the_map_names_tests_that_are_there() {
    let map = include_str!("../../ARCHITECTURE.md");
    let names = named_tests(map);
    assert!(names.len() >= 10, "{names:?}");
    let gone: Vec<_> = names.into_iter().filter(|name| !is_test(name)).collect();
    assert!(gone.is_empty(), "{gone:?}");
    for name in ["tidy", "props::life", "tidy::nothing_escapes_the_escaping"] {
        assert!(is_test(name), "{name}");
    }
    for name in ["nothing", "props::death", "tidy::nothing", "app::audit::nothing"] {
        assert!(!is_test(name), "{name}");
    }
}

#[test]
fn the_lock_file_keeps_known_holes_closed() {
    let lock = |name: &str, version: &str| {
        format!(
            "[[package]]\nname = \"actix-http\"\nversion = \"3.13.0\"\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n"
        )
    };
    assert_eq!(locked(include_str!("../../Cargo.lock")), Vec::<String>::new());
    assert_eq!(locked(&lock("serde", "1.0.0")), Vec::<String>::new());
    assert_eq!(locked(&lock("h2", "0.4.0")).len(), 1);
    assert_eq!(locked("[[package]]\nname = \"actix-http\"\nversion = \"3.12.0\"\n").len(), 1);
    assert_eq!(locked("[[package]]\nname = \"actix-web\"\nversion = \"4.18.0\"\n").len(), 1);
}
