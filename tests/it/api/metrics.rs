//! `/metrics`: what it tells, to whom, and that it says what its document says.

use std::collections::BTreeSet;

use super::Server;
use crate::harness::{Place, Server as Program};

const DOCUMENT: &str = include_str!("../../../docs/metrics.md");

/// The value on the line that begins so.
fn value<'a>(text: &'a str, sample: &str) -> &'a str {
    let found = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no `{sample}` in\n{text}"))
}

fn number(text: &str, sample: &str) -> f64 {
    value(text, sample).parse().unwrap()
}

fn read(server: &Server) -> String {
    let response = server.get("/metrics").send();
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    response.body
}

#[test]
fn verdicts_are_counted_by_code_and_project_under_no_name() {
    let server = Server::start();
    let token = server.token("a-name-of-a-key");
    for _ in 0..3 {
        server.get("/v1/verify").key(&token).send();
    }
    server.get("/v1/verify?scope=keys:write").key(&token).send();
    server.get("/v1/verify").key("no-token").send();
    server.get("/v1/verify").send();
    server.get("/v1/verify?project=elsewhere").key(&token).send();
    server.get("/v1/whoami").key(&token).send();
    server.get("/v1/whoami").send();
    let text = read(&server);
    let verdicts: Vec<&str> =
        text.lines().filter(|line| line.starts_with("keysrv_verifications_total")).collect();
    insta::assert_snapshot!(verdicts.join("\n"), @r#"
    keysrv_verifications_total{code="valid",project="default"} 3
    keysrv_verifications_total{code="insufficient_scope",project="default"} 1
    keysrv_verifications_total{code="no_credentials",project="-"} 1
    keysrv_verifications_total{code="malformed",project="-"} 1
    keysrv_verifications_total{code="not_found",project="-"} 1
    "#);
    // Without a token there is nothing to decide about.
    assert_eq!(value(&text, "keysrv_verify_duration_seconds_count"), "6");
    assert_eq!(value(&text, "keysrv_verify_duration_seconds_bucket{le=\"+Inf\"}"), "6");
    assert!(number(&text, "keysrv_verify_duration_seconds_sum") > 0.0);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap();
    for secret in ["a-name-of-a-key", id.as_str(), token.as_str()] {
        assert!(!text.contains(secret), "{secret} is in\n{text}");
    }
}

#[test]
fn sizes_commits_and_the_flush_of_usage_are_told() {
    let server = Server::start();
    let token = server.token("k");
    let before = number(&read(&server), "keysrv_store_commits_total{kind=\"change\"}");
    server.create("another");
    server.get("/v1/verify").key(&token).send();
    server.app.flush_usage().unwrap();
    server.get("/v1/verify").key(&token).send();
    let text = read(&server);
    let after = number(&text, "keysrv_store_commits_total{kind=\"change\"}");
    assert!(after > before && after < before + 2.0, "{before} {after}");
    assert!(number(&text, "keysrv_store_commits_total{kind=\"usage\"}") >= 1.0);
    assert_eq!(value(&text, "keysrv_usage_dropped_total"), "0");
    assert!(number(&text, "keysrv_store_bytes{file=\"database\"}") > 4096.0);
    assert!(number(&text, "keysrv_store_bytes{file=\"log\"}") > 4096.0);
    assert_eq!(value(&text, "keysrv_remembered_records"), "1");
    assert_eq!(value(&text, "keysrv_clock_behind_seconds"), "0");
    server.clock.jump(jiff::SignedDuration::from_secs(-100));
    assert_eq!(value(&read(&server), "keysrv_clock_behind_seconds"), "100");
    // The clock of this server stands, so that what it says does not depend on the machine.
    assert_eq!(value(&text, "keysrv_usage_flush_lag_seconds"), "0");
    let started: jiff::Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    assert_eq!(value(&text, "process_start_time_seconds"), started.as_second().to_string());
}

#[test]
fn usage_that_cannot_be_written_shows_as_lag() {
    let server = Server::start();
    let token = server.token("k");
    let beside = keysrv::store::open(server.dir.path()).unwrap();
    let held = beside.write().unwrap();
    server.get("/v1/verify").key(&token).send();
    server.clock.advance(jiff::SignedDuration::from_secs(90));
    let text = read(&server);
    assert_eq!(value(&text, "keysrv_usage_flush_lag_seconds"), "90");
    drop(held);
}

#[test]
fn the_document_lists_every_metric_with_its_type_and_meaning() {
    let server = Server::start();
    let text = read(&server);
    let word = |line: &str, n: usize| line.split(' ').nth(n).unwrap().to_owned();
    let help = text.lines().filter(|line| line.starts_with("# HELP "));
    let kinds = text.lines().filter(|line| line.starts_with("# TYPE "));
    let told: BTreeSet<(String, String, String)> = help
        .zip(kinds)
        .map(|(help, kind)| {
            assert_eq!(word(help, 2), word(kind, 2));
            let meaning = help.splitn(4, ' ').nth(3).unwrap().trim_end_matches('.');
            (word(help, 2), word(kind, 3), meaning.to_owned())
        })
        .collect();
    let rows = DOCUMENT.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeSet<(String, String, String)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[1].trim_matches('`').to_owned(), cells[2].to_owned(), cells[4].to_owned())
        })
        .collect();
    assert!(told.len() > 8, "{text}");
    assert_eq!(told, documented);
}

#[test]
fn a_request_through_a_proxy_does_not_read_them() {
    let server = Server::start();
    for name in ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"] {
        let response = server.get("/metrics").header(name, "127.0.0.1").send();
        assert_eq!((response.status, response.code().as_str()), (403, "forbidden"), "{name}");
    }
}

#[test]
fn a_setting_opens_them_to_everybody_or_closes_them() {
    let place = Place::new();
    let through_a_proxy = [("x-forwarded-for", "203.0.113.9")];
    for (access, near, far) in [("loopback", 200, 403), ("all", 200, 200), ("off", 404, 404)] {
        let server = Program::start_with(&place, &["--metrics", access], &[]);
        assert_eq!(server.client().get("/metrics").status, near, "{access}");
        assert_eq!(server.client().send("GET", "/metrics", &through_a_proxy, None).status, far, "{access}");
        server.stop();
    }
    let outcome = place.run(&["serve", "--metrics", "some"]).status(1);
    assert_eq!(outcome.stderr, "error: metrics `some` is not `loopback`, `all` or `off`\n");
}
