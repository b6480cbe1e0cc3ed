//! What reaches the API about who calls: keysrv's word, and never the client's.

use super::{IDENTITY, Rig, with_each};
use crate::harness::client::basic;
use crate::harness::wait_until;

#[test]
fn the_api_learns_who_calls_and_never_gets_a_token() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &["GET /things/* unified:read"]);
        let token = rig.token("agent-7", &["unified:read", "platform:read"]);
        let id = rig.place.json(&["show", "agent-7"])["id"].as_str().unwrap().to_owned();
        let spellings = [
            vec![("Authorization", basic(&token))],
            vec![("authorization", format!("Bearer {token}"))],
            vec![("X-API-Key", token.clone())],
            vec![("X-API-Key", token.clone()), ("Authorization", basic(&token))],
        ];
        for headers in spellings {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let reply = rig.wire.ask("GET", "/things/1?page=2&x=%2F..", &headers);
            assert_eq!(reply.status, 200, "{kind:?} {reply:?}");
            let [seen] = rig.upstream.take().try_into().unwrap();
            assert_eq!(seen.target, "/things/1?page=2&x=%2F..");
            let told: Vec<_> = IDENTITY.iter().map(|name| seen.values(name)).collect();
            let expected = [&id, "agent-7", "default", "-", "-", "platform:read unified:read", "-", "-"];
            assert_eq!(told, expected.map(|value| vec![value]), "{kind:?}");
            assert!(!format!("{seen:?}").contains(&token), "{kind:?} {seen:?}");
            assert!(seen.values("authorization").is_empty() && seen.values("x-api-key").is_empty());
        }
    });
}

#[test]
fn nothing_that_a_client_says_about_itself_arrives() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("k", &[]);
        let mut forged = Vec::new();
        for name in IDENTITY {
            forged.extend([name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()]);
            forged.extend([name.replace('-', "_"), name.to_ascii_lowercase().replace('-', "_")]);
            // One of the dashes alone; many APIs take it for the same name.
            forged.extend(
                name.match_indices('-').map(|(at, _)| format!("{}_{}", &name[..at], &name[at + 1..])),
            );
        }
        let forged: Vec<_> = forged.iter().map(|name| (name.as_str(), "forged")).collect();
        let seen = rig.pass(&token, "/a", &forged);
        assert!(!format!("{seen:?}").contains("forged"), "{kind:?} {seen:?}");
        for name in IDENTITY {
            assert_eq!(seen.values(name).len(), 1, "{kind:?} {name} {seen:?}");
        }
    });
}

#[test]
fn a_client_cannot_have_the_identity_dropped_on_the_way() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("k", &[]);
        // RFC 9110 §7.6.1: a proxy drops what Connection names, and so would the API's own server.
        let named = format!("close, {}", IDENTITY.join(", "));
        let about_the_question =
            "X-Forwarded-Method, X-Forwarded-Uri, X-Original-Method, X-Original-URI, Host";
        let lower = named.to_ascii_lowercase();
        for connection in [named.as_str(), &lower, "X-Forwarded-For, X-Keysrv-Key-Id", about_the_question] {
            let reply = rig.ask(&token, "GET", "/a", &[("Connection", connection)]);
            let all = rig.upstream.take();
            // Envoy takes no such request at all.
            assert!(reply.status == if all.is_empty() { 400 } else { 200 }, "{kind:?} {reply:?}");
            for seen in all {
                for name in IDENTITY {
                    assert_eq!(seen.values(name).len(), 1, "{kind:?} {name} {seen:?}");
                }
                let connection = seen.values("connection").join(",").to_ascii_lowercase();
                assert!(!connection.contains("keysrv"), "{kind:?} {connection}");
            }
        }
    });
}

#[test]
fn a_connection_never_turns_into_another_protocol() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("k", &[]);
        for (upgrade, more) in [("h2c", "HTTP2-Settings"), ("websocket", "X-Other")] {
            let headers = [
                ("Connection", format!("Upgrade, {more}")),
                ("Upgrade", upgrade.to_owned()),
                ("HTTP2-Settings", "AAMAAABkAAQAAP__".to_owned()),
            ];
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let reply = rig.ask(&token, "GET", "/a", &headers);
            assert!(reply.status != 101, "{kind:?}");
            for seen in rig.upstream.take() {
                assert!(seen.values("upgrade").is_empty(), "{kind:?} {seen:?}");
            }
        }
    });
}

#[test]
fn the_clients_address_is_the_one_that_it_connects_from() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let token = rig.token("bound", &[]);
        let forged = [
            ("X-Forwarded-For", "203.0.113.7"),
            ("X-Real-IP", "203.0.113.7"),
            ("Forwarded", "for=203.0.113.7"),
            ("True-Client-IP", "203.0.113.7"),
        ];
        rig.pass(&token, "/a", &forged);
        // The server writes what it has counted once a second.
        let last_used_ip = || rig.place.json(&["show", "bound"])["last_used_ip"].clone();
        wait_until("the use is written", || last_used_ip().is_string());
        assert_eq!(last_used_ip(), "127.0.0.1", "{kind:?}");
        rig.place.run(&["set", "bound", "--allow-ip", "203.0.113.7"]).ok();
        let reply = rig.ask(&token, "GET", "/a", &forged);
        rig.refused(&reply, 403, "ip_denied");
        rig.place.run(&["set", "bound", "--allow-ip", "127.0.0.1"]).ok();
        rig.pass(&token, "/a", &[]);
    });
}

#[test]
fn a_key_with_many_scopes_passes_with_all_of_them() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &[]);
        let names: Vec<String> = (0..80).map(|n| format!("a-resource-with-a-long-name-{n}:read")).collect();
        for name in &names {
            rig.place.run(&["scope", "add", name]).ok();
        }
        let scopes: Vec<&str> = names.iter().map(String::as_str).collect();
        let token = rig.token("k", &scopes);
        let seen = rig.pass(&token, "/a", &[]);
        assert_eq!(seen.values("x-keysrv-scopes")[0].split(' ').count(), scopes.len(), "{kind:?}");
    });
}

#[test]
fn a_body_reaches_the_api_whole_and_keysrv_not_at_all() {
    with_each(|kind| {
        let mut rig = Rig::start(kind, &["POST /things"]);
        let token = rig.token("k", &[]);
        let body: Vec<u8> = (0..300_000_u32).map(|n| b'a' + u8::try_from(n % 26).unwrap()).collect();
        let (before, authorization) = (rig.relay.n_bytes(), basic(&token));
        let reply = rig.wire.post("POST", "/things", &[("Authorization", &authorization)], &body);
        assert_eq!(reply.status, 200, "{kind:?} {reply:?}");
        let [seen] = rig.upstream.take().try_into().unwrap();
        assert_eq!((seen.method.as_str(), seen.body.len()), ("POST", body.len()), "{kind:?}");
        assert!(seen.body == body, "{kind:?}");
        assert!(rig.relay.n_bytes() - before < 4096, "{kind:?}");
    });
}
