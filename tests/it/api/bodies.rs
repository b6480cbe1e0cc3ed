//! Bodies that nobody should send: each is refused with what is wrong, and none is the server's fault.

use serde_json::json;

use keysrv::model::key::NewKey;

use super::{Request, Server};
use crate::app::{named, scopes};

#[test]
fn a_body_that_cannot_be_read_is_told_what_is_wrong() {
    let server = Server::start();
    let deep = format!("{{\"token\":{}", "[".repeat(60_000));
    let bodies: Vec<(u16, &str, Vec<u8>)> = vec![
        (400, "bad_request", b"".to_vec()),
        (400, "bad_request", b"{".to_vec()),
        (400, "bad_request", b"[]".to_vec()),
        (400, "bad_request", b"\"token\"".to_vec()),
        (400, "bad_request", b"{\"token\":\"\xff\xfe\"}".to_vec()),
        (400, "bad_request", b"{\"token\":\"\\ud800\"}".to_vec()),
        (400, "bad_request", b"\xef\xbb\xbf{\"token\":\"t\"}".to_vec()),
        (400, "bad_request", b"{\"token\":\"a\",\"token\":\"b\"}".to_vec()),
        (400, "bad_request", b"{\"token\":\"a\"} {}".to_vec()),
        (400, "bad_request", deep.into_bytes()),
        (413, "body_too_large", vec![b' '; 64 * 1024 + 1]),
        (422, "invalid_value", b"{\"token\":1}".to_vec()),
        (422, "invalid_value", b"{\"token\":null}".to_vec()),
        (422, "invalid_value", b"{\"token\":\"t\",\"scopes\":\"a:b\"}".to_vec()),
        (422, "invalid_value", b"{\"token\":\"t\",\"scopes\":[\"a\"]}".to_vec()),
        (422, "invalid_value", b"{\"token\":\"t\",\"ip\":\"localhost\"}".to_vec()),
        (422, "invalid_value", b"{\"token\":\"t\",\"cost\":-1}".to_vec()),
        (422, "invalid_value", b"{\"token\":\"t\",\"cost\":1.5}".to_vec()),
        (422, "invalid_value", b"{\"token\":\"t\",\"Token\":\"t\"}".to_vec()),
        (422, "invalid_value", json!({ "token": "t", "scopes": vec!["a:b"; 257] }).to_string().into_bytes()),
    ];
    for (status, code, body) in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let response = server.post("/v1/verify", body).send();
        assert_eq!((response.status, response.code().as_str()), (status, code), "{shown}: {response:?}");
    }
}

#[test]
fn every_address_that_takes_a_body_refuses_what_cannot_be_read_and_changes_nothing() {
    let server = Server::start();
    let all = ["keys:read", "keys:write", "platform:read", "platform:write"];
    let caller = NewKey { scopes: Some(scopes(&all)), ..named("caller") };
    let token = server.create_with(&caller).token.expose().to_owned();
    let target = NewKey { scopes: Some(scopes(&[])), ..named("target") };
    let id = server.create_with(&target).key.facts.id;
    let before = server.events().len();
    let large = " ".repeat(64 * 1024 + 1);
    let deep = format!("{{\"metadata\":{}", "{\"a\":".repeat(9_000));
    let broken: [(u16, &[u8]); 8] = [
        (400, b"{"),
        (400, b"[]"),
        (400, b"{\"x\":\"\xff\"}"),
        (400, b"{\"x\":1,\"x\":1}"),
        (400, b"{\"x\":1e999}"),
        (400, deep.as_bytes()),
        (413, large.as_bytes()),
        (422, b"{\"no_such_field\":1}"),
    ];
    for (method, path) in [
        ("POST", "/v1/verify".to_owned()),
        ("POST", "/v1/explain".to_owned()),
        ("POST", "/v1/keys".to_owned()),
        ("PATCH", format!("/v1/keys/{id}")),
        ("DELETE", format!("/v1/keys/{id}")),
        ("POST", format!("/v1/keys/{id}/rotate")),
        ("POST", "/v1/accounts".to_owned()),
        ("PATCH", "/v1/accounts/acc_8Qm2LxT0aZr4".to_owned()),
    ] {
        let send = |media_type: &str, body: &[u8]| {
            let request = server.request(method, &path).key(&token).header("Content-Type", media_type);
            request.bytes(body).send()
        };
        for (status, body) in broken {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let response = send("application/json", body);
            assert_eq!(response.status, status, "{method} {path} {shown}: {response:?}");
            assert_eq!(response.header("content-type"), Some("application/problem+json"));
        }
        assert_eq!(send("text/plain", b"{}").status, 415, "{method} {path}");
        let request = server.request(method, &format!("{path}?scope=keys:read")).key(&token);
        let response = request.header("Content-Type", "application/json").bytes(b"{\"token\":\"t\"}").send();
        assert_eq!((response.status, response.code().as_str()), (400, "bad_request"), "{method} {path}");
        assert_eq!(response.json()["field"], "scope", "{method} {path}: the query is not passed over");
    }
    assert_eq!(server.events().len(), before);
}

#[test]
fn a_name_that_stands_twice_is_told() {
    let server = Server::start();
    for (body, name, field) in [
        (r#"{"token":"a","token":"b"}"#, "token", "token"),
        (r#"{"token":"a","scopes":[{"x":{"y":1,"y":2}}]}"#, "y", "scopes"),
    ] {
        let problem = server.post("/v1/verify", body).send().json();
        assert_eq!(problem["field"], field, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("the body has the name `{name}` twice, at line 1")), "{detail}");
    }
}

#[test]
fn the_largest_body_that_may_be_sent_is_read() {
    let server = Server::start();
    let mut body = br#"{"token":"t"}"#.to_vec();
    body.resize(64 * 1024, b' ');
    assert_eq!(server.post("/v1/verify", body).send().code(), "malformed");
}

#[test]
fn a_body_without_a_length_is_bounded_too() {
    let server = Server::start();
    let head = "POST /v1/verify HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let good = format!("{head}d\r\n{{\"token\":\"t\"}}\r\n0\r\n\r\n");
    assert_eq!(server.raw(good.as_bytes()).code(), "malformed");
    let endless = format!("{head}{}", "1000\r\n".to_owned() + &" ".repeat(4096) + "\r\n").into_bytes();
    let mut bytes = endless.clone();
    for _ in 0..20 {
        bytes.extend(format!("1000\r\n{}\r\n", " ".repeat(4096)).bytes());
    }
    assert_eq!(server.raw(&bytes).status, 413);
    let broken = format!("{head}zz\r\n");
    assert_eq!(server.raw(broken.as_bytes()).status, 400);
}

fn of_type<'a>(server: &'a Server, media_type: &str) -> Request<'a> {
    let request = server.request("POST", "/v1/verify").header("Content-Type", media_type);
    Request { body: br#"{"token":"t"}"#.to_vec(), ..request }
}

#[test]
fn a_body_of_another_type_is_not_read() {
    let server = Server::start();
    for media_type in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/jsonp",
        "application/problem+json",
        "",
    ] {
        let response = of_type(&server, media_type).send();
        assert_eq!(
            (response.status, response.code().as_str()),
            (415, "unsupported_media_type"),
            "{media_type}"
        );
    }
    for charset in ["latin1", "\"utf-16\"", "utf-8; charset=latin1", ""] {
        let response = of_type(&server, &format!("application/json; charset={charset}")).send();
        assert_eq!((response.status, response.code().as_str()), (415, "unsupported_media_type"), "{charset}");
        assert!(response.json()["detail"].as_str().unwrap().contains("charset"), "{response:?}");
    }
    for media_type in [
        "application/json; charset=utf-8",
        "application/json;Charset=\"UTF-8\" ; version=1",
        "Application/JSON",
    ] {
        assert_eq!(of_type(&server, media_type).send().status, 200, "{media_type}");
    }
}

#[test]
fn a_token_in_a_wrong_place_of_a_body_is_not_repeated() {
    let server = Server::start();
    let token = server.token("k");
    let bodies = [
        json!({ "token": "t", "ip": token }),
        json!({ "token": "t", "scopes": [token] }),
        json!({ "token": "t", (token.clone()): 1 }),
    ];
    for body in bodies {
        let response = server.post("/v1/verify", body.to_string()).send();
        assert_eq!((response.status, response.code().as_str()), (422, "contains_token"), "{body}");
        assert!(!response.body.contains(&token[20..]), "{response:?}");
    }
    let response = server.post("/v1/verify", format!("{{\"token\":{token}}}")).send();
    assert_eq!(response.status, 400);
    assert!(!response.body.contains(&token[20..]), "{response:?}");
}
