//! `serve`: takes the address and the place of the one server, and runs it.
//!
//! The server itself is `web::server`; what a person needs to begin is in `greeting`. Standard
//! output carries one line, when it is ready.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use super::context::{Context, quoted};
use super::exit::Failure;
use super::greeting;
use super::output::{self, note};
use crate::app::setup;
use crate::model::scope::Catalogue;
use crate::model::usage::Retention;
use crate::store::lock::ServerLock;
use crate::store::{self, StoreError};
use crate::telemetry;
use crate::web::server::{self, ServerSettings};

pub(super) fn serve(context: &Context) -> Result<(), Failure> {
    let config = &context.config;
    telemetry::start(config.log_format.value, config.log_level.value);
    let listener = bind(context)?;
    let address = listener.local_addr().map_err(|error| Failure::new(format!("cannot listen: {error}")))?;
    make_database(context)?;
    let holder = format!("process {}, listening on http://{address}", std::process::id());
    let Some(lock) = lock(context, &holder)? else { return Err(Failure::new("the database is gone again")) };
    let app = Arc::new(context.server(&lock)?);
    greeting::greet(context, &app, address)?;
    let settings = ServerSettings {
        workers: config.workers.value,
        base_url: config.base_url.value.clone(),
        trusted_proxies: config.trusted_proxy.value.clone(),
        metrics: config.metrics.value,
        retention: Retention { hours: config.keep_usage_by_hour.value, days: config.keep_usage_by_day.value },
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
