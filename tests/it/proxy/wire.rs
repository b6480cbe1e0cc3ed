//! A client that sends any bytes at all over one connection, and reads what comes back.
//!
//! A server that closes the connection is asked on a new one next time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any proxy waits for keysrv.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// The one value of a header.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let value = values.next();
        assert!(values.next().is_none(), "{name} twice: {self:?}");
        value.map(|(_, value)| value.as_str())
    }

    /// The verdict, in the header.
    #[track_caller]
    pub fn code(&self) -> &str {
        self.header("x-keysrv-code").unwrap_or("none")
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A client of one server.
pub struct Wire {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Wire {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request; `None` when the connection ends without a whole answer.
    pub fn send(&mut self, request: &[u8]) -> Option<Reply> {
        let is_head = request.starts_with(b"HEAD ");
        // A connection that was kept open may have been closed meanwhile, which is no answer yet.
        let was_open = self.stream.is_some();
        let reply = self.try_send(request, is_head);
        let reply = if reply.is_none() && was_open { self.try_send(request, is_head) } else { reply };
        let is_last = |reply: &Reply| {
            let connection = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("connection"));
            connection.is_some_and(|(_, value)| value.eq_ignore_ascii_case("close"))
        };
        if reply.as_ref().is_none_or(is_last) {
            self.stream = None;
        }
        reply
    }

    fn try_send(&mut self, request: &[u8], is_head: bool) -> Option<Reply> {
        let mut stream = self.stream.take().or_else(|| connect(self.address))?;
        let _refused_already = stream.get_mut().write_all(request);
        let reply = read(&mut stream, is_head)?;
        self.stream = Some(stream);
        Some(reply)
    }

    /// A request with these headers; it must be answered.
    #[track_caller]
    pub fn ask(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.post(method, target, headers, b"")
    }

    /// A request with a body; it must be answered.
    #[track_caller]
    pub fn post(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: api\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let request = [request.as_bytes(), b"\r\n", body].concat();
        self.send(&request).unwrap_or_else(|| panic!("no answer to {method} {target}"))
    }
}

fn connect(address: SocketAddr) -> Option<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(WAIT_MAX)).ok()?;
    Some(BufReader::new(stream))
}

fn read(stream: &mut BufReader<TcpStream>, is_head: bool) -> Option<Reply> {
    let line = read_line(stream)?;
    let status: u16 = line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let mut reply = Reply { status, headers: Vec::new(), body: String::new() };
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        reply.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if (100..200).contains(&status) && status != 101 {
        return read(stream, is_head);
    }
    let get =
        |name: &str| reply.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let (length, coding) = (get("content-length"), get("transfer-encoding"));
    let mut body = Vec::new();
    if is_head || status == 204 || status == 304 {
    } else if coding.as_deref() == Some("chunked") {
        loop {
            let n = usize::from_str_radix(&read_line(stream)?, 16).ok()?;
            let mut chunk = vec![0; n + 2];
            stream.read_exact(&mut chunk).ok()?;
            body.extend_from_slice(&chunk[..n]);
            if n == 0 {
                break;
            }
        }
    } else if let Some(length) = length {
        body = vec![0; length.parse().ok()?];
        stream.read_exact(&mut body).ok()?;
    } else {
        let _until_closed = stream.read_to_end(&mut body);
        reply.headers.push(("connection".to_owned(), "close".to_owned()));
    }
    reply.body = String::from_utf8_lossy(&body).into_owned();
    Some(reply)
}

fn read_line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).ok().filter(|n| *n > 0)?;
    Some(String::from_utf8_lossy(&line).trim_end().to_owned())
}
