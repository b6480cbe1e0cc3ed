//! What forward auth answers while the database is broken: 503, whatever is presented, and never an
//! allow.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use keysrv::app::App;
use keysrv::store::StoreError;
use rusqlite::Connection;

use super::failing::Failing;
use super::{Response, Server};
use crate::app::routes::add;
use crate::app::{CHEAP, Fixture, default, operator, reference};

const ADDRESSES: [&str; 5] = [
    "/auth/nginx",
    "/auth/forward",
    "/auth/envoy/default/a",
    "/auth/forward?scope=platform:read",
    "/auth/nginx?scope=platform:read",
];

fn ask(server: &Server, address: &str, token: &str) -> Response {
    let request = server.get(address).key(token);
    let said = [("X-Original-Method", "GET"), ("X-Original-URI", "/a")];
    let also = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/a")];
    said.iter().chain(&also).fold(request, |request, (name, value)| request.header(name, value)).send()
}

/// A server whose key passes everywhere, and the connection of somebody who breaks its database.
fn server() -> (Server, String, Connection) {
    let server = Server::start();
    let token = server.token("k");
    add(&server, &["GET /a platform:read", "GET /b"]);
    for address in ADDRESSES {
        let status = ask(&server, address, &token).status;
        assert!([200, 204].contains(&status), "{address} {status}");
    }
    let connection = Connection::open(server.dir.path().join("keysrv.db")).unwrap();
    (server, token, connection)
}

/// As a change by keysrv would do it: with its event, so that what is in memory is read again.
fn break_it(connection: &Connection, how: &str) {
    connection.execute_batch(how).unwrap();
    let event = "INSERT INTO audit (n, at, project, actor_kind, actor_id, actor_name, action, target_kind,
            target_id, target_name, detail, hash)
        SELECT max(n) + 1, 0, 'default', 'operator', 'x', 'x', 'project.changed', 'project', 'default',
            'default', '{}', zeroblob(32) FROM audit";
    connection.execute_batch(event).unwrap();
}

#[track_caller]
fn refuses(server: &Server, addresses: &[&str], token: &str) {
    for address in addresses {
        let answer = ask(server, address, token);
        assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"), "{address}: {answer:?}");
        assert_eq!(answer.header("x-keysrv-key-id"), None, "{address}");
        assert!(!answer.body.contains("SQL") && !answer.body.contains("routes"), "{answer:?}");
    }
}

#[test]
fn without_its_rules_nobody_decides_by_rules() {
    let asking_rules = &ADDRESSES[..3];
    for breaking in [
        "DROP TABLE routes; UPDATE projects SET routes_version = routes_version + 1",
        "UPDATE routes SET pattern = 'nonsense'; UPDATE projects SET routes_version = routes_version + 1",
        "UPDATE routes SET method = 'get'; UPDATE projects SET routes_version = routes_version + 1",
        "UPDATE routes SET scopes = 'all'; UPDATE projects SET routes_version = routes_version + 1",
        "ALTER TABLE projects DROP COLUMN routes_version",
    ] {
        let (server, token, connection) = server();
        break_it(&connection, breaking);
        refuses(&server, asking_rules, &token);
    }
}

#[test]
fn without_keys_or_with_ones_that_cannot_be_read_nobody_decides() {
    for breaking in [
        "ALTER TABLE keys RENAME TO elsewhere",
        "ALTER TABLE key_secrets RENAME TO elsewhere",
        "UPDATE keys SET scopes = 'everything'",
        "UPDATE keys SET allowed_ips = 'anywhere'",
        "UPDATE keys SET name = ''",
    ] {
        let (server, token, connection) = server();
        break_it(&connection, breaking);
        refuses(&server, &ADDRESSES, &token);
    }
}

#[test]
fn whatever_the_store_answers_instead_of_a_key_lets_nobody_through_until_it_heals() {
    let fixture = Fixture::new();
    let token = fixture.create("k").token.expose().to_owned();
    add(&fixture, &["GET /a platform:read"]);
    let failing = Arc::new(Failing::new(keysrv::store::open(fixture.dir.path()).unwrap()));
    let app = App::with_store(failing.clone(), fixture.clock.clone(), CHEAP).unwrap();
    let server = Server::start_on(Fixture { app: Arc::new(app), ..fixture }, &["127.0.0.0/8"]);
    let errors: [fn() -> StoreError; 7] = [
        || StoreError::Busy,
        || StoreError::Full,
        || StoreError::Failed,
        || StoreError::Missing("gone".into()),
        || StoreError::Damaged("a page".to_owned()),
        || StoreError::Engine("disk I/O error".to_owned()),
        || StoreError::Held("another process".to_owned()),
    ];
    for error in errors {
        failing.fail_with(Some(error));
        for address in ADDRESSES {
            let answer = ask(&server, address, &token);
            assert!(matches!(answer.status, 503 | 507), "{address}: {answer:?}");
            assert_eq!(answer.header("x-keysrv-key-id"), None, "{address}");
            // What is no token is refused without the database.
            assert_eq!(ask(&server, address, "nonsense").status, 401, "{address}");
        }
        failing.fail_with(None);
        for address in ADDRESSES {
            assert!(matches!(ask(&server, address, &token).status, 200 | 204), "it heals without a restart");
        }
    }
}

#[test]
fn a_database_that_is_damaged_beneath_the_server_opens_nothing_that_was_closed() {
    let damage: [fn(&Path); 3] = [
        |path| fs::write(path, vec![0xa5; 64 * 1024]).unwrap(),
        |path| fs::write(path, b"").unwrap(),
        |path| fs::OpenOptions::new().write(true).open(path).unwrap().set_len(5000).unwrap(),
    ];
    for damage in damage {
        let (server, token, connection) = server();
        let (closed, deleted) = (server.token("closed"), server.token("deleted"));
        server.app.disable_key(&operator(), &default(), &reference("closed"), None).unwrap();
        server.app.delete_key(&operator(), &default(), &reference("deleted"), None).unwrap();
        // Now everything is in the one file.
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        damage(&server.dir.path().join("keysrv.db"));
        for address in ADDRESSES {
            for token in [&closed, &deleted] {
                let answer = ask(&server, address, token);
                assert!(matches!(answer.status, 401 | 503), "{address}: {answer:?}");
            }
            // Nobody has changed anything since this was read, so that it may still be known.
            let answer = ask(&server, address, &token);
            assert!(matches!(answer.status, 200 | 204 | 503), "{address}: {answer:?}");
        }
    }
}

#[test]
fn while_somebody_holds_the_database_for_writing_decisions_go_on() {
    let (server, token, connection) = server();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(ask(&server, "/auth/forward", &token).status, 200);
    assert_eq!(ask(&server, "/auth/forward", "nonsense").status, 401);
}
