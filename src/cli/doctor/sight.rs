//! What reaches the API: seen by standing in for it, told by an address of its own that echoes the
//! request, or guessed from the status.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::wire::Reply;
use crate::cli::exit::Failure;

const WAIT: Duration = Duration::from_secs(10);
const HEAD_BYTES_MAX: u64 = 256 * 1024;

/// How the doctor sees what reaches the API.
pub(super) enum Sight {
    /// The doctor is the API.
    StandIn(Arc<Mutex<Vec<String>>>),
    /// The API answers with the request that it got.
    Echo,
    /// Not at all.
    None,
}

/// What is known about one request.
#[derive(Debug)]
pub(super) struct Look {
    /// Whether the API got it.
    pub(super) has_passed: bool,
    /// What the API got: the head, or what its echo says.
    pub(super) text: Option<String>,
    /// The address that it got, byte for byte.
    pub(super) target: Option<String>,
}

impl Sight {
    /// Listens in place of the API, until the program ends.
    pub(super) fn stand_in(address: SocketAddr) -> Result<Self, Failure> {
        let listener = TcpListener::bind(address).map_err(|error| {
            Failure::new(format!("cannot stand in for the API on {address}: {error}"))
                .hint("stop the API for as long as the doctor runs, or point the proxy elsewhere")
        })?;
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || answer(&stream, &seen));
            }
        });
        Ok(Self::StandIn(heads))
    }

    /// Looks at what has become of the request that carried `mark`.
    pub(super) fn look(&self, reply: Option<&Reply>, mark: &str) -> Look {
        match self {
            Self::StandIn(heads) => {
                let mut heads = heads.lock().unwrap_or_else(PoisonError::into_inner);
                let found = heads.iter().position(|head| head.contains(mark)).map(|at| heads.swap_remove(at));
                let target = found.as_deref().and_then(target_of);
                Look { has_passed: found.is_some(), text: found, target }
            }
            Self::Echo => {
                let text = reply.map(|reply| reply.body.clone()).filter(|body| body.contains(mark));
                Look { has_passed: text.is_some(), text, target: None }
            }
            Self::None => {
                let passed = reply.is_some_and(|reply| reply.status < 400 && reply.code().is_none());
                Look { has_passed: passed, text: None, target: None }
            }
        }
    }

    /// Whether it sees addresses as the API gets them.
    pub(super) fn sees_targets(&self) -> bool {
        matches!(self, Self::StandIn(_))
    }

    /// Whether it sees more than statuses.
    pub(super) fn is_there(&self) -> bool {
        !matches!(self, Self::None)
    }
}

fn target_of(head: &str) -> Option<String> {
    let (_, rest) = head.lines().next()?.split_once(' ')?;
    rest.rsplit_once(' ').map(|(target, _)| target.to_owned())
}

/// Answers every request of a connection, and remembers its head.
fn answer(stream: &TcpStream, seen: &Mutex<Vec<String>>) {
    let _no_matter = stream.set_read_timeout(Some(WAIT));
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(head) = read_head(&mut reader) {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(head);
        let told =
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\nproxy-doctor\r\n";
        if writer.write_all(told).is_err() {
            return;
        }
    }
}

fn read_head(reader: &mut impl BufRead) -> Option<String> {
    let mut head = Vec::new();
    let mut limited = reader.take(HEAD_BYTES_MAX);
    while !head.ends_with(b"\r\n\r\n") {
        limited.read_until(b'\n', &mut head).ok().filter(|n| *n > 0)?;
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}
