//! One connection that asks again and again, cheaply enough to keep a server busy.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::client::basic;

/// A connection that stays open.
pub struct Connection {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Connection {
    /// Connects to `127.0.0.1:PORT`.
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self { stream: BufReader::new(stream), host: address.to_owned() })
    }

    /// The status of one verification; an error when the server is gone.
    pub fn verify(&mut self, token: &str) -> Result<u16> {
        let request = format!(
            "GET /v1/verify HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\r\n",
            self.host,
            basic(token)
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut n_body) = (0, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().unwrap().parse().unwrap();
            } else if let Some(n) = line.strip_prefix("content-length: ") {
                n_body = n.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        self.stream.read_exact(&mut vec![0; n_body])?;
        Ok(status)
    }
}
