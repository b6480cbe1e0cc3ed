//! The configurations that `proxy-config` prints, each running in the real proxy it is for, between
//! a client that sends any bytes and an API that remembers what reached it.

mod doctor;
mod faults;
mod identity;
mod program;
mod refusals;
mod relay;
mod spellings;
mod text;
mod upstream;
mod wire;

use std::sync::Arc;

use keysrv::app::App;
use keysrv::clock::SystemClock;
use keysrv::model::key::KeyChange;
use keysrv::model::limit::{LimitsChange, RateLimit};
use keysrv::model::proxy::ProxyKind;

use program::Proxy;
use relay::Relay;
use upstream::{Seen, Upstream};
use wire::{Reply, Wire};

use crate::app::{default, operator, reference};
use crate::harness::client::basic;
use crate::harness::{Place, Server};

/// The headers that tell the API who calls.
const IDENTITY: [&str; 8] = [
    "X-Keysrv-Key-Id",
    "X-Keysrv-Key-Name",
    "X-Keysrv-Project",
    "X-Keysrv-Account-Id",
    "X-Keysrv-Account-External-Id",
    "X-Keysrv-Scopes",
    "X-Keysrv-Expires-At",
    "X-Keysrv-Secret-Ends-At",
];

/// keysrv, a proxy that asks it, and an API behind the proxy.
struct Rig {
    kind: ProxyKind,
    place: Place,
    server: Server,
    relay: Relay,
    upstream: Upstream,
    proxy: Proxy,
    wire: Wire,
}

impl Rig {
    /// With these rules, as `METHOD PATTERN [SCOPE]…`.
    fn start(kind: ProxyKind, rules: &[&str]) -> Self {
        Self::start_with(kind, rules, &[])
    }

    /// With more arguments for `proxy-config`.
    fn start_with(kind: ProxyKind, rules: &[&str], args: &[&str]) -> Self {
        let place = Place::new();
        for rule in rules {
            let words: Vec<&str> = rule.split(' ').collect();
            place.run(&[&["route", "add"], words.as_slice()].concat()).ok();
        }
        let server = Server::start(&place);
        let relay = Relay::start(server.address());
        let upstream = Upstream::start();
        let (listen, url) = (relay.address.to_string(), upstream.url());
        let proxy = Proxy::start(kind, &place, &[&["--listen", &listen, "--upstream", &url], args].concat());
        upstream.take();
        let wire = proxy.wire();
        Self { kind, place, server, relay, upstream, proxy, wire }
    }

    /// A new key's token.
    fn token(&self, name: &str, scopes: &[&str]) -> String {
        let mut args = vec![name];
        for scope in scopes {
            args.extend(["--scope", scope]);
        }
        if scopes.is_empty() {
            args.extend(["--preset", "none"]);
        }
        self.place.create(&args)
    }

    /// Lets a key be used this often, as `REQUESTS/SECONDS`.
    fn limit(&self, name: &str, rate: &str) {
        let app = App::open(&self.place.data(), Arc::new(SystemClock)).unwrap();
        let limits =
            LimitsChange { rate: Some(Some(RateLimit::parse(rate).unwrap())), ..LimitsChange::default() };
        let change = KeyChange { limits, ..KeyChange::default() };
        app.set_key(&operator(), &default(), &reference(name), &change).unwrap();
    }

    /// Asks with a token.
    #[track_caller]
    fn ask(&mut self, token: &str, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        let authorization = basic(token);
        let headers = [&[("Authorization", authorization.as_str())], headers].concat();
        self.wire.ask(method, target, &headers)
    }

    /// Gets with a token; requires that it is let through, and answers with what reached the API.
    #[track_caller]
    fn pass(&mut self, token: &str, target: &str, headers: &[(&str, &str)]) -> Seen {
        let reply = self.ask(token, "GET", target, headers);
        let seen = self.upstream.take();
        let [seen] = seen.as_slice() else {
            panic!(
                "{}: {target} did not pass once: {reply:?} {seen:?}\n{}",
                self.kind.as_str(),
                self.proxy.log()
            )
        };
        assert_eq!((reply.status, reply.body.as_str()), (200, format!("GET {target}").as_str()));
        seen.clone()
    }

    /// Requires that the answer is a refusal with this status and code, and that nothing reached the API.
    #[track_caller]
    fn refused(&self, reply: &Reply, status: u16, code: &str) {
        assert_eq!((reply.status, reply.code()), (status, code), "{}: {reply:?}", self.kind.as_str());
        assert!(self.upstream.take().is_empty(), "{}", self.kind.as_str());
    }
}

/// Runs a test that waits with every proxy at once.
fn with_all(test: impl Fn(ProxyKind) + Sync) {
    std::thread::scope(|scope| {
        for kind in ProxyKind::ALL {
            let test = &test;
            scope.spawn(move || test(kind));
        }
    });
}

/// Runs a test with every proxy.
fn with_each(test: impl Fn(ProxyKind)) {
    for kind in ProxyKind::ALL {
        test(kind);
    }
}
