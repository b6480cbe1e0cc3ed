//! Commands beside a running server, and the server's own beginning and end.

use std::process::Stdio;

use crate::harness::{Place, Server, wait_until};

#[test]
fn every_change_in_the_shell_counts_on_the_next_request() {
    let place = Place::new();
    let server = Server::start(&place);
    let mut client = server.client();
    let token = place.create(&["ci"]);
    let mut code = |token: &str| client.get_as(token, "/v1/verify").code();
    assert_eq!(code(&token), "valid");
    place.run(&["disable", "ci"]).ok();
    assert_eq!(code(&token), "disabled");
    place.run(&["enable", "ci"]).ok();
    assert_eq!(code(&token), "valid");
    let new = place.create_by(&["rotate", "ci"]);
    assert_eq!((code(&token), code(&new)), ("rotated".to_owned(), "valid".to_owned()));
    place.run(&["delete", "ci", "--yes"]).ok();
    assert_eq!(code(&new), "not_found");
    server.stop();
}

#[test]
fn under_a_running_server_nothing_is_brought_up_to_date() {
    let place = Place::new();
    let token = place.create(&["ci"]);
    let server = Server::start(&place);
    assert_eq!(server.client().get_as(&token, "/v1/verify").code(), "valid");
    // As if an older keysrv had made the file, and its server were running on it.
    let file = rusqlite::Connection::open(place.data().join("keysrv.db")).unwrap();
    let version = || file.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap();
    let today = version();
    file.pragma_update(None, "user_version", today - 1).unwrap();
    file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let refused = place.run(&["disable", "ci"]).status(1);
    assert!(refused.stderr.contains("is from an older keysrv"), "{refused:?}");
    assert!(refused.stderr.contains(&format!("process {}", server.id())), "{refused:?}");
    assert!(refused.stderr.contains("hint: stop that server"), "{refused:?}");
    assert_eq!(version(), today - 1);
    assert_eq!(server.client().get_as(&token, "/v1/verify").code(), "valid");
    // Now the file is behind its log, which says that it is up to date.
    file.pragma_update(None, "user_version", today).unwrap();
    place.run(&["disable", "ci"]).ok();
    assert_eq!(server.client().get_as(&token, "/v1/verify").code(), "disabled");
    server.stop();
}

#[test]
fn the_first_start_tells_a_person_all_that_is_needed() {
    let place = Place::empty();
    let server = Server::start(&place);
    let path = server.setup_path();
    let stderr = server.stderr();
    for needed in
        ["keysrv 0.", "data: ", "30 minutes", "ssh -L ", "user add", &format!("{}{path}", server.url)]
    {
        assert!(stderr.contains(needed), "{needed}: {stderr}");
    }
    assert_eq!(server.client().get("/healthz").status, 200);
    server.stop();
}

#[test]
fn no_setup_link_is_offered_when_there_is_a_user() {
    let place = Place::new();
    place.add_user("anna", "admin", "tall glass of oat milk");
    assert!(!Server::start(&place).stop().contains("/setup/"));
}

#[test]
fn a_second_server_on_the_same_data_is_refused_and_says_who_holds_it() {
    let place = Place::new();
    let server = Server::start(&place);
    let refused = place.run(&["serve", "--listen", "127.0.0.1:0"]).status(1);
    let holder = format!("process {}, listening on {}", server.id(), server.url);
    assert!(refused.stderr.contains(&holder), "{refused:?}");
    let same = place.run(&["serve", "--listen", server.address()]).status(1);
    assert!(same.stderr.contains(&holder), "not the port, but what holds it: {same:?}");
    let restore = place.run(&["restore", "no-such-file"]).status(1);
    assert!(restore.stderr.contains("no-such-file"), "{restore:?}");
    place.run(&["backup", "b.db"]).ok();
    let restore = place.run(&["restore", "b.db"]).status(1);
    assert!(restore.stderr.contains(&holder), "{restore:?}");
    server.stop();
}

#[test]
fn a_taken_port_is_named_with_a_way_out_that_works() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = place.run(&["serve", "--listen", &address]).status(1);
    assert!(refused.stderr.contains(&format!("error: {address} is taken by another program")), "{refused:?}");
    let other = if taken.local_addr().unwrap().port() == 8080 { 8081 } else { 8080 };
    let hint = format!("--data-dir {} serve --listen 127.0.0.1:{other}", place.data().display());
    assert!(refused.hinted().ends_with(&hint), "{refused:?}");
}

#[test]
fn an_address_of_another_machine_is_refused_and_the_hint_names_one_of_this() {
    // Set aside for documentation (RFC 5737): no machine has it.
    let refused = Place::new().run(&["serve", "--listen", "192.0.2.1:8080"]).status(1);
    assert!(refused.stderr.contains("error: this machine has no address 192.0.2.1"), "{refused:?}");
    assert!(refused.stderr.contains("serve --listen 127.0.0.1:8080`"), "{refused:?}");
}

#[test]
fn a_folder_that_may_not_be_written_to_is_named() {
    let place = Place::empty();
    std::fs::write(place.path().join("data"), "a file where the folder should be").unwrap();
    let refused = place.run(&["serve", "--listen", "127.0.0.1:0"]).status(1);
    assert!(refused.stderr.contains(&place.data().display().to_string()), "{refused:?}");
}

#[test]
fn uses_are_written_when_the_server_stops_and_by_both_signals() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let place = Place::new();
        let token = place.create(&["ci"]);
        let server = Server::start(&place);
        for _ in 0..20 {
            assert_eq!(server.client().get_as(&token, "/v1/verify").status, 200);
        }
        server.signal(signal);
        server.stop_after_signal();
        assert!(place.json(&["show", "ci"])["last_used_at"].is_string());
    }
}

#[test]
fn the_health_check_tells_a_living_server_from_none() {
    let place = Place::new();
    let server = Server::start(&place);
    let address = server.address().to_owned();
    assert_eq!(place.run(&["healthcheck", "--listen", &address]).ok().stdout, "ok\n");
    place.run_with(&["healthcheck"], "", &[("KEYSRV_LISTEN", &address)]).ok();
    server.stop();
    let dead = place.run(&["healthcheck", "--listen", &address]).status(1);
    assert!(dead.stderr.starts_with(&format!("error: no server answers on {address}")), "{dead:?}");
}

#[test]
fn twenty_four_shells_create_at_once_beside_a_server() {
    let place = Place::new();
    let server = Server::start(&place);
    let shells: Vec<_> = (0..24)
        .map(|n| {
            let mut command = place.command(&["create", &format!("shell-{n}")]);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let outputs: Vec<_> = shells.into_iter().map(|shell| shell.wait_with_output().unwrap()).collect();
    let mut client = server.client();
    for output in outputs {
        assert!(output.status.success(), "{output:?}");
        let token = String::from_utf8(output.stdout).unwrap();
        assert_eq!(client.get_as(token.trim_end(), "/v1/verify").code(), "valid");
    }
    assert_eq!(place.json(&["list"])["data"].as_array().unwrap().len(), 24);
    wait_until("the uses are written", || {
        place.json(&["list"])["data"].as_array().unwrap().iter().all(|key| key["last_used_at"].is_string())
    });
    place.run(&["check"]).ok();
    server.stop();
}
