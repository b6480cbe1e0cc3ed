//! Plain HTTP, byte for byte: no client of a library would send what a forger sends.
//!
//! Every request has a connection of its own. A wait ends when the answer is there, when the person
//! presses Ctrl-C, or after longer than any proxy waits for keysrv.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::cli::exit::Failure;

/// Traefik waits for 30 seconds.
const WAIT_MAX: Duration = Duration::from_secs(40);
/// How often a wait looks whether it should end.
const LOOK: Duration = Duration::from_millis(200);
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// A proxy, by its address.
pub(super) struct Target {
    host: String,
    address: SocketAddr,
    is_interrupted: Arc<AtomicBool>,
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: String,
    /// The address that this machine spoke from.
    pub(super) from: IpAddr,
}

impl Reply {
    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }

    /// keysrv's verdict, where it was handed on.
    pub(super) fn code(&self) -> Option<&str> {
        self.header("x-keysrv-code")
    }
}

impl Target {
    /// Reads `http://HOST[:PORT]`.
    pub(super) fn parse(url: &str, is_interrupted: Arc<AtomicBool>) -> Result<Self, Failure> {
        if url.starts_with("https://") {
            let hint = "run it on the proxy's machine, against an address where the proxy speaks plain HTTP";
            return Err(Failure::usage(format!("`{url}` speaks TLS, which the doctor does not")).hint(hint));
        }
        let host = url.strip_prefix("http://").map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let host = host.filter(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']));
        let Some(host) = host else {
            return Err(Failure::usage(format!(
                "`{url}` is not like `http://api.example.com:8000`, without a path"
            )));
        };
        let has_port =
            host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let name = if has_port { host.to_owned() } else { format!("{host}:80") };
        let address = name.to_socket_addrs().ok().and_then(|mut found| found.next());
        let address = address.ok_or_else(|| Failure::new(format!("there is no machine `{host}`")))?;
        Ok(Self { host: host.to_owned(), address, is_interrupted })
    }

    /// Sends a request; `None` when the proxy closes the connection without an answer.
    pub(super) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Result<Option<Reply>, Failure> {
        let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !headers.iter().any(|(name, _)| *name == "Connection") {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        let no_answer =
            |error: std::io::Error| Failure::new(format!("no proxy answers on {}: {error}", self.address));
        let mut stream = TcpStream::connect_timeout(&self.address, WAIT_MAX).map_err(no_answer)?;
        stream.set_read_timeout(Some(LOOK)).map_err(no_answer)?;
        let from = stream.local_addr().map_err(no_answer)?.ip().to_canonical();
        // A proxy that refuses before it has read everything answers all the same.
        let _refused_already = stream.write_all(head.as_bytes());
        Ok(parse(&self.read(stream)?, from))
    }

    fn read(&self, stream: TcpStream) -> Result<String, Failure> {
        let end = Instant::now() + WAIT_MAX;
        let (mut stream, mut bytes) = (stream.take(ANSWER_BYTES_MAX), Vec::new());
        while !is_whole(&bytes) {
            self.require_going()?;
            let is_late = Instant::now() > end;
            match stream.read_to_end(&mut bytes) {
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) && !is_late => {}
                _ => break,
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// # Errors
    /// Once the person has pressed Ctrl-C.
    pub(super) fn require_going(&self) -> Result<(), Failure> {
        if self.is_interrupted.load(Ordering::Relaxed) {
            return Err(Failure::new("interrupted; the throw-away keys are removed"));
        }
        Ok(())
    }
}

/// Whether nothing more is to be expected of a connection that stays open.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let lengths = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths
        .next()
        .and_then(|(_, length)| length.trim().parse().ok())
        .is_some_and(|length: usize| body.len() >= length)
}

fn parse(answer: &str, from: IpAddr) -> Option<Reply> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Some(Reply { status, headers: lines.filter_map(header).collect(), body: body.to_owned(), from })
}
