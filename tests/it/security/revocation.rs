//! A key that was stopped stops at once, however it was stopped, while many verify it.
//!
//! Each verification remembers when it was begun. After the change was acknowledged, not one that
//! was begun later may be accepted, on any connection. `tests/long/storm.sh` runs a million of them.

mod storm;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{Client, Place, Server};
use storm::Storm;

const PASSWORD: &str = "tall glass of oat milk";

/// A server under a storm, and everybody who can stop a key of it.
struct Scene {
    place: Arc<Place>,
    server: Server,
    person: Client,
    manager: String,
    account: String,
    key: String,
    token: String,
    storm: Storm,
}

impl Scene {
    fn new(args: &[&str]) -> Self {
        let place = Arc::new(Place::new());
        place.add_user("anna", "admin", PASSWORD);
        let server = Server::start_with(&place, &[&["--workers", "2"], args].concat(), &[]);
        let mut person = server.client();
        person.sign_in("anna", PASSWORD);
        let account = place.json(&["account", "create", "acme"])["id"].as_str().unwrap().to_owned();
        let token = place.create(&["ci", "--account", &account, "--scope", "keys:read"]);
        let manager = place.create(&["manager", "--scope", "keys:read", "--scope", "keys:write"]);
        let key = id_of(&place, "ci");
        let storm = Storm::on(&server);
        Self { place, server, person, manager, account, key, token, storm }
    }

    /// Stops the key and lets it go on, in every way there is, until there were so many verifications.
    #[expect(clippy::print_stdout, reason = "the long run shows its figures")]
    fn rounds(&mut self, n_verifications: u64) {
        let mut n_stops = 0;
        while self.storm.n_verifications().0 < n_verifications {
            self.in_the_shell();
            self.on_a_page();
            self.by_the_api();
            n_stops += 4;
        }
        let (n, n_afterwards) = self.storm.n_verifications();
        println!("{n} verifications, {n_stops} stops, {n_afterwards} begun after one and all refused");
    }

    fn in_the_shell(&self) {
        let (place, account) = (&self.place, &self.account);
        self.storm.stops(&self.token, "disable in the shell", || drop(place.run(&["disable", "ci"]).ok()));
        place.run(&["enable", "ci"]).ok();
        self.storm.stops(&self.token, "disable an account in the shell", || {
            place.run(&["account", "disable", account]).ok();
        });
        place.run(&["account", "enable", account]).ok();
    }

    fn on_a_page(&mut self) {
        let key = format!("/p/default/keys/{}", self.key);
        let person = &mut self.person;
        self.storm.stops(&self.token, "disable on a page", || {
            post(person, &format!("{key}/disable"), &[("sure", "yes")]);
        });
        post(person, &format!("{key}/enable"), &[]);
    }

    fn by_the_api(&mut self) {
        let (path, manager) = (format!("/v1/keys/{}", self.key), &self.manager);
        let mut client = self.server.client();
        let mut switch = |body: &str| {
            let basic = crate::harness::client::basic(manager);
            let headers = [("Authorization", basic.as_str()), ("Content-Type", "application/json")];
            let answer = client.send("PATCH", &path, &headers, Some(body));
            assert_eq!(answer.status, 200, "{answer:?}");
        };
        self.storm.stops(&self.token, "disable by the API", || switch(r#"{"enabled":false}"#));
        switch(r#"{"enabled":true}"#);
    }

    /// The ways that cannot be taken back.
    fn for_good(&mut self) {
        let place = &self.place;
        self.storm.stops(&self.token, "rotate in the shell", || drop(place.run(&["rotate", "ci"]).ok()));
        let token = place.create(&["gone"]);
        let delete = ["delete", "gone", "--yes"];
        self.storm.stops(&token, "delete in the shell", || drop(place.run(&delete).ok()));
        let token = place.create(&["gone"]);
        let gone = format!("/p/default/keys/{}/delete", id_of(place, "gone"));
        let person = &mut self.person;
        self.storm.stops(&token, "delete on a page", || post(person, &gone, &[]));
    }

    fn end(mut self) {
        self.storm.end();
        self.server.stop();
    }
}

fn id_of(place: &Place, name: &str) -> String {
    place.json(&["show", name])["id"].as_str().unwrap().to_owned()
}

fn post(client: &mut Client, path: &str, fields: &[(&str, &str)]) {
    let answer = client.post_form(path, fields);
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(!answer.header("location").unwrap().ends_with("/disable"), "it only asked: {answer:?}");
}

/// How many verifications there are; the long run says more.
#[expect(
    clippy::disallowed_methods,
    reason = "the program reads its own environment in one place; this is a test's"
)]
fn n_verifications() -> u64 {
    std::env::var("STORM_VERIFICATIONS").map_or(3_000, |n| n.parse().unwrap())
}

#[test]
fn not_one_request_is_accepted_that_was_begun_after_a_key_was_stopped() {
    let mut scene = Scene::new(&[]);
    scene.rounds(n_verifications());
    scene.for_good();
    scene.end();
}

#[test]
fn nor_while_memory_has_room_for_ten_keys_and_forty_are_used() {
    let mut scene = Scene::new(&["--key-cache", "12KiB"]);
    let others: Vec<String> = (0..40).map(|n| scene.place.create(&[&format!("other {n}")])).collect();
    let mut crowd = Storm::crowd(&scene.server, others);
    scene.rounds(n_verifications());
    scene.for_good();
    crowd.end();
    scene.end();
}

#[test]
fn nor_while_backups_are_made_restores_refused_and_the_log_is_emptied() {
    let mut scene = Scene::new(&[]);
    let backup = scene.place.path().join("backup.db");
    let (backup, data) = (backup.to_str().unwrap().to_owned(), scene.place.data());
    scene.place.run(&["backup", &backup]).ok();
    let is_over = AtomicBool::new(false);
    let place = Arc::clone(&scene.place);
    std::thread::scope(|scope| {
        let disturb = scope.spawn(|| {
            let log = rusqlite::Connection::open(data.join("keysrv.db")).unwrap();
            log.busy_timeout(Duration::from_secs(5)).unwrap();
            while !is_over.load(Ordering::SeqCst) {
                place.run(&["backup", &backup, "--force"]).ok();
                place.run(&["restore", &backup]).status(1);
                log.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
            }
        });
        // Also when a round fails: the scope waits for the other thread before it tells why.
        let over = Over(&is_over);
        scene.rounds(n_verifications());
        scene.for_good();
        drop(over);
        disturb.join().unwrap();
    });
    scene.end();
}

/// Says that it is over when it goes out of scope.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn nor_after_the_server_was_killed() {
    let mut scene = Scene::new(&[]);
    for n in 0..(n_verifications() / 1_500).min(20) {
        let token = scene.place.create(&[&format!("stopped {n}")]);
        let name = format!("stopped {n}");
        scene.storm.stops(&token, "disable in the shell", || drop(scene.place.run(&["disable", &name]).ok()));
        scene.storm.end();
        scene.server.kill_and_wait();
        scene.server = Server::start_with(&scene.place, &["--workers", "2"], &[]);
        scene.storm = Storm::on(&scene.server);
        scene.storm.stays_stopped(&token, "it was disabled before the server was killed");
    }
    scene.end();
}
