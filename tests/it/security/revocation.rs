//! A key that was stopped stops at once, however it was stopped, while many verify it.
//!
//! Each verification remembers when it was begun. After the change was acknowledged, not one that
//! was begun later may be accepted, on any connection.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::harness::{Client, Connection, Place, Server, wait_until};

const PASSWORD: &str = "tall glass of oat milk";
const N_CONNECTIONS: usize = 6;
const N_AFTERWARDS: u64 = 300;

/// Connections that verify one token without pause.
struct Storm {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    token: RwLock<String>,
    /// Since when not one request may be accepted.
    revoked_at: RwLock<Option<Instant>>,
    n_accepted: AtomicU64,
    n_refused_afterwards: AtomicU64,
    n_accepted_afterwards: AtomicU64,
    is_over: AtomicBool,
}

impl Storm {
    fn on(server: &Server) -> Self {
        let shared = Arc::new(Shared::default());
        let threads = (0..N_CONNECTIONS)
            .map(|_| {
                let (shared, address) = (Arc::clone(&shared), server.address().to_owned());
                std::thread::spawn(move || shared.blow(&address))
            })
            .collect();
        Self { shared, threads }
    }

    /// Verifies `token` while `revoke` stops it, and long enough afterwards.
    fn revoke(&self, token: &str, what: &str, revoke: impl FnOnce()) {
        token.clone_into(&mut self.shared.token.write().unwrap());
        let accepted = || self.shared.n_accepted.load(Ordering::SeqCst);
        let before = accepted();
        wait_until("the storm accepts the token", || accepted() > before + N_AFTERWARDS);
        revoke();
        *self.shared.revoked_at.write().unwrap() = Some(Instant::now());
        let refused = || self.shared.n_refused_afterwards.load(Ordering::SeqCst);
        let before = refused();
        wait_until("refusals, or an accept", || {
            refused() > before + N_AFTERWARDS || self.shared.n_accepted_afterwards.load(Ordering::SeqCst) > 0
        });
        assert_eq!(self.shared.n_accepted_afterwards.load(Ordering::SeqCst), 0, "accepted after: {what}");
        self.shared.token.write().unwrap().clear();
        *self.shared.revoked_at.write().unwrap() = None;
    }

    fn end(self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
    }
}

impl Shared {
    fn blow(&self, address: &str) {
        let mut connection = Connection::open(address).unwrap();
        while !self.is_over.load(Ordering::SeqCst) {
            let token = self.token.read().unwrap().clone();
            if token.is_empty() {
                std::thread::yield_now();
                continue;
            }
            let begun = Instant::now();
            let status = connection.verify(&token).unwrap();
            // Under the lock, so that neither the token nor the time changes between look and count.
            let is_same = self.token.read().unwrap();
            if *is_same == token {
                self.count(begun, status);
            }
        }
    }

    fn count(&self, begun: Instant, status: u16) {
        let is_afterwards = self.revoked_at.read().unwrap().is_some_and(|at| begun > at);
        let counter = match (is_afterwards, status) {
            (false, 200) => &self.n_accepted,
            (true, 200) => &self.n_accepted_afterwards,
            (true, _) => &self.n_refused_afterwards,
            (false, _) => return,
        };
        counter.fetch_add(1, Ordering::SeqCst);
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

#[test]
fn not_one_request_is_accepted_that_was_begun_after_a_key_was_stopped() {
    let place = Place::new();
    place.add_user("anna", "admin", PASSWORD);
    let server = Server::start_with(&place, &["--workers", "2"], &[]);
    let mut person = server.client();
    person.sign_in("anna", PASSWORD);
    let account = place.json(&["account", "create", "acme"])["id"].as_str().unwrap().to_owned();
    let token = place.create(&["ci", "--account", &account]);
    let key = format!("/p/default/keys/{}", id_of(&place, "ci"));
    let storm = Storm::on(&server);

    for _ in 0..5 {
        storm.revoke(&token, "disable in the shell", || drop(place.run(&["disable", "ci"]).ok()));
        place.run(&["enable", "ci"]).ok();
        storm.revoke(&token, "disable on a page", || {
            post(&mut person, &format!("{key}/disable"), &[("sure", "yes")]);
        });
        post(&mut person, &format!("{key}/enable"), &[]);
        storm.revoke(&token, "disable an account in the shell", || {
            place.run(&["account", "disable", &account]).ok();
        });
        place.run(&["account", "enable", &account]).ok();
    }
    storm.revoke(&token, "rotate in the shell", || drop(place.run(&["rotate", "ci"]).ok()));
    let token = place.create(&["gone"]);
    storm.revoke(&token, "delete in the shell", || drop(place.run(&["delete", "gone", "--yes"]).ok()));
    let token = place.create(&["gone"]);
    let gone = format!("/p/default/keys/{}/delete", id_of(&place, "gone"));
    storm.revoke(&token, "delete on a page", || post(&mut person, &gone, &[]));

    storm.end();
    server.stop();
}
