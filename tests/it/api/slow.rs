//! Clients that take their time: each is let go, and nobody else waits for them.
//!
//! `read_to_end` fails when the server does not close; no test here measures how long it took.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::{Response, Server, WAIT_MAX, read_to_end};

#[test]
fn a_head_that_does_not_come_is_answered_with_408() {
    let server = Server::start();
    let mut stream = server.connect();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost").unwrap();
    let response = Response::parse(&read_to_end(stream));
    assert_eq!((response.status, response.code().as_str()), (408, "request_timeout"));
    assert!(response.header("content-security-policy").is_some());
}

#[test]
fn a_later_head_that_does_not_come_is_not_waited_for_either() {
    let server = Server::start();
    let mut stream = server.connect();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = [0; 4096];
    assert!(stream.read(&mut answer).unwrap() > 0);
    // A header now and then, as a slow client would; the framework alone would wait for ever.
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n").unwrap();
    let began = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    while began.elapsed() < WAIT_MAX {
        if stream.write_all(b"X-Slow: 1\r\n").is_err() || matches!(stream.read(&mut answer), Ok(0)) {
            return;
        }
    }
    panic!("the connection is still open after {WAIT_MAX:?}");
}

#[test]
fn a_body_that_does_not_come_is_answered_with_408() {
    let server = Server::start();
    let mut stream = server.connect();
    let head = "POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"{").unwrap();
    let response = Response::parse(&read_to_end(stream));
    assert_eq!((response.status, response.code().as_str()), (408, "request_timeout"));
}

#[test]
fn a_body_that_nobody_asked_for_does_not_keep_a_connection() {
    let server = Server::start();
    for framing in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let mut stream = server.connect();
        stream
            .write_all(format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n").as_bytes())
            .unwrap();
        assert_eq!(Response::parse(&read_to_end(stream)).status, 200, "{framing}");
    }
}

#[test]
fn a_client_that_does_not_read_is_let_go() {
    let server = Server::start();
    let mut stream = server.connect();
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    // Asks for more than the buffers between hold, and reads nothing until the server has no more.
    let requests = "GET /v1/verify HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
    let began = Instant::now();
    while began.elapsed() < WAIT_MAX {
        match stream.write(requests.as_bytes()) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
    panic!("the connection is still open after {WAIT_MAX:?}");
}

#[test]
fn many_slow_clients_do_not_keep_a_good_one_waiting() {
    let server = Server::start();
    let slow: Vec<_> = (0..300)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET / HTTP/1.1\r\nHost").unwrap();
            stream
        })
        .collect();
    let token = server.token("k");
    for _ in 0..50 {
        assert_eq!(server.get("/v1/verify").key(&token).send().status, 200);
    }
    drop(slow);
}
