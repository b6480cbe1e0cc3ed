//! The API behind the proxy: it answers everything, and remembers exactly what reached it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One request as it arrived. Bytes that are no ASCII stand as Latin-1.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    /// The values of a header, however its name is written.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// An API on a port of its own, until it is dropped.
pub struct Upstream {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    has_ended: Arc<AtomicBool>,
}

impl Upstream {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, has_ended) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<AtomicBool>::default());
        let (all, end) = (Arc::clone(&seen), Arc::clone(&has_ended));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if end.load(Ordering::Acquire) {
                    return;
                }
                let all = Arc::clone(&all);
                std::thread::spawn(move || serve(&stream, &all));
            }
        });
        Self { address, seen, has_ended }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has reached it since this was last asked.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::Release);
        let _woken = TcpStream::connect(self.address);
    }
}

fn serve(stream: &TcpStream, all: &Mutex<Vec<Seen>>) {
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let _no_matter = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(seen) = read(&mut reader) {
        let text =
            if seen.method == "HEAD" { String::new() } else { format!("{} {}", seen.method, seen.target) };
        all.lock().unwrap().push(seen);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: public, max-age=60\r\n\
                    Expires: Thu, 01 Jan 2099 00:00:00 GMT\r\n";
        let answer = format!("{head}Content-Length: {}\r\n\r\n{text}", text.chars().count());
        let bytes: Vec<u8> = answer.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
        if writer.write_all(&bytes).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Seen> {
    let line = read_line(reader)?;
    let mut words = line.splitn(2, ' ');
    let method = words.next()?.to_owned();
    let target = words.next()?.rsplit_once(' ')?.0.to_owned();
    let mut seen = Seen { method, target, ..Seen::default() };
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        seen.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if let Some(length) = seen.values("content-length").first() {
        seen.body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut seen.body).ok()?;
    } else if seen.values("transfer-encoding").first() == Some(&"chunked") {
        loop {
            let n = usize::from_str_radix(read_line(reader)?.split(';').next()?, 16).ok()?;
            let mut chunk = vec![0; n + 2];
            reader.read_exact(&mut chunk).ok()?;
            seen.body.extend_from_slice(&chunk[..n]);
            if n == 0 {
                break;
            }
        }
    }
    Some(seen)
}

/// A line without its end, a character for each byte.
fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok().filter(|n| *n > 0)?;
    let line = line.strip_suffix(b"\n")?;
    Some(line.strip_suffix(b"\r").unwrap_or(line).iter().map(|byte| char::from(*byte)).collect())
}
