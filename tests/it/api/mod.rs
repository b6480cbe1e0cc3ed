//! The API over HTTP: a real server on a port of its own, and bytes on a socket.
//!
//! The client is written here, since what is asked is often what no proper client would send.

mod accounts;
mod addresses;
mod bodies;
mod clients;
mod docs;
mod edge;
mod failing;
mod faults;
mod forward_auth;
mod forwarded;
mod health;
mod hot;
mod keys;
mod lane;
mod limits;
mod manage;
mod metrics;
mod openapi;
pub(crate) mod order;
mod refusals;
mod routes;
mod schemathesis;
mod slow;
mod statics;
mod stop;
mod together;
mod usage;
mod verify;
mod whoami;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Deref;
use std::sync::mpsc::channel;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keysrv::config::MetricsAccess;
use keysrv::web::server::{self, ServerSettings};

use crate::app::Fixture;

/// Longer than any answer takes, the slowest refusal included.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// What every answer begins with.
const STATUS: &[u8] = b"HTTP/1.1 ";
/// A request after which the server closes.
const LAST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: keys.test\r\nConnection: close\r\n\r\n";

/// A server on its own database; it serves until the test binary ends.
pub(crate) struct Server {
    fixture: Fixture,
    pub(crate) address: SocketAddr,
}

impl Deref for Server {
    type Target = Fixture;

    fn deref(&self) -> &Fixture {
        &self.fixture
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with(&["127.0.0.0/8", "::1/128"])
    }

    pub(crate) fn start_with(trusted_proxies: &[&str]) -> Self {
        Self::start_on(Fixture::new(), trusted_proxies)
    }

    pub(crate) fn start_on(fixture: Fixture, trusted_proxies: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let settings = ServerSettings {
            workers: 1,
            base_url: None,
            metrics: MetricsAccess::Loopback,
            retention: keysrv::model::usage::Retention::default(),
            trusted_proxies: trusted_proxies.iter().map(|network| network.parse().unwrap()).collect(),
        };
        let (ready, is_ready) = channel();
        let app = fixture.app.clone();
        std::thread::spawn(move || server::serve(listener, app, settings, move || ready.send(()).unwrap()));
        is_ready.recv_timeout(WAIT_MAX).unwrap();
        Self { fixture, address }
    }

    /// A key's token.
    pub(crate) fn token(&self, name: &str) -> String {
        self.create(name).token.expose().to_owned()
    }

    pub(crate) fn get(&self, target: &str) -> Request<'_> {
        self.request("GET", target)
    }

    pub(crate) fn post(&self, target: &str, body: impl Into<Vec<u8>>) -> Request<'_> {
        let request = self.request("POST", target).header("Content-Type", "application/json");
        Request { body: body.into(), ..request }
    }

    pub(crate) fn request(&self, method: &str, target: &str) -> Request<'_> {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: keys.test\r\n");
        Request { server: self, head, body: Vec::new() }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(WAIT_MAX)).unwrap();
        stream
    }

    /// Sends bytes as they are and reads until the server closes.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Response {
        let mut stream = self.connect();
        // The server may answer and close before everything is sent.
        let _sent = stream.write_all(bytes);
        Response::parse(&read_to_end(stream))
    }
}

/// Reads until the server closes, however it does.
pub(crate) fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_ne!(
            error.kind(),
            std::io::ErrorKind::WouldBlock,
            "the server did not close within {WAIT_MAX:?}"
        );
    }
    bytes
}

/// A request that is being put together.
pub(crate) struct Request<'a> {
    server: &'a Server,
    head: String,
    body: Vec<u8>,
}

impl Request<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head = format!("{}{name}: {value}\r\n", self.head);
        self
    }

    pub(crate) fn body(self, body: &str) -> Self {
        self.bytes(body.as_bytes())
    }

    pub(crate) fn bytes(self, body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..self }
    }

    /// Presents a token as people do.
    pub(crate) fn key(self, token: &str) -> Self {
        self.header("Authorization", &basic(token))
    }

    /// Sends it as the last on its connection, so that the framework answers it.
    pub(crate) fn send_last(self) -> Response {
        let n = self.body.len();
        let whole = self.header("Connection", "close");
        let whole = if n > 0 { whole.header("Content-Length", &n.to_string()) } else { whole };
        let Request { server, head, body } = whole;
        server.raw(&[head.as_bytes(), b"\r\n", &body].concat())
    }

    /// Sends it on a connection that goes on, as clients of an API do.
    pub(crate) fn send(self) -> Response {
        if !self.body.is_empty() {
            return self.send_last();
        }
        let bytes = [self.head.as_bytes(), b"\r\n", LAST].concat();
        let mut stream = self.server.connect();
        let _sent = stream.write_all(&bytes);
        let bytes = read_to_end(stream);
        let last = bytes.windows(STATUS.len()).rposition(|window| window == STATUS).filter(|at| *at > 0);
        Response::parse(last.map_or(&bytes, |at| &bytes[..at]))
    }
}

pub(crate) fn basic(token: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{token}:")))
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_lowercase(), value.to_owned())
        });
        Self { status, headers: headers.collect(), body: body.to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The verdict's or error's code in the body.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_else(|| panic!("no code: {self:?}")).to_owned()
    }

    /// Status, the headers that are not the same everywhere, and the body with line breaks.
    pub(crate) fn shown(&self) -> String {
        let id = self.header("x-request-id").unwrap();
        assert!(id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        let mut shown = format!("{}\n", self.status);
        let mut headers: Vec<_> =
            self.headers.iter().filter(|(name, _)| !EVERYWHERE.contains(&name.as_str())).collect();
        headers.sort();
        for (name, value) in headers {
            shown = format!("{shown}{name}: {value}\n");
        }
        format!("{shown}\n{}", self.body.replace(",\"", ",\n\"").replace(id, "[id]"))
    }
}

/// Headers that every answer has, and those that only say how it travels.
const EVERYWHERE: [&str; 11] = [
    "cache-control",
    "connection",
    "content-length",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "permissions-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-request-id",
];
