//! `serve` and `healthcheck`: what a person reads around a running server.
//!
//! The server itself is `web::server`. Standard output carries one line, when it is ready;
//! everything that a person needs to begin stands on standard error before that.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use super::context::{Context, quoted};
use super::exit::Failure;
use super::output::{self, note};
use crate::app::{App, setup};
use crate::config::Origin;
use crate::model::scope::Catalogue;
use crate::store::lock::ServerLock;
use crate::store::{self, StoreError};
use crate::telemetry;
use crate::web::routes;
use crate::web::server::{self, ServerSettings};

const HEALTH_WAIT: Duration = Duration::from_secs(3);
const ADDRESSES_MAX: usize = 4;

pub(super) fn serve(context: &Context) -> Result<(), Failure> {
    let config = &context.config;
    telemetry::start(config.log_format.value, config.log_level.value);
    let listener = bind(context)?;
    let address = listener.local_addr().map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
    make_database(context)?;
    let holder = format!("process {}, listening on http://{address}", std::process::id());
    let _lock = lock(context, &holder)?;
    let app = Arc::new(context.app()?);
    greet(context, &app, address)?;
    let settings = ServerSettings {
        workers: config.workers.value,
        base_url: config.base_url.value.clone(),
        trusted_proxies: config.trusted_proxy.value.clone(),
    };
    let ready = move || {
        let _told = output::line(&format!("listening on http://{address}"));
    };
    server::serve(listener, app, settings, ready).map_err(|error| Failure::new(error.to_string()))
}

fn bind(context: &Context) -> Result<TcpListener, Failure> {
    let address = context.config.listen.value.0;
    TcpListener::bind(address).map_err(|error| {
        // Started twice is the usual reason, and then another port is no way out.
        let again = if error.kind() == ErrorKind::AddrInUse { lock(context, "").err() } else { None };
        again.unwrap_or_else(|| cannot_listen(address, &error))
    })
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> Failure {
    let here = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port());
    let elsewhere = SocketAddr::new(address.ip(), if address.port() == 8080 { 8081 } else { 8080 });
    let (message, other) = match error.kind() {
        ErrorKind::AddrNotAvailable => (format!("this machine has no address {}", address.ip()), here),
        ErrorKind::AddrInUse => (format!("{address} is taken by another program"), elsewhere),
        ErrorKind::PermissionDenied => (format!("this user may not listen on {address}"), elsewhere),
        _ => (format!("cannot listen on {address}: {error}"), elsewhere),
    };
    let other = quoted(&other.to_string());
    Failure::new(message).hint(format!("try `keysrv serve --listen {other}`"))
}

fn make_database(context: &Context) -> Result<(), Failure> {
    if store::exists(context.data_dir()) {
        return Ok(());
    }
    setup::init(context.data_dir(), &context.clock, &context.who, &Catalogue::example(), None)?;
    note(&format!("made {}", context.data_dir().join(store::DATABASE_FILE).display()));
    Ok(())
}

/// Takes the place of the one server; `None` when there is no database yet.
fn lock(context: &Context, holder: &str) -> Result<Option<ServerLock>, Failure> {
    if !store::exists(context.data_dir()) {
        return Ok(None);
    }
    ServerLock::acquire(context.data_dir(), holder).map(Some).map_err(|error| {
        let is_held = matches!(error, StoreError::Held(_));
        let failure = Failure::from(crate::app::Error::from(error));
        if is_held { failure.hint("use that one, or name other data with --data-dir") } else { failure }
    })
}

/// What a person needs to begin.
fn greet(context: &Context, app: &Arc<App>, address: SocketAddr) -> Result<(), Failure> {
    note(&format!("keysrv {}", env!("CARGO_PKG_VERSION")));
    note(&format!("data: {}", context.data_dir().display()));
    for url in urls(context, address) {
        note(&format!("pages: {url}"));
    }
    if address.ip().is_loopback() {
        let port = address.port();
        note(&format!(
            "from another machine: ssh -L {port}:{address} THIS-MACHINE, then open http://127.0.0.1:{port}"
        ));
    }
    if let Some(code) = app.new_setup_code()? {
        tell_setup(context, &code, address);
        keep_telling(context, app, address);
    }
    Ok(())
}

fn tell_setup(context: &Context, code: &str, address: SocketAddr) {
    let path = routes::setup(code);
    note("");
    note("There is no user yet. Open this link within 30 minutes to make the first one:");
    for url in urls(context, address) {
        note(&format!("  {url}{path}"));
    }
    note(&format!("or, without a browser: {}", context.command(&["user", "add", "NAME"])));
    note("");
}

/// A fresh link whenever one expires, until somebody has followed one.
fn keep_telling(context: &Context, app: &Arc<App>, address: SocketAddr) {
    let app = Arc::downgrade(app);
    let lines = SetupLines { urls: urls(context, address) };
    std::thread::spawn(move || {
        let lifetime = Duration::from_secs(setup::CODE_LIFETIME.as_secs().unsigned_abs());
        loop {
            std::thread::sleep(lifetime);
            let Some(app) = app.upgrade() else { return };
            match app.new_setup_code() {
                Ok(Some(code)) => lines.tell(&code),
                Ok(None) | Err(_) => return,
            }
        }
    });
}

struct SetupLines {
    urls: Vec<String>,
}

impl SetupLines {
    fn tell(&self, code: &str) {
        note("The setup link has expired; this is the new one, for 30 minutes:");
        for url in &self.urls {
            note(&format!("  {url}{}", routes::setup(code)));
        }
    }
}

/// The addresses under which a person can reach the pages.
fn urls(context: &Context, address: SocketAddr) -> Vec<String> {
    if let Some(url) = &context.config.base_url.value {
        return vec![url.clone()];
    }
    if !address.ip().is_unspecified() {
        return vec![format!("http://{address}")];
    }
    let local = SocketAddr::new(loopback(address.ip()), address.port());
    let lan = if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|interface| interface.ip());
    let fits = |ip: &IpAddr| !ip.is_loopback() && (ip.is_ipv4() || address.is_ipv6());
    let lan = lan.filter(fits).take(ADDRESSES_MAX).map(|ip| SocketAddr::new(ip, address.port()));
    std::iter::once(local).chain(lan).map(|address| format!("http://{address}")).collect()
}

fn loopback(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    }
}

pub(super) fn healthcheck(context: &Context) -> Result<(), Failure> {
    let listen = &context.config.listen;
    let mut address = listen.value.0;
    if address.ip().is_unspecified() {
        address.set_ip(loopback(address.ip()));
    }
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
    let mut stream = TcpStream::connect_timeout(&address, HEALTH_WAIT)?;
    stream.set_read_timeout(Some(HEALTH_WAIT))?;
    stream.set_write_timeout(Some(HEALTH_WAIT))?;
    let path = routes::ALIVE;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
