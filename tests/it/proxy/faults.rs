//! Whatever is wrong with keysrv, nobody passes who may not; and all is well again afterwards.

use rustix::process::Signal;

use super::{ProxyKind, Rig, with_all, with_each};
use crate::harness::wait_until;

/// A rig with a good key, one that lacks a scope, and one that was switched off.
fn rig(kind: ProxyKind) -> (Rig, String, [String; 2]) {
    let rig = Rig::start(kind, &["GET /things/* unified:read"]);
    let good = rig.token("good", &["unified:read"]);
    let bad = [rig.token("weak", &[]), rig.token("off", &["unified:read"])];
    rig.place.run(&["disable", "off"]).ok();
    (rig, good, bad)
}

/// Requires that a request with this token, and one without any, does not pass.
#[track_caller]
fn nobody_passes(rig: &mut Rig, token: &str, what: &str) {
    let kind = rig.kind;
    let with = rig.ask(token, "GET", "/things/1", &[]);
    let without = rig.wire.ask("GET", "/things/1", &[]);
    for reply in [with, without] {
        assert!((400..600).contains(&reply.status), "{kind:?} {what}: {reply:?}");
        assert!(
            !reply.headers.iter().any(|(name, _)| name == "x-keysrv-key-id"),
            "{kind:?} {what}: {reply:?}"
        );
    }
    assert!(rig.upstream.take().is_empty(), "{kind:?} {what}");
}

/// Requires that a proxy that gets no answer about a good key refuses it in the end.
#[track_caller]
fn waits_in_vain(rig: &mut Rig, good: &str) {
    let reply = rig.ask(good, "GET", "/things/1", &[]);
    assert!(reply.status >= 500, "{:?} {reply:?}", rig.kind);
    assert!(rig.upstream.take().is_empty(), "{:?}", rig.kind);
}

#[test]
fn while_keysrv_is_stopped_nobody_passes() {
    with_each(|kind| {
        let (mut rig, good, _) = rig(kind);
        rig.pass(&good, "/things/1", &[]);
        rig.server.signal(Signal::KILL);
        let address = rig.server.address().parse().unwrap();
        wait_until("keysrv has ended", || {
            std::net::TcpStream::connect::<std::net::SocketAddr>(address).is_err()
        });
        nobody_passes(&mut rig, &good, "killed");
        let reply = rig.ask(&good, "GET", "/things/1", &[]);
        assert!(reply.status >= 500, "{kind:?} {reply:?}");
    });
}

#[test]
fn while_keysrv_is_paused_nobody_passes_and_then_all_is_well() {
    with_all(|kind| {
        let (mut rig, good, _) = rig(kind);
        rig.pass(&good, "/things/1", &[]);
        rig.server.pause();
        waits_in_vain(&mut rig, &good);
        rig.server.resume();
        let authorization = crate::harness::client::basic(&good);
        wait_until("it passes again", || {
            rig.wire.ask("GET", "/things/1", &[("Authorization", &authorization)]).status == 200
        });
    });
}

#[test]
fn an_answer_that_never_comes_is_a_refusal() {
    with_all(|kind| {
        let (mut rig, good, _) = rig(kind);
        rig.relay.hold_back();
        waits_in_vain(&mut rig, &good);
    });
}

#[test]
fn an_answer_that_is_no_verdict_is_a_refusal() {
    let answers = [
        "HTTP/1.1 302 Found\r\nLocation: http://api/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200",
        "200 OK\r\n\r\n",
        "",
    ];
    with_each(|kind| {
        let (mut rig, good, _) = rig(kind);
        for answer in answers {
            rig.relay.answer(answer.as_bytes());
            let authorization = crate::harness::client::basic(&good);
            let request =
                format!("GET /things/1 HTTP/1.1\r\nHost: api\r\nAuthorization: {authorization}\r\n\r\n");
            let reply = rig.wire.send(request.as_bytes());
            assert!(reply.as_ref().is_none_or(|reply| reply.status >= 300), "{kind:?} {answer:?}: {reply:?}");
            assert!(rig.upstream.take().is_empty(), "{kind:?} {answer:?}");
        }
    });
}

#[test]
fn while_the_database_is_locked_nobody_passes_who_may_not() {
    with_each(|kind| {
        let (mut rig, good, bad) = rig(kind);
        let writer = rusqlite::Connection::open(rig.place.data().join("keysrv.db")).unwrap();
        writer.execute_batch("BEGIN IMMEDIATE").unwrap();
        // A verification reads, and nobody who writes is in its way.
        rig.pass(&good, "/things/1", &[]);
        for token in &bad {
            nobody_passes(&mut rig, token, "locked");
        }
    });
}

#[test]
fn while_the_database_is_missing_or_broken_nobody_passes_who_may_not() {
    with_each(|kind| {
        let (mut rig, _, bad) = rig(kind);
        let files = ["keysrv.db", "keysrv.db-wal"].map(|name| rig.place.data().join(name));
        for file in &files {
            std::fs::File::options().write(true).open(file).unwrap().set_len(0).unwrap();
        }
        for token in &bad {
            nobody_passes(&mut rig, token, "broken");
        }
        for file in &files {
            std::fs::remove_file(file).unwrap();
        }
        for token in &bad {
            nobody_passes(&mut rig, token, "missing");
        }
    });
}
