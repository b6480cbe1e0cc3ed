//! A key's life in the shell.

use crate::harness::redact::redact;
use crate::harness::{Place, Server};

#[test]
fn create_prints_the_token_alone() {
    let place = Place::new();
    let outcome = place.run(&["create", "ci"]).ok();
    assert!(keysrv::crypto::token::read_key_id(outcome.stdout.trim_end()).is_some(), "{outcome:?}");
    assert_eq!((outcome.stdout.lines().count(), outcome.stderr.as_str()), (1, ""));
}

#[test]
fn an_id_is_taken_in_each_of_its_three_forms() {
    let place = Place::new();
    place.create(&["ci"]);
    let id = place.json(&["show", "ci"])["id"].as_str().unwrap().to_owned();
    for form in [id.clone(), format!("ks_{id}_"), "ci".to_owned()] {
        assert_eq!(place.json(&["show", &form])["name"], "ci", "{form}");
    }
}

#[test]
fn many_are_made_in_one_go_a_token_or_an_object_a_line() {
    let place = Place::new();
    let lines = place.create(&["w", "--count", "3"]);
    assert_eq!(lines.lines().count(), 3);
    let objects = place.create(&["x", "--count", "2", "--json"]);
    let names: Vec<String> = objects
        .lines()
        .map(|line| {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(object["token"].as_str().unwrap().starts_with("ks_"));
            object["key"]["name"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names, ["x-1", "x-2"]);
}

#[test]
fn scopes_are_the_defaults_those_named_or_a_preset_and_more() {
    let place = Place::new();
    place.run(&["account", "create", "Acme", "--external-id", "cus_1"]).ok();
    let scopes = |args: &[&str]| {
        let created: serde_json::Value =
            serde_json::from_str(&place.create(&[args, &["--json"]].concat())).unwrap();
        let scopes: Vec<&str> =
            created["key"]["scopes"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
        scopes.join(" ")
    };
    assert_eq!(
        scopes(&["a"]),
        "actions:execute connectors:read platform:read platform:write unified:read unified:write"
    );
    assert_eq!(scopes(&["b", "--scope", "keys:read"]), "keys:read");
    assert_eq!(scopes(&["c", "--preset", "none"]), "");
    assert_eq!(
        scopes(&["d", "--preset", "read-only", "--scope", "keys:read", "--account", "cus_1"]),
        "connectors:read keys:read platform:read unified:read"
    );
}

#[test]
fn a_whole_life_as_a_person_reads_it() {
    let place = Place::new();
    insta::assert_snapshot!(a_whole_life(&place));
}

#[test]
fn a_running_server_changes_nothing_of_it() {
    let (alone, beside) = (Place::new(), Place::new());
    let server = Server::start(&beside);
    assert_eq!(a_whole_life(&beside), a_whole_life(&alone));
    beside.run(&["check"]).ok();
    server.stop();
}

fn a_whole_life(place: &Place) -> String {
    let mut transcript = String::new();
    let mut take = |args: &[&str]| {
        let outcome = place.run(args).ok();
        transcript.push_str(&format!("$ keysrv {}\n{}{}\n", args.join(" "), outcome.stdout, outcome.stderr));
    };
    take(&["create", "ci", "--preset", "ai-agent", "--expires", "90d", "--note", "for the build"]);
    take(&["list"]);
    take(&["show", "ci"]);
    take(&["disable", "ci", "--reason", "leaked"]);
    take(&["enable", "ci"]);
    take(&["rotate", "ci", "--overlap", "24h"]);
    take(&["delete", "ci", "--yes", "--reason", "done"]);
    take(&["list"]);
    take(&["account", "create", "Acme GmbH", "--external-id", "cus_42"]);
    take(&["account", "list"]);
    take(&["account", "disable", "cus_42"]);
    take(&["account", "show", "cus_42"]);
    take(&["account", "delete", "cus_42", "--yes"]);
    take(&["project", "create", "staging", "--prefix", "ks_test", "--catalogue", "empty"]);
    take(&["project", "set", "staging", "--name", "stage"]);
    take(&["project", "list"]);
    take(&["project", "delete", "stage", "--yes"]);
    take(&["scope", "add", "reports:read", "--default", "on", "--add-to", "read-only"]);
    take(&["scope", "set", "reports:read", "--label", "See"]);
    take(&["scope", "list"]);
    take(&["scope", "remove", "reports:read"]);
    take(&["audit"]);
    redact(&transcript, place.path())
}

#[test]
fn a_list_has_its_filters_and_every_key() {
    let place = Place::new();
    place.create(&["w", "--count", "450"]);
    assert_eq!(place.json(&["list"])["data"].as_array().unwrap().len(), 450);
    assert_eq!(place.json(&["list", "--limit", "7"])["data"].as_array().unwrap().len(), 7);
    place.run(&["disable", "w-7"]).ok();
    assert_eq!(place.json(&["list", "--status", "disabled"])["data"][0]["name"], "w-7");
    assert_eq!(
        place.json(&["list", "--q", "w-44", "--scope", "platform:read"])["data"].as_array().unwrap().len(),
        11
    );
    assert_eq!(place.json(&["list", "--unused-for", "1d"])["data"].as_array().unwrap().len(), 0);
}

#[test]
fn accounts_are_listed_by_their_filters() {
    let place = Place::new();
    for (name, external_id) in [("Acme", "cus_1"), ("Acme labs", "cus_2"), ("Other", "cus_3")] {
        place.run(&["account", "create", name, "--external-id", external_id]).ok();
    }
    place.run(&["account", "disable", "cus_2"]).ok();
    let names = |args: &[&str]| {
        let found = place.json(&[&["account", "list"], args].concat());
        let found = found["data"].as_array().unwrap().iter();
        found.map(|account| account["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["Other", "Acme labs", "Acme"]);
    assert_eq!(names(&["--q", "acme"]), ["Acme labs", "Acme"]);
    assert_eq!(names(&["--external-id", "cus_1"]), ["Acme"]);
    assert_eq!(names(&["--status", "disabled"]), ["Acme labs"]);
    assert_eq!(names(&["--status", "enabled", "--limit", "1"]), ["Other"]);
    assert_eq!(names(&["--q", "nobody"]), [] as [&str; 0]);
}

#[test]
fn the_audit_log_is_shown_whole_or_the_newest_of_it() {
    let place = Place::new();
    place.create(&["w", "--count", "240"]);
    place.run(&["disable", "w-7"]).ok();
    let events = |args: &[&str]| place.json(&[&["audit"], args].concat())["data"].as_array().unwrap().clone();
    assert_eq!(events(&[]).len(), 242);
    assert_eq!(events(&["--limit", "3"])[..], events(&[])[..3]);
    assert_eq!(events(&["--action", "key.disabled"]).len(), 1);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let place = Place::new();
    place.create(&["w", "--count", "2000"]);
    let program = env!("CARGO_BIN_EXE_keysrv");
    let line = format!("{program} --data-dir {} list | head -n 1", place.data().display());
    let output = std::process::Command::new("bash").args(["-o", "pipefail", "-c", &line]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn set_changes_what_is_named_and_nothing_else() {
    let place = Place::new();
    place.run(&["account", "create", "Acme", "--external-id", "cus_1"]).ok();
    place.create(&["ci", "--scope", "keys:read", "--note", "old"]);
    let changed = place.json(&[
        "set",
        "ci",
        "--add-scope",
        "keys:write",
        "--remove-scope",
        "keys:read",
        "--account",
        "cus_1",
        "--allow-ip",
        "203.0.113.0/24",
        "--allow-ip",
        "2001:db8::1",
        "--expires",
        "never",
    ]);
    assert_eq!(changed["scopes"], serde_json::json!(["keys:write"]));
    assert_eq!(changed["allowed_ips"], serde_json::json!(["203.0.113.0/24", "2001:db8::1/128"]));
    assert_eq!((&changed["note"], &changed["account"]["external_id"]), (&"old".into(), &"cus_1".into()));
    let emptied = place.json(&["set", "ci", "--account", "none", "--allow-ip", "none", "--note", ""]);
    let nothing = serde_json::json!([null, [], null]);
    assert_eq!(serde_json::json!([emptied["account"], emptied["allowed_ips"], emptied["note"]]), nothing);
    let outcome = place.run(&["set", "ci"]);
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.starts_with("error: there is nothing to change\nhint: "), "{outcome:?}");
}

#[test]
fn a_key_is_made_like_another_one_with_what_is_said_instead() {
    let place = Place::new();
    place.run(&["create", "first", "--scope", "keys:read", "--note", "n", "--expires", "30d"]).ok();
    place.run(&["create", "second", "--like", "first", "--scope", "keys:write"]).ok();
    let second = place.json(&["show", "second"]);
    assert_eq!((&second["note"], &second["scopes"]), (&"n".into(), &serde_json::json!(["keys:write"])));
    assert!(second["expires_at"].is_string());
    place.run(&["create", "third", "--like", "first", "--expires", "never"]).ok();
    assert!(place.json(&["show", "third"])["expires_at"].is_null());
    assert!(place.run(&["create", "x", "--like", "nobody"]).status(1).stderr.contains("`nobody`"));
    let soon = place.json(&["list", "--expires-within", "31d"]);
    assert_eq!(soon["data"].as_array().unwrap().len(), 2);
}

#[test]
fn a_projects_rules_are_set_and_shown() {
    let place = Place::new();
    let set = [
        "project",
        "set",
        "default",
        "--max-lifetime",
        "365d",
        "--show-reason",
        "on",
        "--disable-unused",
        "90d",
    ];
    let project = place.json(&set);
    assert_eq!(project["max_lifetime_seconds"], 365 * 86_400);
    assert_eq!(
        (&project["show_reason"], &project["disable_unused_after_seconds"]),
        (&true.into(), &7_776_000.into())
    );
    let refused = place.run(&["create", "a", "--expires", "never"]).status(1);
    assert!(refused.stderr.contains("may live 365d at most"), "{refused:?}");
    for (option, value) in [("--max-lifetime", "1h"), ("--disable-unused", "soon"), ("--show-reason", "yes")]
    {
        let wrong = place.run(&["project", "set", "default", option, value]).status(1);
        assert!(wrong.stderr.contains(&format!("`{value}`")), "{wrong:?}");
    }
    assert_eq!(
        place.json(&["project", "set", "default", "--max-lifetime", "none"])["max_lifetime_seconds"],
        serde_json::Value::Null
    );
}

#[test]
fn the_shell_shows_both_secrets_and_ends_the_old_one() {
    let place = Place::new();
    let old = place.create(&["ci"]);
    place.create_by(&["rotate", "ci", "--overlap", "7d", "--end-when-quiet", "24h"]);
    place.run_with(&["verify", "--ip", "203.0.113.7"], &old, &[]).ok();
    let shown = place.run(&["show", "ci"]).ok();
    for part in [
        "old secret",
        "or when quiet for 1d",
        "from 203.0.113.7, 1 since the rotation",
        "not yet safe to end",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {shown:?}");
    }
    let ended = place.run(&["rotate", "ci", "--end-old"]).ok();
    assert_eq!(ended.stdout, "", "no new token");
    assert!(place.run_with(&["verify"], &old, &[]).status(3).stdout.starts_with("rotated: "));
    assert!(place.run(&["rotate", "ci", "--end-old"]).status(1).stderr.contains("one live secret"));
    place.run(&["rotate", "ci", "--end-when-quiet", "24h"]).status(2);
}
