//! What every answer has, whoever made it, and how methods and addresses behave.

use super::{EVERYWHERE, Response, Server};

fn require_headers(response: &Response, what: &str) {
    for name in EVERYWHERE.iter().filter(|name| !["connection", "content-length", "date"].contains(name)) {
        assert!(response.header(name).is_some(), "{what}: no {name} in {response:?}");
    }
    assert_eq!(response.header("server"), None, "{what}");
    assert_eq!(response.header("access-control-allow-origin"), None, "{what}");
}

#[test]
fn every_answer_has_the_headers_that_every_answer_has() {
    let server = Server::start();
    let token = server.token("k");
    let long = format!("/v1/{}", "a".repeat(2100));
    let requests = [
        (200, server.get("/v1/verify").key(&token)),
        (200, server.get("/healthz")),
        (204, server.request("OPTIONS", "/v1/verify")),
        (400, server.get("/v1/verify").key("a").header("X-API-Key", "b")),
        (401, server.get("/v1/verify")),
        (403, server.get("/v1/verify?scope=keys:write").key(&token)),
        (403, server.request("POST", "/sign-in")),
        (404, server.get("/v1/nothing")),
        (404, server.get("/nothing")),
        (404, server.get("/static/nothing.css")),
        (405, server.request("PUT", "/v1/verify")),
        (413, server.post("/v1/verify", "x".repeat(70_000))),
        (414, server.get(&long)),
        (415, server.post("/v1/verify", "x").header("Content-Encoding", "gzip")),
        (422, server.post("/v1/verify", "{}")),
    ];
    for (status, request) in requests {
        let response = request.send();
        assert_eq!(response.status, status, "{response:?}");
        require_headers(&response, &status.to_string());
    }
}

#[test]
fn what_is_no_http_gets_a_problem_with_all_headers() {
    let server = Server::start();
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(300_000));
    let bytes: [(u16, &[u8]); 6] = [
        (400, b"nonsense\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n"),
        (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        (431, head.as_bytes()),
    ];
    for (status, bytes) in bytes {
        let response = server.raw(bytes);
        assert_eq!(response.status, status, "{response:?}");
        require_headers(&response, &status.to_string());
        assert_eq!(response.json()["status"], status);
    }
}

#[test]
fn odd_but_proper_http_is_answered() {
    let server = Server::start();
    let requests: [(u16, &[u8]); 6] = [
        (200, b"GET /healthz HTTP/1.0\r\n\r\n"),
        (200, b"GET http://keys.test/healthz HTTP/1.1\r\nHost: keys.test\r\nConnection: close\r\n\r\n"),
        (400, b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"),
        (200, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
        (404, b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ];
    for (status, bytes) in requests {
        let response = server.raw(bytes);
        assert_eq!(response.status, status, "{}: {response:?}", String::from_utf8_lossy(bytes));
        require_headers(&response, &status.to_string());
    }
}

#[test]
fn a_bare_answer_after_a_proper_one_is_completed_too() {
    let server = Server::start();
    let mut stream = server.connect();
    std::io::Write::write_all(&mut stream, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
        .unwrap();
    let text = String::from_utf8(super::read_to_end(stream)).unwrap();
    let (first, second) = text.split_once("}HTTP/1.1 ").unwrap_or_else(|| panic!("{text}"));
    assert!(first.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    require_headers(&Response::parse(format!("HTTP/1.1 {second}").as_bytes()), "the second");
}

#[test]
fn head_is_get_without_the_body() {
    let server = Server::start();
    let token = server.token("k");
    let (get, head) = (
        server.get("/v1/verify").key(&token).send(),
        server.request("HEAD", "/v1/verify").key(&token).send(),
    );
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!(server.request("HEAD", "/v1/verify").send().status, 401);
}

#[test]
fn options_and_wrong_methods_tell_the_methods() {
    let server = Server::start();
    for (path, allow) in [
        ("/v1/verify", "GET, HEAD, POST, OPTIONS"),
        ("/v1/accounts", "GET, HEAD, POST, OPTIONS"),
        ("/v1/scopes", "GET, HEAD, OPTIONS"),
        ("/healthz", "GET, HEAD, OPTIONS"),
    ] {
        let options = server.request("OPTIONS", path).send();
        assert_eq!((options.status, options.header("allow")), (204, Some(allow)), "{path}");
        for method in ["PUT", "PATCH", "DELETE", "TRACE", "FROB"] {
            let response = server.request(method, path).send();
            assert_eq!((response.status, response.header("allow")), (405, Some(allow)), "{method} {path}");
        }
    }
}

#[test]
fn a_form_from_another_site_is_refused_before_anything_is_read() {
    let server = Server::start();
    let post = || server.request("POST", "/sign-in");
    let cross: [&[(&str, &str)]; 4] = [
        &[],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://keys.test")],
        &[("Origin", "http://evil.test")],
        &[("Origin", "null")],
    ];
    for headers in cross {
        let request = headers.iter().fold(post(), |request, (name, value)| request.header(name, value));
        assert_eq!(request.send().status, 403, "{headers:?}");
    }
    let ours: [&[(&str, &str)]; 2] =
        [&[("Sec-Fetch-Site", "same-origin")], &[("Origin", "http://keys.test")]];
    for headers in ours {
        let request = headers.iter().fold(post(), |request, (name, value)| request.header(name, value));
        assert_ne!(request.send().status, 403, "{headers:?}");
    }
}

#[test]
fn the_api_reads_no_cookie_and_needs_no_origin() {
    let server = Server::start();
    let response = server.get("/v1/verify").header("Cookie", "keysrv_session=x").send();
    assert_eq!(response.code(), "no_credentials");
    let response =
        server.post("/v1/verify", r#"{"token":"x"}"#).header("Sec-Fetch-Site", "cross-site").send();
    assert_eq!((response.status, response.code().as_str()), (200, "malformed"));
}
