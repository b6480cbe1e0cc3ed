//! `route`: what a person types and reads.

use crate::harness::redact::redact;
use crate::harness::{Place, Server, wait_until};

#[test]
fn rules_are_added_listed_tested_and_removed() {
    let place = Place::new();
    let told = |args: &[&str]| {
        let outcome = place.run(args);
        format!("$ {}\n{}{}[{}]\n", args.join(" "), outcome.stdout, outcome.stderr, outcome.status)
    };
    let all = [
        told(&["route", "list"]),
        told(&["route", "test", "GET", "/unified/hris"]),
        told(&["route", "add", "GET", "/unified/*", "unified:read"]),
        told(&["route", "add", "GET", "/unified/*", "unified:read"]),
        told(&["route", "add", "GET", "/status"]),
        told(&["route", "list"]),
        told(&["route", "test", "HEAD", "/unified/hris?page=2"]),
        told(&["route", "test", "GET", "/status/"]),
        told(&["route", "test", "POST", "/unified/hris"]),
        told(&["route", "test", "GET", "/Unified/hris"]),
        told(&["route", "test", "GET", "/unified/%2e%2e/status"]),
        told(&["route", "add", "GET", "/unified/*"]),
        told(&["route", "add", "GET", "/x", "nothing:at-all"]),
        told(&["route", "add", "get", "/x"]),
        told(&["route", "add", "GET", "/x/{id}"]),
        told(&["route", "add", "GET"]),
        told(&["route", "remove", "GET", "/x"]),
        told(&["route", "remove", "GET", "/status"]),
    ];
    insta::assert_snapshot!(redact(&all.concat(), place.path()));
}

#[test]
fn the_example_rules_are_one_command() {
    let place = Place::new();
    let first = place.run(&["route", "add", "--preset", "example"]).ok();
    assert!(first.stderr.ends_with("rules are added\n"), "{first:?}");
    let again = place.run(&["route", "add", "--preset", "example"]).ok();
    assert!(again.stderr.starts_with("0 rules are added, "), "{again:?}");
    let tested = place.run(&["route", "test", "POST", "/actions/rpc"]).ok();
    assert_eq!(tested.stdout, "rule `POST /actions/rpc`: needs actions:execute\n");
}

#[test]
fn a_file_of_rules_is_added_whole_or_not_at_all() {
    let place = Place::new();
    let bad = place.run_with(&["route", "add", "--from", "-"], "# mine\nGET /a\n\nGET b\n", &[]).status(1);
    assert_eq!(bad.stderr, "error: line 4: pattern `b` does not start with `/`, as in `/unified/*`\n");
    place.run_with(&["route", "add", "--from", "-"], "# mine\nGET /a\n  POST  /b keys:read\n", &[]).ok();
    let rules = place.json(&["route", "list"]);
    let names: Vec<_> = rules["data"].as_array().unwrap().iter().map(|rule| &rule["pattern"]).collect();
    assert_eq!(names, ["/a", "/b"]);
    let gone = place.run(&["route", "add", "--from", "no-such-file"]).status(1);
    assert!(gone.stderr.starts_with("error: cannot read `no-such-file`: "), "{gone:?}");
}

#[test]
fn a_forgotten_proxy_is_named_in_the_log_with_the_setting_that_helps_and_only_once() {
    let place = Place::new();
    let token = place.create(&["k"]);
    let server = Server::start_with(&place, &["--trusted-proxy", "10.9.8.7"], &[]);
    for path in ["/auth/forward", "/auth/nginx", "/auth/envoy/default/a", "/auth/forward"] {
        let headers = [("x-api-key", token.as_str()), ("x-forwarded-uri", "/secret-path")];
        assert_eq!(server.client().send("GET", path, &headers, None).status, 403);
    }
    let hint = "`--trusted-proxy 127.0.0.1`";
    wait_until("the warning", || server.stderr().contains(hint));
    let log = server.stop();
    assert_eq!(log.matches(hint).count(), 1, "{log}");
    assert!(!log.contains("secret-path") && !log.contains(&token), "{log}");
}
