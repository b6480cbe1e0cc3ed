//! How a server ends: with the requests that have begun, and with what they counted.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use keysrv::app::App;
use keysrv::config::MetricsAccess;
use keysrv::web::server::{self, ServeError, ServerSettings};
use rustix::process::Signal;

use super::failing::Failing;
use crate::app::{CHEAP, Fixture};
use crate::harness::connection::Connection;
use crate::harness::{Place, Server, wait_until};

const HEAD: &str =
    "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n";

/// A request whose head has arrived and whose body has not.
fn begin(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(format!("{HEAD}{{\"token\":").as_bytes()).unwrap();
    // The answer to a later request of another connection of the one worker says that the first
    // one's head has been read.
    assert_eq!(server.client().get("/healthz").status, 200);
    stream
}

#[test]
fn a_request_that_has_begun_is_finished_and_its_use_is_kept() {
    for signal in [Signal::TERM, Signal::INT] {
        let place = Place::new();
        let token = place.create(&["k"]);
        let server = Server::start_with(&place, &["--workers", "1"], &[]);
        assert_eq!(server.client().get_as(&token, "/v1/verify").status, 200);
        let mut stream = begin(&server);
        server.signal(signal);
        let address = server.address().to_owned();
        wait_until("the server takes no more connections", || TcpStream::connect(&address).is_err());
        stream.write_all(b"\"t\"}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\"missing_scopes\":[]}"), "{answer}");
        server.stop_after_signal();
        assert!(place.json(&["show", "k"])["last_used_at"].is_string());
    }
}

#[test]
fn connections_that_only_verify_do_not_hold_it_up_idle_or_busy() {
    let place = Place::new();
    let token = place.create(&["k"]);
    let server = Server::start_with(&place, &["--workers", "1"], &[]);
    let mut idle = Connection::open(server.address()).unwrap();
    assert_eq!(idle.verify(&token).unwrap(), 200);
    let new = TcpStream::connect(server.address()).unwrap();
    let address = server.address().to_owned();
    let busy = std::thread::spawn(move || {
        let mut busy = Connection::open(&address).unwrap();
        let mut n = 0;
        while busy.verify(&token).is_ok_and(|status| status == 200) {
            n += 1;
        }
        n
    });
    wait_until("the busy one is busy", || place.json(&["show", "k"])["last_used_at"].is_string());
    server.signal(Signal::TERM);
    // What is cut off after twenty seconds would end it with an error.
    server.stop_after_signal();
    assert!(busy.join().unwrap() > 0);
    assert!(idle.verify("t").is_err());
    drop(new);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let server = Server::start_with(&place, &["--workers", "1"], &[]);
    let mut stream = begin(&server);
    server.signal(Signal::INT);
    let address = server.address().to_owned();
    wait_until("the server takes no more connections", || TcpStream::connect(&address).is_err());
    server.signal(Signal::INT);
    server.stop_after_signal();
    let mut answer = String::new();
    let _reset = stream.read_to_string(&mut answer);
    assert_eq!(answer, "");
}

#[test]
fn a_server_whose_disk_fails_ends_with_an_error() {
    let fixture = Fixture::new();
    let store = keysrv::store::open(fixture.dir.path()).unwrap();
    let failing = Arc::new(Failing::new(store));
    let app = App::with_store(failing.clone(), fixture.clock.clone(), CHEAP).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = ServerSettings {
        workers: 1,
        base_url: None,
        metrics: MetricsAccess::Off,
        retention: keysrv::model::usage::Retention::default(),
        trusted_proxies: Vec::new(),
    };
    let ready = || failing.fail_for_good();
    let ended = server::serve(listener, Arc::new(app), settings, ready);
    assert!(matches!(ended, Err(ServeError::StoreFailed)), "{ended:?}");
}
