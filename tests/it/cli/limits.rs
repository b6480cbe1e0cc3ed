//! Limits in the shell, and beside a server that is killed.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::api::basic;
use crate::harness::{Place, Server};

#[test]
fn limits_are_set_shown_and_taken_away() {
    let place = Place::new();
    place.run(&["create", "ci", "--rate", "2/3600", "--quota", "3/day", "--allow-ip", "203.0.113.0/24"]).ok();
    place.run(&["set", "ci", "--quota-mode", "watch", "--ip-mode", "watch"]).ok();
    let shown = place.run(&["show", "ci"]).ok().stdout;
    assert!(shown.contains("usable from   203.0.113.0/24 (only watched)\n"), "{shown}");
    assert!(shown.contains("rate limit    2 requests per 3600 seconds\n"), "{shown}");
    assert!(shown.contains("quota         3 requests per day, 0 used until "), "{shown}");
    place.run(&["set", "ci", "--rate", "none", "--quota", "none", "--allow-ip", "none"]).ok();
    let key = place.json(&["show", "ci"]);
    assert_eq!(
        (&key["rate_limit"], &key["quota"], &key["quota_usage"]),
        (&json!(null), &json!(null), &json!(null))
    );

    place.run(&["account", "create", "Acme", "--external-id", "cus_1", "--rate", "9/1"]).ok();
    let account = place.json(&["account", "set", "cus_1", "--rate", "10/1", "--quota", "5/month"]);
    assert_eq!(account["rate_limit"], json!({ "requests": 10, "per_seconds": 1, "mode": "enforce" }));
    assert_eq!(account["quota_usage"]["used"], 0);
    let shown = place.run(&["account", "show", "cus_1"]).ok().stdout;
    assert!(shown.contains("rate limit   10 requests per 1 seconds\n"), "{shown}");
}

#[test]
fn a_quota_refuses_in_the_shell_and_is_reset_with_an_event() {
    let place = Place::new();
    let token = place.create(&["ci", "--quota", "2/month"]);
    for status in [0, 0, 3] {
        place.run_with(&["verify"], &token, &[]).status(status);
    }
    assert_eq!(place.json(&["show", "ci"])["quota_usage"]["used"], 2);
    place.run(&["set", "ci", "--reset-quota"]).ok();
    place.run_with(&["verify"], &token, &[]).ok();
    let event = &place.json(&["audit"])["data"][0];
    assert_eq!(
        (event["action"].as_str(), &event["detail"]),
        (Some("key.quota_reset"), &json!({ "used": 2 }))
    );
}

#[test]
fn what_a_watched_limit_would_have_refused_is_told() {
    let place = Place::new();
    let token = place.create(&["ci", "--quota", "2/month", "--quota-mode", "watch"]);
    for _ in 0..5 {
        place.run_with(&["verify"], &token, &[]).ok();
    }
    let shown = place.run(&["show", "ci"]).ok().stdout;
    assert!(shown.contains("would have refused  3 requests in 30 days: quota_exceeded\n"), "{shown}");
}

#[test]
fn what_breaks_a_rule_is_refused_with_its_value_and_changes_nothing() {
    let place = Place::new();
    place.run(&["create", "ci"]).ok();
    let before = place.json(&["show", "ci"]);
    for (args, error) in [
        (["--rate", "0/60"], "error: rate limit `0/60` is not N/SECONDS"),
        (["--rate-mode", "off"], "error: rate mode `off` is neither `enforce` nor `watch`"),
        (["--quota", "10/year"], "error: quota `10/year` is not N/day or N/month"),
        (["--ip-mode", ""], "error: allowed ips mode"),
        (["--allow-ip", "10.0.0.0/33"], "error: address `10.0.0.0/33` is neither an IP address nor"),
        (["--reset-quota", "--note=x"], "error: quota cannot be reset: there is none"),
    ] {
        let refused = place.run(&[&["set", "ci"], args.as_slice()].concat()).status(1);
        assert!(refused.stderr.starts_with(error), "{refused:?}");
    }
    let zone = place.run(&["project", "set", "default", "--timezone", "Mars/Olympus"]).status(1);
    assert!(zone.stderr.starts_with("error: timezone `Mars/Olympus` is not a time zone"), "{zone:?}");
    assert_eq!(place.json(&["show", "ci"]), before);
}

#[test]
fn what_was_used_of_a_quota_survives_a_server_that_is_killed() {
    let place = Place::new();
    let token = place.create(&["ci", "--quota", "20/month"]);
    let verify = |server: &Server, n: usize| {
        let mut client = server.client();
        let headers = [("authorization", basic(&token))];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        (0..n).filter(|_| client.send("GET", "/v1/verify", &headers, None).status == 200).count()
    };
    let server = Server::start(&place);
    assert_eq!(verify(&server, 12), 12);
    let deadline = Instant::now() + Duration::from_secs(30);
    while place.json(&["show", "ci"])["quota_usage"]["used"] != 12 {
        assert!(Instant::now() < deadline, "nothing is written");
    }
    server.kill();
    let server = Server::start(&place);
    assert_eq!(verify(&server, 30), 8);
    server.stop();
}
