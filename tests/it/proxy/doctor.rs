//! `proxy-doctor`: it finds nothing wrong with what `proxy-config` prints, and names each way in
//! which a hand-made nginx configuration is known to go wrong.

use std::net::TcpListener;
use std::process::Stdio;

use keysrv::model::proxy::ProxyKind;
use serde_json::Value;

use super::program::Proxy;
use super::with_each;
use crate::harness::{Outcome, Place, Server, wait_until};

/// keysrv and a proxy, and nobody where the API should be.
struct Clinic {
    place: Place,
    server: Server,
    proxy: Proxy,
    api: String,
}

impl Clinic {
    fn open(kind: ProxyKind, listen: &str, edit: impl Fn(String) -> String) -> Self {
        let place = Place::new();
        place.run(&["route", "add", "GET", "/things/*", "unified:read"]).ok();
        let server = Server::start(&place);
        let api = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let url = format!("http://{api}");
        let args = ["--listen", server.address(), "--upstream", &url];
        let proxy = Proxy::start_on(listen, kind, &place, &args, edit);
        Self { place, server, proxy, api }
    }

    fn examine(&self) -> Outcome {
        self.examine_with(&["--stand-in", &self.api])
    }

    fn examine_with(&self, args: &[&str]) -> Outcome {
        let url = format!("http://{}", self.proxy.address);
        let outcome =
            self.place.run(&[&["proxy-doctor", &url, "--path", "/things/1", "--json"], args].concat());
        assert!(outcome.stdout.starts_with('{'), "{outcome:?}\n{}", self.proxy.log());
        let keys = self.place.json(&["list"]);
        assert_eq!(keys["data"].as_array().unwrap().len(), 0, "the throw-away keys are gone");
        outcome
    }
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(outcome.stdout.trim_end()).unwrap()
}

#[test]
fn what_is_printed_is_found_healthy() {
    with_each(|kind| {
        let clinic = Clinic::open(kind, "127.0.0.1", |text| text);
        let outcome = clinic.examine().ok();
        let report = report(&outcome);
        assert_eq!(report["findings"].as_array().unwrap().len(), 0, "{kind:?} {report}");
        let passed =
            ["open", "challenge", "reaches", "token", "identity", "paths", "limit", "address", "cache"];
        assert_eq!(report["passed"], serde_json::json!(passed), "{kind:?}");
        clinic.server.signal(rustix::process::Signal::KILL);
        wait_until("keysrv has ended", || std::net::TcpStream::connect(clinic.server.address()).is_err());
        let report = self::report(&clinic.examine().ok());
        assert_eq!(report["passed"], serde_json::json!(["down"]), "{kind:?} {report}");
    });
}

/// A change of the printed configuration that breaks it, and what the doctor says about it.
struct Wrong {
    change: &'static [(&'static str, &'static str)],
    check: &'static str,
    detail: &'static str,
    fix: &'static str,
}

const WRONG: &[Wrong] = &[
    Wrong {
        change: &[("auth_request /.keysrv/ask;", "")],
        check: "open",
        detail: "`/things/1` passes without a key",
        fix: "`auth_request` in every `location`",
    },
    // A location of its own for some addresses, without the question.
    Wrong {
        change: &[(
            "    location / {",
            "    location ~ \";$\" { proxy_pass http://keysrv_protects; }\n    location / {",
        )],
        check: "open",
        detail: "`/things/1;` passes without a key",
        fix: "`auth_request` in every `location`",
    },
    Wrong {
        change: &[("error_page 401 403 = @keysrv_refused;", "")],
        check: "challenge",
        detail: "without its problem document",
        fix: "put it together again",
    },
    Wrong {
        change: &[("error_page 401 403 = @keysrv_refused;", "error_page 401 = @keysrv_failed;")],
        check: "challenge",
        detail: "is answered 503 instead of 401",
        fix: "let the proxy reach keysrv",
    },
    Wrong {
        change: &[("        add_header Cache-Control \"no-store\" always;\n        set ", "        set ")],
        check: "cache",
        detail: "a refusal may be kept",
        fix: "hand on `Cache-Control`",
    },
    Wrong {
        change: &[
            ("server 127.0.0.1:", "server 127.0.0.2:"),
            ("keepalive_timeout 20s;", "keepalive_timeout 20s; # nobody"),
        ],
        check: "reaches",
        detail: "does not pass: 503 `unavailable`",
        fix: "let the proxy reach keysrv",
    },
    Wrong {
        change: &[("proxy_set_header X-Original-URI $request_uri;", "")],
        check: "reaches",
        detail: "does not pass: 403 `no_route`",
        fix: "let the proxy tell keysrv method and path",
    },
    Wrong {
        change: &[("project=default", "project=staging")],
        check: "reaches",
        detail: "does not pass: 401 `not_found`",
        fix: "`--project` here",
    },
    Wrong {
        change: &[("proxy_set_header X-Keysrv-Scopes $keysrv_scopes;", "")],
        check: "identity",
        detail: "`X-Keysrv-Scopes: forged-5-` reaches the API",
        fix: "let the proxy set every `X-Keysrv-` header",
    },
    Wrong {
        change: &[("underscores_in_headers off;", "underscores_in_headers on;")],
        check: "identity",
        detail: "`X_Keysrv_Key_Id` reaches the API",
        fix: "`underscores_in_headers off`",
    },
    Wrong {
        change: &[(
            "proxy_set_header X-Keysrv-Key-Id $keysrv_key_id;",
            "proxy_set_header X-Keysrv-Key-Id -;",
        )],
        check: "identity",
        detail: "does not learn which key calls",
        fix: "hand on every `X-Keysrv-` header",
    },
    Wrong {
        change: &[("        proxy_set_header Authorization \"\";\n", "")],
        check: "token",
        detail: "the API gets the caller's token",
        fix: "delete `Authorization`",
    },
    Wrong {
        change: &[
            ("X-Original-URI $request_uri;", "X-Original-URI $keysrv_asked;"),
            ("auth_request /.keysrv/ask;", "set $keysrv_asked $uri; auth_request /.keysrv/ask;"),
        ],
        check: "paths",
        detail: "keysrv was asked about another path",
        fix: "not `$uri`",
    },
    Wrong {
        change: &[
            ("X-Original-URI $request_uri;", "X-Original-URI $keysrv_asked;"),
            (
                "server {\n    listen",
                "map $http_x_original_uri $keysrv_asked { '' $request_uri; default $http_x_original_uri; }\nserver {\n    listen",
            ),
        ],
        check: "paths",
        detail: "what the client's own `X-Original-URI` says",
        fix: "in place of headers that a client may send",
    },
    Wrong {
        change: &[("if ($keysrv_true_status = 429)", "if ($keysrv_true_status = 430)")],
        check: "limit",
        detail: "answered 403 instead of 429",
        fix: "turn nginx's 403",
    },
    Wrong {
        change: &[("add_header Retry-After $keysrv_retry_after always;", "")],
        check: "limit",
        detail: "without `Retry-After`",
        fix: "hand on `Retry-After`",
    },
    Wrong {
        change: &[(
            "        proxy_set_header X-Forwarded-For $remote_addr;\n        # A verdict",
            "        # A verdict",
        )],
        check: "address",
        detail: "the client's own `X-Forwarded-For`",
        fix: "`$remote_addr`",
    },
    Wrong {
        change: &[
            ("upstream keysrv {", "proxy_cache_path cache keys_zone=asked:1m;\nupstream keysrv {"),
            (
                "        proxy_cache off;\n        proxy_connect",
                "        proxy_cache asked; proxy_cache_key $http_authorization; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control;\n        proxy_connect",
            ),
        ],
        check: "cache",
        detail: "switched off a moment ago still passes",
        fix: "keep no verdicts",
    },
    Wrong {
        change: &[
            ("upstream keysrv {", "proxy_cache_path cache keys_zone=read:1m;\nupstream keysrv {"),
            (
                "        proxy_cache off;\n        proxy_hide",
                "        proxy_cache read; proxy_cache_valid 1m;\n        proxy_hide",
            ),
        ],
        check: "cache",
        detail: "answered without the API",
        fix: "keep no answers of the API",
    },
];

#[test]
fn each_way_to_get_nginx_wrong_is_named_with_its_fix() {
    let unnamed: Vec<String> = WRONG.iter().filter_map(unnamed).collect();
    assert!(unnamed.is_empty(), "{}", unnamed.join("\n"));
}

/// What the doctor says instead.
fn unnamed(wrong: &Wrong) -> Option<String> {
    let clinic = Clinic::open(ProxyKind::Nginx, "127.0.0.1", |text| broken(text, wrong.change));
    let outcome = clinic.examine();
    let report = report(&outcome);
    let is_named = |finding: &Value| {
        let has = |field: &str, text: &str| finding[field].as_str().unwrap().contains(text);
        finding["check"] == wrong.check && has("detail", wrong.detail) && has("fix", wrong.fix)
    };
    let named = report["findings"].as_array().unwrap().iter().any(is_named);
    let is_told = outcome.status == 1 && outcome.stderr.starts_with("error: the doctor has ");
    (!named || !is_told).then(|| format!("{:?}: {report:#}\n{}", wrong.change, clinic.proxy.log()))
}

fn broken(text: String, change: &[(&str, &str)]) -> String {
    change.iter().fold(text, |text, (good, bad)| {
        assert!(text.contains(good), "{good}\n{text}");
        text.replace(good, bad)
    })
}

#[test]
fn a_lost_client_address_is_found_wherever_the_proxy_listens() {
    let sent = "        proxy_set_header X-Forwarded-For $remote_addr;\n        # A verdict";
    let lost = "        # A verdict";
    let another = "        proxy_set_header X-Forwarded-For 127.0.0.9;\n        # A verdict";
    let cases = [
        ("127.0.0.1", lost, "keysrv does not learn the client's address"),
        ("::1", lost, "keysrv does not learn the client's address"),
        ("::1", another, "keysrv takes 127.0.0.9, a proxy's address, for that of the client ::1"),
    ];
    for (listen, change, told) in cases {
        let clinic = Clinic::open(ProxyKind::Nginx, listen, |text| broken(text, &[(sent, change)]));
        let report = report(&clinic.examine().status(1));
        let found = report["findings"].as_array().unwrap();
        assert!(found.iter().any(|finding| finding["detail"] == told), "{listen} {told}: {report:#}");
    }
    let clinic = Clinic::open(ProxyKind::Nginx, "::1", |text| text);
    clinic.examine().ok();
}

// nginx itself puts the challenge into every 401 that it hands on.
#[test]
fn a_lost_challenge_is_found() {
    let asks = "            header_up -Cookie";
    let change = [(asks, "            header_up -Cookie\n            header_down -WWW-Authenticate")];
    let change = change.map(|(good, bad)| (good.replace("    ", "\t"), bad.replace("    ", "\t")));
    let change = change.each_ref().map(|(good, bad)| (good.as_str(), bad.as_str()));
    let clinic = Clinic::open(ProxyKind::Caddy, "127.0.0.1", |text| broken(text, &change));
    let report = report(&clinic.examine().status(1));
    assert_eq!(report["findings"][0]["detail"], "a 401 arrives without `WWW-Authenticate`", "{report:#}");
}

#[test]
fn a_client_that_has_the_identity_dropped_is_found() {
    let clinic = Clinic::open(ProxyKind::Caddy, "127.0.0.1", |text| {
        broken(text, &[("request_header -Connection", "")])
    });
    let report = report(&clinic.examine().status(1));
    assert!(report["findings"][0]["detail"].as_str().unwrap().contains("in `Connection`"), "{report:#}");
}

#[test]
fn a_proxy_that_lets_pass_while_keysrv_is_down_is_found() {
    let open = "error_page 500 = @keysrv_open;";
    let around = "    location @keysrv_open { proxy_pass http://keysrv_protects; }\n\n    location / {";
    let change = [("error_page 500 = @keysrv_failed;", open), ("    location / {", around)];
    let clinic = Clinic::open(ProxyKind::Nginx, "127.0.0.1", |text| broken(text, &change));
    clinic.examine().ok();
    clinic.server.signal(rustix::process::Signal::KILL);
    wait_until("keysrv has ended", || std::net::TcpStream::connect(clinic.server.address()).is_err());
    let report = report(&clinic.examine().status(1));
    let told = "while keysrv is stopped, a request with a good key passes";
    assert_eq!(report["findings"][0]["detail"], told, "{report:#}");
}

#[test]
fn interrupted_it_leaves_no_key_behind() {
    let place = Place::new();
    // Takes the connection and never answers. No server runs, so that a key is made first.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut doctor = place.command(&["proxy-doctor", &url]).stderr(Stdio::null()).spawn().unwrap();
    let n_keys = || place.json(&["list"])["data"].as_array().unwrap().len();
    wait_until("a key is made", || n_keys() == 1);
    let id = rustix::process::Pid::from_raw(i32::try_from(doctor.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert_eq!(doctor.wait().unwrap().code(), Some(1));
    assert_eq!(n_keys(), 0);
}

#[test]
fn without_sight_it_says_what_it_cannot_try() {
    let clinic = Clinic::open(ProxyKind::Nginx, "127.0.0.1", |text| text);
    // The API is not there, so that even a good key does not pass.
    let report = report(&clinic.examine_with(&[]).status(1));
    assert_eq!(report["findings"][0]["check"], "reaches", "{report:#}");
    let skipped = report["not_tried"].as_array().unwrap();
    assert!(skipped.iter().any(|skipped| skipped["check"] == "cache"), "{report:#}");
}

#[test]
fn what_it_cannot_examine_is_refused() {
    let place = Place::new();
    place.run(&["route", "add", "GET", "/a"]).ok();
    let cases: [(&[&str], &str); 5] = [
        (&["https://127.0.0.1"], "speaks TLS"),
        (&["127.0.0.1"], "is not like"),
        (&["http://127.0.0.1/a"], "without a path"),
        (&["http://127.0.0.1", "--path", "/b"], "no route rule allows `GET /b`"),
        (&["http://127.0.0.1:1", "--path", "/a"], "no proxy answers on 127.0.0.1:1"),
    ];
    for (args, message) in cases {
        let args = if args.contains(&"--path") { args.to_vec() } else { [args, &["--path", "/a"]].concat() };
        let outcome = place.run(&[&["proxy-doctor"], args.as_slice()].concat());
        assert!(outcome.status != 0 && outcome.stderr.contains(message), "{outcome:?}");
    }
    assert_eq!(place.json(&["list"])["data"].as_array().unwrap().len(), 0, "no key is left behind");
}
