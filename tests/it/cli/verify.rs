//! `verify`: the verdict, its exit status, and where the token comes from.

use crate::harness::Place;

#[test]
fn the_token_comes_from_standard_input_or_the_environment() {
    let place = Place::new();
    let token = place.create(&["ci"]);
    place.run_with(&["verify"], &token, &[]).ok();
    place.run_with(&["verify"], "", &[("KEYSRV_TOKEN", &token)]).ok();
    let nothing = place.run(&["verify"]).status(2);
    assert!(nothing.stderr.starts_with("error: the token is missing"), "{nothing:?}");
}

#[test]
fn a_refused_token_ends_with_three_and_says_why() {
    let place = Place::new();
    let token = place.create(&["ci"]);
    let refused =
        place.run_with(&["verify", "--scope", "keys:write", "--scope", "keys:read"], &token, &[]).status(3);
    assert_eq!(refused.stdout, "insufficient_scope: key `ci` lacks `keys:read` and `keys:write`\n");
    let json = place.run_with(&["verify", "--scope", "keys:read", "--json"], &token, &[]).status(3);
    let verdict: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&verdict["valid"], &verdict["missing_scopes"][0]), (&false.into(), &"keys:read".into()));
    let stranger = place.run_with(&["verify", "--json"], "ks_nonsense", &[]).status(3);
    let verdict: serde_json::Value = serde_json::from_str(&stranger.stdout).unwrap();
    assert_eq!((verdict["code"].as_str().unwrap(), &verdict["key"]), ("malformed", &serde_json::Value::Null));
}

#[test]
fn it_counts_as_a_use() {
    let place = Place::new();
    let token = place.create(&["ci"]);
    place.run_with(&["verify", "--ip", "203.0.113.7"], &token, &[]).ok();
    let key = place.json(&["show", "ci"]);
    assert_eq!(key["last_used_ip"], "203.0.113.7");
    assert!(key["last_used_at"].is_string());
}

#[test]
fn the_project_decides_whose_keys_are_accepted() {
    let place = Place::new();
    place.run(&["project", "create", "staging"]).ok();
    let token = place.create(&["ci", "--project", "staging"]);
    place.run_with(&["verify", "--project", "staging"], &token, &[]).ok();
    let other = place.run_with(&["verify"], &token, &[]).status(3);
    assert!(other.stdout.starts_with("not_found: "), "{other:?}");
}

#[test]
fn explain_tells_every_check_and_counts_nothing() {
    let place = Place::new();
    let token = place.create(&["ci"]);
    place.run(&["disable", "ci"]).ok();
    let args = ["explain", "--scope", "keys:read"];
    let told = place.run_with(&args, &token, &[]).status(3);
    insta::assert_snapshot!(format!("{}{}", told.stdout, told.stderr));
    let by_id = place.run(&["explain", "ci", "--scope", "keys:read", "--json"]).status(3);
    let by_id: serde_json::Value = serde_json::from_str(&by_id.stdout).unwrap();
    assert_eq!(by_id["checks"][0]["fix"], "enable the key");
    place.run(&["enable", "ci"]).ok();
    let fine = place.run_with(&["explain"], &token, &[]).ok();
    assert!(fine.stdout.ends_with("verdict: valid\n"), "{fine:?}");
    let key = place.json(&["show", "ci"]);
    assert!(key["last_used_at"].is_null() && key["last_refused_at"].is_null(), "{key}");
}
