//! Addresses that nobody should ask for: none is the server's fault.

use proptest::prelude::*;

use super::Server;

#[test]
fn an_address_has_a_length() {
    let server = Server::start();
    let fits = format!("/{}", "a".repeat(2047));
    assert_eq!(server.get(&fits).send().status, 404);
    assert_eq!(server.get(&format!("{fits}a")).send().status, 414);
    assert_eq!(server.get(&format!("/v1/verify?{}", "a".repeat(8193))).send().code(), "path_too_long");
}

#[test]
fn an_address_is_taken_as_it_is_written() {
    let server = Server::start();
    for path in [
        "/v1/verify/",
        "/v1//verify",
        "/V1/verify",
        "/v1/./verify",
        "/v1/x/../verify",
        "/v1/%2e/verify",
        "/v1/verify%00",
        "/v1/verify;x",
    ] {
        assert_eq!(server.get(path).send().status, 404, "{path}");
    }
}

#[test]
fn no_address_and_no_method_is_the_servers_fault() {
    let server = Server::start();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let strategy = ("[A-Z]{1,7}", "/(v1/)?[!-~]{0,60}", proptest::collection::vec(any::<u8>(), 0..100));
    let outcome = runner.run(&strategy, |(method, target, body)| {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let response = server.raw(&[head.as_bytes(), &body].concat());
        prop_assert!((200..500).contains(&response.status), "{:?}", response);
        prop_assert!(response.header("x-request-id").is_some());
        Ok(())
    });
    outcome.unwrap();
}
