//! Connections that verify without pause, and count what was begun after a key was stopped.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::harness::{Connection, Server, wait_until};

const N_CONNECTIONS: usize = 6;
const N_AFTERWARDS: u64 = 100;

/// Connections that verify one token without pause.
pub(super) struct Storm {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    token: RwLock<String>,
    /// Since when not one request may be accepted.
    stopped_at: RwLock<Option<Instant>>,
    n_accepted: AtomicU64,
    n_refused_afterwards: AtomicU64,
    n_accepted_afterwards: AtomicU64,
    is_over: AtomicBool,
}

impl Storm {
    pub(super) fn on(server: &Server) -> Self {
        let shared = Arc::new(Shared::default());
        let blow = |_| {
            let (shared, address) = (Arc::clone(&shared), server.address().to_owned());
            std::thread::spawn(move || shared.blow(&address))
        };
        let threads = (0..N_CONNECTIONS).map(blow).collect();
        Self { shared, threads }
    }

    /// Verifies `token` while `stop` stops it, and long enough afterwards.
    pub(super) fn stops(&self, token: &str, what: &str, stop: impl FnOnce()) {
        token.clone_into(&mut self.shared.token.write().unwrap());
        let accepted = || self.shared.n_accepted.load(Ordering::SeqCst);
        let before = accepted();
        wait_until("the storm accepts the token", || accepted() > before + N_AFTERWARDS);
        stop();
        self.afterwards(what);
    }

    /// Verifies `token`, which was stopped before.
    pub(super) fn stays_stopped(&self, token: &str, what: &str) {
        token.clone_into(&mut self.shared.token.write().unwrap());
        self.afterwards(what);
    }

    fn afterwards(&self, what: &str) {
        *self.shared.stopped_at.write().unwrap() = Some(Instant::now());
        let refused = || self.shared.n_refused_afterwards.load(Ordering::SeqCst);
        let before = refused();
        wait_until("refusals, or an accept", || {
            refused() > before + N_AFTERWARDS || self.shared.n_accepted_afterwards.load(Ordering::SeqCst) > 0
        });
        assert_eq!(self.shared.n_accepted_afterwards.load(Ordering::SeqCst), 0, "accepted after: {what}");
        self.shared.token.write().unwrap().clear();
        *self.shared.stopped_at.write().unwrap() = None;
    }

    /// How many verifications there were, of them how many that were begun after a stop.
    pub(super) fn n_verifications(&self) -> (u64, u64) {
        let afterwards = self.shared.n_refused_afterwards.load(Ordering::SeqCst);
        (afterwards + self.shared.n_accepted.load(Ordering::SeqCst), afterwards)
    }

    /// Another storm that verifies all of these tokens in turn.
    pub(super) fn crowd(server: &Server, tokens: Vec<String>) -> Self {
        let shared = Arc::new(Shared::default());
        let (other, address) = (Arc::clone(&shared), server.address().to_owned());
        let turn = move || {
            let mut connection = Connection::open(&address).unwrap();
            for token in tokens.iter().cycle() {
                if other.is_over.load(Ordering::SeqCst) {
                    return;
                }
                assert_eq!(connection.verify(token).unwrap(), 200);
            }
        };
        Self { shared, threads: vec![std::thread::spawn(turn)] }
    }

    pub(super) fn end(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
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
            // A connection that nobody has used for half a minute is closed by the server.
            let Ok(status) = connection.verify(&token) else {
                connection = Connection::open(address).unwrap();
                continue;
            };
            // Under the lock, so that neither the token nor the time changes between look and count.
            let is_same = self.token.read().unwrap();
            if *is_same == token {
                self.count(begun, status);
            }
        }
    }

    fn count(&self, begun: Instant, status: u16) {
        let is_afterwards = self.stopped_at.read().unwrap().is_some_and(|at| begun > at);
        let counter = match (is_afterwards, status) {
            (false, 200) => &self.n_accepted,
            (true, 200) => &self.n_accepted_afterwards,
            (true, _) => &self.n_refused_afterwards,
            (false, _) => return,
        };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}
