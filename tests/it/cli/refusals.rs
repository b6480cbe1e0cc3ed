//! Every way to be refused: one `error:` line with the value, a `hint:` where there is a way out,
//! the exit status, and nothing half done.

use crate::harness::Place;
use crate::harness::redact::redact;

#[test]
fn without_a_database_a_command_says_how_to_make_or_find_one() {
    let place = Place::empty();
    let mut transcript = String::new();
    for args in [&["list"][..], &["create", "ci"], &["check"], &["audit"]] {
        let outcome = place.run(args).status(1);
        transcript.push_str(&format!("$ keysrv {}\n{}\n", args.join(" "), outcome.stderr));
        assert!(!place.data().exists(), "nothing is made on the way");
    }
    insta::assert_snapshot!(redact(&transcript, place.path()));
}

#[test]
fn bad_input_names_the_value_and_changes_nothing() {
    let place = Place::new();
    let token = place.create(&["taken"]);
    place.run(&["account", "create", "Acme", "--external-id", "cus_1"]).ok();
    place.create(&["held", "--scope", "credentials:read"]);
    place.add_user("anna", "admin", "tall glass of oat milk");
    let before = place.json(&["audit", "--limit", "1000"]);
    let id = place.json(&["show", "taken"])["id"].as_str().unwrap().to_owned();
    let start = format!("ks_{id}_");
    let with_token = format!("see {token}");
    let long = "x".repeat(65);
    let cases: &[(i32, &[&str])] = &[
        (1, &["create", "taken"]),
        (1, &["create", ""]),
        (1, &["create", " a"]),
        (1, &["create", "a\u{202E}b"]),
        (1, &["create", "a\nb"]),
        (1, &["create", &long]),
        (1, &["create", &id]),
        (1, &["create", &start]),
        (1, &["create", &token]),
        (1, &["create", "a", "--note", &with_token]),
        (1, &["create", "a", "--scope", "nope"]),
        (1, &["create", "a", "--scope", "rockets:launch"]),
        (1, &["create", "a", "--preset", "nope"]),
        (1, &["create", "a", "--expires", "soon"]),
        (1, &["create", "a", "--expires", "2020-01-01"]),
        (1, &["create", "a", "--account", "nobody"]),
        (1, &["create", "a", "--count", "0"]),
        (2, &["create", "a", "--count", "many"]),
        (1, &["create", "a", "--project", "nowhere"]),
        (1, &["create", "a", "--project", "Not A Name"]),
        (1, &["show", "nothing"]),
        (1, &["show", &token]),
        (1, &["enable", &token]),
        (2, &["delete", "taken"]),
        (1, &["delete", "nothing", "--yes"]),
        (1, &["rotate", "taken", "--overlap", "91d"]),
        (1, &["rotate", "taken", "--overlap", "later"]),
        (1, &["list", "--status", "sleepy"]),
        (1, &["list", "--unused-for", "long"]),
        (1, &["list", "--q", &token]),
        (1, &["account", "create", "Other", "--external-id", "cus_1"]),
        (1, &["account", "create", "Other", "--external-id", &token]),
        (1, &["account", "show", "nobody"]),
        (2, &["account", "delete", "cus_1"]),
        (1, &["account", "list", "--status", "sleepy"]),
        (1, &["project", "create", "default"]),
        (1, &["project", "create", "x", "--prefix", "X"]),
        (1, &["project", "delete", "default", "--yes"]),
        (1, &["project", "set", "default", "--name", "other"]),
        (2, &["project", "set", "default"]),
        (1, &["scope", "add", "keys:burn"]),
        (1, &["scope", "add", "actions:execute"]),
        (1, &["scope", "remove", "credentials:read"]),
        (1, &["scope", "remove", "no:such"]),
        (2, &["scope", "set", "actions:execute"]),
        (1, &["user", "add", "anna", "--password-stdin"]),
        (1, &["user", "add", "not a name", "--password-stdin"]),
        (1, &["user", "add", "bert", "--role", "king", "--password-stdin"]),
        (1, &["user", "delete", "anna", "--yes"]),
        (1, &["user", "set-role", "anna", "viewer"]),
        (1, &["backup", "data/keysrv.db"]),
        (1, &["backup", "data/keysrv.db", "--force"]),
        (1, &["backup", "data"]),
        (1, &["backup", "no/such/folder/b.db"]),
        (1, &["restore", "no-such-file"]),
        (1, &["check", "no-such-file"]),
        (1, &["init"]),
        (2, &[]),
        (2, &["account"]),
        (2, &["account", "frobnicate"]),
        (2, &["frobnicate"]),
        (2, &["ahjskdhf"]),
        (2, &["list", "--stat", "x"]),
        (2, &["create"]),
    ];
    let mut transcript = String::new();
    for (status, args) in cases {
        let outcome = place.run_with(args, "another glass of milk\n", &[]).status(*status);
        assert_eq!(outcome.stdout, "", "{outcome:?}");
        assert!(outcome.stderr.starts_with("error: "), "{outcome:?}");
        assert!(!outcome.stderr.contains(&token[20..]), "a token is never echoed: {outcome:?}");
        let shown: Vec<String> = args.iter().map(|arg| format!("{arg:?}")).collect();
        transcript.push_str(&format!("$ keysrv {}\n{}\n", shown.join(" "), outcome.stderr));
    }
    let hidden = transcript.replace(&token, "[token]").replace(&id, "[id]");
    insta::assert_snapshot!(redact(&hidden, place.path()));
    assert_eq!(place.json(&["audit", "--limit", "1000"]), before);
}

#[test]
fn a_weak_password_is_refused_and_never_shown() {
    let place = Place::empty();
    for password in ["short", "aaaaaaaaaaaaaa", "annaanna2026"] {
        let outcome =
            place.run_with(&["init", "--user", "anna", "--password-stdin"], password, &[]).status(1);
        assert!(!outcome.stderr.contains(password) || password == "short", "{outcome:?}");
        assert!(!place.data().join("keysrv.db").exists());
    }
    place.run_with(&["init", "--user", "anna", "--password-stdin"], "tall glass of oat milk", &[]).ok();
    assert_eq!(place.json(&["user", "list"])["data"][0]["role"], "admin");
}

#[test]
fn a_database_that_cannot_be_looked_for_is_not_called_missing() {
    let place = Place::empty();
    let folder = "x".repeat(300);
    let program = env!("CARGO_BIN_EXE_keysrv");
    let refused = place.paste(&format!("{program} --data-dir {folder} list")).status(1);
    assert!(refused.stderr.starts_with(&format!("error: cannot open `{folder}/keysrv.db`: ")), "{refused:?}");
}

#[test]
fn a_file_that_is_not_ours_is_refused_untouched() {
    let place = Place::empty();
    std::fs::create_dir(place.data()).unwrap();
    let file = place.data().join("keysrv.db");
    let newer = {
        let other = Place::new();
        let connection = rusqlite::Connection::open(other.data().join("keysrv.db")).unwrap();
        connection.pragma_update(None, "user_version", 999).unwrap();
        connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
        drop(connection);
        std::fs::read(other.data().join("keysrv.db")).unwrap()
    };
    let foreign = {
        let path = place.path().join("foreign.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
        std::fs::read(path).unwrap()
    };
    for (bytes, says) in [
        (b"hello".to_vec(), "too short"),
        (vec![b'x'; 5000], "not an SQLite file"),
        (foreign, "another program made it"),
        (newer, "schema 999"),
    ] {
        std::fs::write(&file, &bytes).unwrap();
        let outcome = place.run(&["list"]).status(1);
        assert!(outcome.stderr.contains(says), "{outcome:?}");
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "{says}");
    }
}

#[test]
fn what_a_hint_names_works_when_pasted() {
    let place = Place::empty();
    let made = place.paste(&place.run(&["list"]).status(1).hinted()).ok();
    assert!(made.stderr.starts_with("made "), "{made:?}");
    place.run(&["project", "create", "staging"]).ok();
    let scopes = place.run(&["create", "a", "--scope", "rockets:launch", "--project", "staging"]).status(1);
    assert!(place.paste(&scopes.hinted()).ok().stdout.contains("actions:execute"), "{scopes:?}");
    let token = place.create(&["held", "--scope", "actions:execute", "--project", "staging"]);
    let held = place.run(&["scope", "remove", "actions:execute", "--project", "staging"]).status(1);
    assert!(place.paste(&held.hinted()).ok().stdout.contains("held"), "{held:?}");
    let leaked = place.run(&["disable", &token, "--project", "staging"]).status(1);
    let new = place.paste(&leaked.hinted()).ok().stdout;
    place.run_with(&["verify", "--project", "staging"], &new, &[]).ok();
    place.run_with(&["verify", "--project", "staging"], &token, &[]).status(3);
}

#[test]
fn a_hint_repeats_how_the_program_was_started() {
    let place = Place::empty();
    let folder = place.path().join("it's mine");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("k.toml"), "data-dir = \"there\"\n").unwrap();
    let program = env!("CARGO_BIN_EXE_keysrv");
    let refused = place.paste(&format!("{program} --config \"it's mine/k.toml\" list")).status(1);
    assert_eq!(refused.hinted(), format!(r"{program} --config 'it'\''s mine/k.toml' init"));
    place.paste(&refused.hinted()).ok();
    assert!(place.path().join("there/keysrv.db").exists());
}

#[test]
fn a_token_that_could_not_be_shown_is_told_to_be_lost() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_keysrv");
    let data = place.data().display().to_string();
    let full = place.paste(&format!("{program} --data-dir {data} create ci >/dev/full")).status(1);
    assert!(full.stderr.starts_with("error: cannot write to standard output: "), "{full:?}");
    let token = place.paste(&full.hinted()).ok().stdout;
    place.run_with(&["verify"], &token, &[]).ok();
    let full = place.paste(&format!("{program} --data-dir {data} create w --count 3 >/dev/full")).status(1);
    assert!(full.stderr.contains("hint: the keys were made"), "{full:?}");
}
