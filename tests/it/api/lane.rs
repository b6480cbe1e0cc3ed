//! Connections in the lane: however their bytes come, they are answered as the framework answers them, and
//! what is not the lane's is the framework's from its first byte on.

use std::io::{Read, Write};
use std::net::Shutdown;

use super::{Server, basic, read_to_end};

fn head(target: &str, token: &str, lines: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: {}\r\n{lines}\r\n", basic(token))
}

/// The statuses of all answers, in their order.
fn statuses(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].to_owned()).collect()
}

/// Waits until the one worker has read what was sent before.
fn let_it_read(server: &Server) {
    assert_eq!(server.get("/healthz").send().status, 200);
}

#[test]
fn wherever_the_bytes_are_cut_the_answers_are_the_same() {
    let server = Server::start();
    let token = server.token("k");
    let requests = [
        head("/v1/verify", &token, ""),
        head("/auth/forward?scope=nobody:has", &token, "X-Forwarded-For: 203.0.113.7\r\n"),
        head("/v1/verify", "unknown", "Content-Length: 0\r\n"),
        head("/v1/whoami", &token, ""),
        head("/v1/verify", &token, "Connection: close\r\n"),
    ]
    .concat();
    for cut in (0..requests.len()).step_by(7) {
        let mut stream = server.connect();
        stream.write_all(&requests.as_bytes()[..cut]).unwrap();
        let_it_read(&server);
        stream.write_all(&requests.as_bytes()[cut..]).unwrap();
        assert_eq!(statuses(&read_to_end(stream)), ["200", "403", "401", "200", "200"], "cut at {cut}");
    }
}

#[test]
fn a_head_that_comes_byte_by_byte_is_answered() {
    let server = Server::start();
    let token = server.token("k");
    let mut stream = server.connect();
    stream.set_nodelay(true).unwrap();
    for byte in head("/v1/verify", &token, "").as_bytes() {
        stream.write_all(&[*byte]).unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(statuses(&read_to_end(stream)), ["200"]);
}

#[test]
fn a_thousand_requests_at_once_get_a_thousand_answers() {
    let server = Server::start();
    let token = server.token("k");
    let refused = head("/v1/verify?scope=nobody:has", &token, "");
    let last = head("/v1/verify", &token, "Connection: close\r\n");
    let stream = server.connect();
    let mut sender = stream.try_clone().unwrap();
    let sent = std::thread::spawn(move || sender.write_all((refused.repeat(1000) + &last).as_bytes()));
    let statuses = statuses(&read_to_end(stream));
    sent.join().unwrap().unwrap();
    assert_eq!(statuses.len(), 1001);
    assert_eq!(statuses.iter().filter(|status| *status == "403").count(), 1000);
    assert_eq!(statuses.last().unwrap(), "200");
}

#[test]
fn a_head_too_long_for_the_lane_is_the_frameworks() {
    let server = Server::start();
    let token = server.token("k");
    let ask = |n: usize, lines: &str| {
        let cookie = format!("Cookie: {}\r\n{lines}", "c".repeat(n));
        let response = server.raw(head("/v1/verify", &token, &cookie).as_bytes());
        response.status
    };
    for n in [4_000, 15_500, 16_384, 100_000] {
        assert_eq!(ask(n, "Connection: close\r\n"), 200, "{n} bytes of cookies");
    }
    assert_eq!(ask(200_000, ""), 431);
}

#[test]
fn what_is_no_http_is_refused_after_what_was() {
    let server = Server::start();
    let token = server.token("k");
    let good = head("/v1/verify", &token, "");
    for bad in [
        "GET /v1/verify HTTP/1.1\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /v1/verify HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET /v1/verify HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET /v1/verify\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
    ] {
        let mut stream = server.connect();
        stream.write_all(format!("{good}{bad}").as_bytes()).unwrap();
        assert_eq!(statuses(&read_to_end(stream)), ["200", "400"], "{bad:?}");
    }
}

#[test]
fn a_body_behind_a_head_is_no_request() {
    let server = Server::start();
    let token = server.token("k");
    let inner = head("/v1/verify", &token, "");
    let outer = head("/auth/forward", &token, &format!("Content-Length: {}\r\n", inner.len()));
    let last = head("/v1/verify", &token, "Connection: close\r\n");
    let mut stream = server.connect();
    stream.write_all(format!("{outer}{inner}{last}").as_bytes()).unwrap();
    assert_eq!(statuses(&read_to_end(stream)).len(), 2);
}

#[test]
fn a_first_head_that_does_not_come_is_told_so() {
    let server = Server::start();
    for begun in ["", "GET /v1/ver", "GET /auth/forward HTTP/1.1\r\nHost: a\r\n"] {
        let mut stream = server.connect();
        stream.write_all(begun.as_bytes()).unwrap();
        let response = super::Response::parse(&read_to_end(stream));
        assert_eq!((response.status, response.code().as_str()), (408, "request_timeout"), "{begun:?}");
        assert_eq!(response.header("connection"), Some("close"));
    }
}

#[test]
fn a_later_head_that_does_not_come_is_told_so_as_well() {
    let server = Server::start();
    let token = server.token("k");
    let mut stream = server.connect();
    stream.write_all(head("/v1/verify", &token, "").as_bytes()).unwrap();
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
    stream.write_all(b"GET /v1/ver").unwrap();
    assert_eq!(statuses(&read_to_end(stream)), ["408"]);
}
