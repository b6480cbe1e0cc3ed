//! The time in the shell: what it is, and a way back from a wrong one.

use keysrv::clock::{Clock, SystemClock};

use crate::harness::{Place, Server};

/// Makes the database believe that it has seen a time ten days from now.
fn set_ahead(place: &Place) {
    let ms = SystemClock.now().as_millisecond() + 864_000_000;
    let connection = rusqlite::Connection::open(place.data().join("keysrv.db")).unwrap();
    connection.execute("INSERT INTO meta VALUES ('clock_seen_ms', ?1)", [ms.to_string()]).unwrap();
}

#[test]
fn a_clock_that_is_right_needs_no_reset() {
    let place = Place::new();
    assert_eq!(place.json(&["clock", "show"])["behind_seconds"], 0);
    let outcome = place.run(&["clock", "reset"]).ok();
    assert!(outcome.stderr.starts_with("the machine's clock counts already"), "{outcome:?}");
    assert!(!place.run(&["check"]).ok().stderr.contains("clock"));
}

#[test]
fn a_time_far_ahead_is_named_everywhere_and_reset_by_what_the_hint_says() {
    let place = Place::new();
    let token = place.create(&["ci", "--expires", "1d"]);
    set_ahead(&place);
    let code = || place.run_with(&["verify", "--json"], &token, &[]).stdout;
    assert!(code().contains("\"expired\""));
    let check = place.run(&["check"]).ok();
    assert!(check.stderr.contains("9 days behind"), "{check:?}");
    let server = Server::start(&place);
    let refused = place.run(&["clock", "reset", "--yes"]).status(1);
    assert!(refused.stderr.contains("a keysrv server runs on this database already"), "{refused:?}");
    let greeting = server.stop();
    assert!(greeting.contains("warning: this machine's clock is 9 days behind"), "{greeting}");
    let shown = place.run(&["clock", "show"]).ok();
    assert!(shown.hinted().ends_with("clock reset"), "{shown:?}");
    let unsure = place.run(&["clock", "reset"]).status(2);
    assert!(unsure.stderr.contains("--yes"), "{unsure:?}");
    place.paste(&format!("{} --yes", shown.hinted())).ok();
    assert!(code().contains("\"valid\""));
    assert!(place.run(&["audit"]).ok().stdout.contains("server.clock_reset"));
}
