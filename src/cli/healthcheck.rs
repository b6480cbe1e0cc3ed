//! `healthcheck`: asks a running server whether it is alive, as a container's runtime does.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::context::Context;
use super::exit::Failure;
use super::{output, proxy_config};
use crate::config::Origin;
use crate::web::routes;

const WAIT: Duration = Duration::from_secs(3);

pub(super) fn ask_server(context: &Context) -> Result<(), Failure> {
    let listen = &context.config.listen;
    let address = proxy_config::reachable(listen.value.0);
    let asked = ask(address).map_err(|error| {
        let failure = Failure::new(format!("no server answers on {address}: {error}"));
        if listen.origin == Origin::Default {
            failure.hint("name where it listens with --listen")
        } else {
            failure
        }
    })?;
    if asked.starts_with("HTTP/1.1 200") {
        return output::line("ok");
    }
    Err(Failure::new(format!(
        "what answers on {address} is not well: {}",
        asked.lines().next().unwrap_or_default()
    )))
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, WAIT)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    let path = routes::ALIVE;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
