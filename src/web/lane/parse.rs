//! Which bytes are the lane's: the whole heads of requests that are answered from their head alone.
//!
//! Whatever is unusual about a head is left to the framework, with what is wrong: here is no second
//! opinion on what HTTP is, and no refusal. The parser is the framework's own (`httparse`), so that both
//! see the end of a head at the same byte; that a head has no body is told by the same lines
//! (RFC 9112 §6.3).

use std::mem::MaybeUninit;
use std::net::IpAddr;

use actix_web::http::Method;

use crate::web::head::{Head, Lines};
use crate::web::hot::Handler;
use crate::web::routes;

/// As many lines as the framework reads.
const LINES_MAX: usize = 96;

/// What the first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<T> {
    /// A request of the lane, so many bytes long.
    Request(usize, T),
    /// The beginning of what may become one.
    Beginning,
    /// Something else.
    Other,
}

/// Reads one request from the front of `bytes`; `peer` is who sent it.
pub(super) fn read<T>(bytes: &[u8], peer: IpAddr, answer: impl FnOnce(Head<'_>, Handler) -> T) -> Found<T> {
    if !may_be_hot(bytes) {
        return Found::Other;
    }
    let mut lines = [const { MaybeUninit::uninit() }; LINES_MAX];
    let mut request = httparse::Request::new(&mut []);
    let head_bytes = match request.parse_with_uninit_headers(bytes, &mut lines) {
        Ok(httparse::Status::Complete(head_bytes)) => head_bytes,
        Ok(httparse::Status::Partial) => return Found::Beginning,
        Err(_) => return Found::Other,
    };
    let (Some(method), Some(target), Some(1)) = (request.method, request.path, request.version) else {
        return Found::Other;
    };
    let has_answer_without_body = method == Method::HEAD.as_str() || method == Method::CONNECT.as_str();
    if has_answer_without_body || !target.bytes().all(is_plain) || !are_plain(request.headers) {
        return Found::Other;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let head = Head { method, path, query, lines: Lines::Read(request.headers), peer: Some(peer) };
    match routes::hot(&head) {
        Some(handle) => Found::Request(head_bytes, answer(head, handle)),
        None => Found::Other,
    }
}

/// Whether what has come so far can become a request of the lane: so that everything else goes to the
/// framework with its first bytes, whose deadlines begin then.
fn may_be_hot(bytes: &[u8]) -> bool {
    let Some(at) = bytes.iter().position(|byte| *byte == b' ') else {
        return bytes.iter().all(u8::is_ascii_alphabetic);
    };
    let target = bytes.get(at + 1..).unwrap_or_default();
    routes::HOT_BEGINNINGS.iter().any(|start| {
        let n = start.len().min(target.len());
        target.get(..n) == start.as_bytes().get(..n)
    })
}

/// What the framework takes for a path or a query as it stands. It takes more, and cuts off what follows a `#`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!$%&'()*+,-./:;=?@_~[]".contains(&byte)
}

/// Whether the lines say nothing about how the request goes on, or the connection, but that there is no body
/// and another request may follow.
fn are_plain(lines: &[httparse::Header<'_>]) -> bool {
    let (mut hosts, mut lengths) = (0, 0);
    for line in lines {
        let is = |name: &str| line.name.eq_ignore_ascii_case(name);
        // By length first: most names are none of these.
        match line.name.len() {
            4 if is("host") => hosts += 1,
            6 if is("expect") => return false,
            7 if is("upgrade") => return false,
            10 if is("connection") && !line.value.eq_ignore_ascii_case(b"keep-alive") => return false,
            14 if is("content-length") && line.value != b"0" => return false,
            14 if is("content-length") => lengths += 1,
            17 if is("transfer-encoding") => return false,
            _ => {}
        }
    }
    hosts == 1 && lengths <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &str) -> Found<String> {
        let peer = "127.0.0.1".parse().unwrap();
        read(bytes.as_bytes(), peer, |head, _| format!("{} {}|{}", head.method, head.path, head.query))
    }

    #[test]
    fn a_whole_head_is_taken_to_its_last_byte_and_its_beginnings_are_waited_for() {
        let head = "GET /v1/verify?scope=a:b HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
        for n in 0..head.len() {
            assert_eq!(found(&head[..n]), Found::Beginning, "{}", &head[..n]);
        }
        let taken = Found::Request(head.len(), "GET /v1/verify|scope=a:b".to_owned());
        assert_eq!(found(head), taken);
        assert_eq!(found(&format!("{head}GET / HTTP/1.1\r\n")), taken);
    }

    #[test]
    fn every_method_asks_a_proxys_question_but_those_whose_answers_have_no_body() {
        for (method, is_taken) in
            [("GET", true), ("POST", true), ("BREW", true), ("HEAD", false), ("CONNECT", false)]
        {
            let found = found(&format!("{method} /auth/forward HTTP/1.1\r\nHost: a\r\n\r\n"));
            assert_eq!(matches!(found, Found::Request(..)), is_taken, "{method}");
        }
        assert_eq!(found("POST /v1/verify HTTP/1.1\r\nHost: a\r\n\r\n"), Found::Other);
    }

    #[test]
    fn what_is_not_the_lanes_is_left_with_its_first_bytes() {
        for other in [
            "GET /h",
            "GET /v1/k",
            "GET /v1/verif\0",
            "GET http://a/v1/verify",
            "\x16\x03\x01",
            "GET  /v1/verify",
            "\r\nGET",
        ] {
            assert_eq!(found(other), Found::Other, "{other:?}");
        }
    }

    #[test]
    fn whatever_is_unusual_about_a_head_is_left_to_the_framework() {
        let with = |lines: &str| format!("GET /v1/verify HTTP/1.1\r\n{lines}\r\n");
        let usual = with("Host: a\r\nconnection: Keep-Alive\r\nX: 1\r\n");
        assert!(matches!(found(&usual), Found::Request(..)));
        let unusual = [
            with(""),
            with("Host: a\r\nHost: a\r\n"),
            with("Host: a\r\nContent-Length: 1\r\n"),
            with("Host: a\r\nContent-Length: +0\r\n"),
            with("Host: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n"),
            with("Host: a\r\nTransfer-Encoding: chunked\r\n"),
            with("Host: a\r\nTransfer-Encoding: identity\r\n"),
            with("Host: a\r\nExpect: 100-continue\r\n"),
            with("Host: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"),
            with("Host: a\r\nConnection: close\r\n"),
            with("Host: a\r\nConnection: keep-alive, close\r\n"),
            with("Host: a\r\nX : 1\r\n"),
            with("Host: a\r\nX: 1\r\n 2\r\n"),
            with(&format!("Host: a\r\n{}", "X: 1\r\n".repeat(LINES_MAX))),
            usual.replace("HTTP/1.1", "HTTP/1.0"),
            usual.replace("verify", "verify#x"),
            usual.replace("verify", "verify/"),
            usual.replace("verify", "%76erify"),
            usual.replace("verify", "verify?\""),
            usual.replace("verify", "verify?é"),
            usual.replace("verify", &format!("verify?{}", "a".repeat(9000))),
            usual.replace("/v1/verify", "/auth/envoy//a"),
            usual.replace("/v1/verify", "/auth/envoy/default"),
        ];
        for bytes in &unusual {
            assert_eq!(found(bytes), Found::Other, "{bytes}");
        }
    }
}
