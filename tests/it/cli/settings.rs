//! Settings as the program meets them; each one's precedence is tested in `config`.

use serde_json::json;

use crate::harness::Place;
use crate::harness::redact::redact;

#[test]
fn config_show_tells_each_value_and_where_it_came_from() {
    let place = Place::new();
    std::fs::write(place.data().join("keysrv.toml"), "listen = \"127.0.0.1:9000\"\nworkers = 3\n").unwrap();
    let shown = place.run_with(&["config", "show", "--json"], "", &[("KEYSRV_WORKERS", "2")]).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let find = |name: &str| {
        let rows = shown["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["setting"] == name).unwrap();
        (row["value"].clone(), row["origin"].as_str().unwrap().to_owned())
    };
    let path = place.data().join("keysrv.toml");
    assert_eq!(find("listen"), (json!("127.0.0.1:9000"), format!("file {}", path.display())));
    assert_eq!(find("workers"), (json!(2), "environment KEYSRV_WORKERS".to_owned()));
    assert_eq!(find("data-dir"), (json!(place.data()), "flag".to_owned()));
    assert_eq!(find("config"), (json!(path), "default".to_owned()));
    assert_eq!(find("base-url"), (json!(null), "default".to_owned()));
    assert_eq!(find("trusted-proxy"), (json!(["127.0.0.0/8", "::1/128"]), "default".to_owned()));
}

#[test]
fn config_show_reads_well() {
    let place = Place::empty();
    std::fs::write(place.path().join("k.toml"), "trusted-proxy = []\nproject = \"staging\"\n").unwrap();
    let variables = [("KEYSRV_BASE_URL", "https://keys.example.com/"), ("KEYSRV_WORKERS", "2")];
    let shown = place.run_with(&["config", "show", "--config", "k.toml"], "", &variables).ok();
    // How wide a column is depends on the test's folder.
    let cells = |line: &str| {
        line.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect::<Vec<_>>().join(" | ")
    };
    let shown: Vec<String> = redact(&shown.stdout, place.path()).lines().map(cells).collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    SETTING | VALUE | FROM
    data-dir | [folder]/data | flag
    config | k.toml | flag
    project | staging | file k.toml
    listen | 127.0.0.1:8080 | default
    base-url | https://keys.example.com | environment KEYSRV_BASE_URL
    trusted-proxy | none | file k.toml
    workers | 2 | environment KEYSRV_WORKERS
    key-cache | 64MiB | default
    metrics | loopback | default
    keep-usage-by-hour | 90d | default
    keep-usage-by-day | 730d | default
    log-format | text | default
    log-level | info | default
    ");
}

#[test]
fn an_unknown_setting_is_an_error_that_names_it() {
    let place = Place::new();
    let outcome = place.run_with(&["list"], "", &[("KEYSRV_LISTN", "x")]).status(1);
    assert_eq!(
        outcome.stderr,
        "error: the environment variable `KEYSRV_LISTN` is no setting\nhint: did you mean `KEYSRV_LISTEN`?\n"
    );
    std::fs::write(place.data().join("keysrv.toml"), "lissten = \"x\"\n").unwrap();
    let outcome = place.run(&["list"]).status(1);
    assert!(outcome.stderr.contains("error: `lissten` in `"), "{outcome:?}");
    assert!(outcome.stderr.contains("hint: did you mean `listen`?"), "{outcome:?}");
}
