//! `kill -9` while eight write and two verify, again and again, then a comparison of what was
//! acknowledged with what is there.
//!
//! Every writer owns its keys, so that it knows what each must look like: everything that was
//! acknowledged is there, of what was under way when the end came either all is there or nothing,
//! and each change that is there has exactly its one audit event.

mod ledger;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::harness::{Client, Connection, Place, Server, wait_until};
use ledger::{Found, Ledger};
use writer::Writer;

const PASSWORD: &str = "tall glass of oat milk";
const N_CYCLES: u64 = 50;
const N_PAGE_WRITERS: usize = 5;
const N_SHELL_WRITERS: usize = 3;
/// Acknowledged changes before a kill.
const N_CHANGES_MIN: u64 = 10;

#[test]
fn what_was_acknowledged_survives_fifty_kills_and_nothing_is_half_done() {
    let place = Arc::new(Place::new());
    place.add_user("anna", "admin", PASSWORD);
    let probe = place.create(&["probe"]);
    let server = Server::start(&place);
    let mut person = server.client();
    person.sign_in("anna", PASSWORD);
    server.kill();
    let mut ledgers: Vec<Ledger> = (0..N_PAGE_WRITERS + N_SHELL_WRITERS).map(Ledger::new).collect();

    for cycle in 0..N_CYCLES {
        ledgers = one_cycle(&place, &probe, &person, ledgers, cycle);
        place.run(&["check"]).ok();
        let found = Found::read(&place);
        for ledger in &mut ledgers {
            ledger.settle(&found);
        }
    }
    let n_caught = ledgers.iter().map(Ledger::n_caught).sum::<usize>();
    assert!(n_caught > 20, "only {n_caught} changes were under way at a kill, which proves little");
}

/// Starts everything, and ends it with a kill after a random while.
fn one_cycle(
    place: &Arc<Place>,
    probe: &str,
    person: &Client,
    ledgers: Vec<Ledger>,
    cycle: u64,
) -> Vec<Ledger> {
    let server = Server::start(place);
    let course = Arc::new(Course::default());
    let writers: Vec<_> = ledgers
        .into_iter()
        .enumerate()
        .map(|(n, ledger)| {
            let way = if n < N_PAGE_WRITERS {
                writer::Way::Page(Box::new(person.moved_to(&server.url)))
            } else {
                writer::Way::Shell(Arc::clone(place))
            };
            let course = Arc::clone(&course);
            std::thread::spawn(move || Writer { ledger, way, cycle, course }.write())
        })
        .collect();
    let verifiers: Vec<_> = (0..2)
        .map(|_| {
            let (address, probe, course) =
                (server.address().to_owned(), probe.to_owned(), Arc::clone(&course));
            std::thread::spawn(move || verify_until_over(&address, &probe, &course))
        })
        .collect();

    wait_until("everybody is at it", || course.is_running());
    std::thread::park_timeout(Duration::from_micros(rand::random_range(0..300_000)));
    course.is_over.store(true, Ordering::SeqCst);
    server.kill();
    for verifier in verifiers {
        verifier.join().unwrap();
    }
    writers.into_iter().map(|writer| writer.join().unwrap()).collect()
}

/// How one cycle goes.
#[derive(Default)]
struct Course {
    n_changes: AtomicU64,
    n_verified: AtomicU64,
    is_over: AtomicBool,
}

impl Course {
    fn is_running(&self) -> bool {
        self.n_verified.load(Ordering::SeqCst) > 0 && self.n_changes.load(Ordering::SeqCst) > N_CHANGES_MIN
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }
}

fn verify_until_over(address: &str, probe: &str, course: &Course) {
    let Ok(mut connection) = Connection::open(address) else { return };
    while let Ok(status) = connection.verify(probe) {
        assert_eq!(status, 200);
        course.n_verified.fetch_add(1, Ordering::SeqCst);
        if course.is_over() {
            break;
        }
    }
}
