//! Settings as the program meets them; each one's precedence is tested in `config`.

use crate::harness::Place;

#[test]
fn config_show_tells_each_value_and_where_it_came_from() {
    let place = Place::new();
    std::fs::write(place.data().join("keysrv.toml"), "listen = \"127.0.0.1:9000\"\nworkers = 3\n").unwrap();
    let shown = place.run_with(&["config", "show", "--json"], "", &[("KEYSRV_WORKERS", "2")]).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let find = |name: &str| {
        let rows = shown["data"].as_array().unwrap();
        let row = rows.iter().find(|row| row["setting"] == name).unwrap();
        (row["value"].as_str().unwrap().to_owned(), row["origin"].as_str().unwrap().to_owned())
    };
    let file = format!("file {}", place.data().join("keysrv.toml").display());
    assert_eq!(find("listen"), ("127.0.0.1:9000".to_owned(), file));
    assert_eq!(find("workers"), ("2".to_owned(), "environment KEYSRV_WORKERS".to_owned()));
    assert_eq!(find("data-dir").1, "flag");
    assert_eq!(find("base-url"), ("none".to_owned(), "default".to_owned()));
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
