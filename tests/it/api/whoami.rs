//! `/v1/whoami`: a key learns about itself.

use keysrv::model::key::{NewKey, parse_allowed_ips};

use super::Server;
use crate::app::{default, named, operator, reference};

#[test]
fn a_key_sees_itself_unwrapped() {
    let server = Server::start();
    let token = server.token("k");
    let answer = server.get("/v1/whoami").key(&token).send().json();
    assert_eq!((answer["name"].as_str(), answer["status"].as_str()), (Some("k"), Some("active")));
    assert!(answer["secret"]["created_at"].is_string());
}

#[test]
fn a_disabled_or_expired_key_still_sees_itself_from_any_address() {
    let server = Server::start();
    let soon = server.app.now() + jiff::SignedDuration::from_mins(5);
    let allowed_ips = parse_allowed_ips(["203.0.113.0/24"]).unwrap();
    let new = NewKey { expires_at: Some(soon), allowed_ips, ..named("k") };
    let token = server.create_with(&new).token.expose().to_owned();
    server.clock.advance(jiff::SignedDuration::from_mins(6));
    assert_eq!(server.get("/v1/whoami").key(&token).send().json()["status"], "expired");
    server.app.disable_key(&operator(), &default(), &reference("k"), None).unwrap();
    assert_eq!(server.get("/v1/whoami").key(&token).send().json()["status"], "disabled");
}

#[test]
fn a_secret_that_a_rotation_ended_is_nobodys() {
    let server = Server::start();
    let old = server.token("k");
    let new = server.app.rotate_key(&operator(), &default(), &reference("k"), None).unwrap();
    let response = server.get("/v1/whoami").key(&old).send();
    assert_eq!((response.status, response.code().as_str()), (401, "rotated"));
    assert_eq!(server.get("/v1/whoami").key(new.token.expose()).send().status, 200);
}

#[test]
fn looking_at_oneself_is_no_use() {
    let server = Server::start();
    let token = server.token("k");
    server.get("/v1/whoami").key(&token).send();
    assert_eq!(server.fixture.get("k").last_used_at, None);
}
