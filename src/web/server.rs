//! The server: accepts connections, hands requests to their handlers, stops when it is told to.
//!
//! HTTP/1.1 alone; a proxy in front speaks the rest. Every wait has an end: a head has five
//! seconds, a body ten (`body`), a request fifteen (`gate`), an idle connection thirty
//! (`connection`). There are fewer connections than the system allows files, so that the database
//! always gets the ones it needs.
//!
//! It prints nothing; whoever starts it is told when it is ready.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Request, Response};
use actix_service::{Service, apply_fn_factory, fn_factory, fn_service, map_config};
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{AppConfig, Server, ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::rt::net::TcpStream;
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use actix_web::web::Data;
use futures_util::TryFutureExt;
use futures_util::future::{Either, LocalBoxFuture, ready, select};
use ipnet::IpNet;

use super::blocking::Aside;
use super::client_ip::TrustedProxies;
use super::connection::Connection;
use super::context::Context;
use super::headers::RequestIds;
use super::lane::{Lane, Next, Stopping};
use super::proxy::Strangers;
use super::ticker::Ticker;
use super::{gate, hot, routes};
use crate::app::App;
use crate::config::MetricsAccess;
use crate::model::usage::Retention;

mod limits;

const HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the rest of a body is swallowed after an early answer, which a client that still sends
/// would otherwise never read.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longer than any request may take, so that a stop cuts none off.
const STOP_SECONDS_MAX: u64 = 20;
/// Threads that may wait, over all workers: as many changes can share a commit. They end when idle.
const BLOCKING_THREADS: usize = 128;
const BLOCKING_THREADS_A_WORKER_MIN: usize = 16;

/// What may be set about a server.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// How many threads serve; at least one.
    pub workers: usize,
    /// The address that people use, where the server cannot know it; no slash at its end.
    pub base_url: Option<String>,
    /// The networks whose `X-Forwarded-*` count.
    pub trusted_proxies: Vec<IpNet>,
    /// Who may read the metrics.
    pub metrics: MetricsAccess,
    /// How long counts of use are kept.
    pub retention: Retention,
}

/// Why a server ended although nobody stopped it.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The operating system did not give what a server needs.
    #[error("the server cannot run: {0}")]
    System(#[from] io::Error),
    /// A change could not be written, after which nothing may be acknowledged any more.
    #[error(
        "a change could not be written to the disk, so that the server has stopped; check the disk, then start it again"
    )]
    StoreFailed,
}

/// Serves on a listener until SIGTERM or SIGINT, then finishes the requests that have begun and
/// writes the gathered usage. A second signal stops at once. `ready` is called when requests are
/// answered.
///
/// # Errors
/// When the system does not let it run, or the store fails for good.
pub fn serve(
    listener: TcpListener,
    app: Arc<App>,
    settings: ServerSettings,
    ready: impl FnOnce(),
) -> Result<(), ServeError> {
    System::new().block_on(run(listener, app, settings, ready))
}

async fn run(
    listener: TcpListener,
    app: Arc<App>,
    settings: ServerSettings,
    ready: impl FnOnce(),
) -> Result<(), ServeError> {
    let signals = Signals::listen()?;
    let has_failed = Arc::new(AtomicBool::new(false));
    let workers = settings.workers.max(1);
    let retention = settings.retention;
    let is_stopping = Arc::new(AtomicBool::new(false));
    let server = build(listener, workers, context(Arc::clone(&app), settings)?, &is_stopping)?;
    let stop = Stop { server: server.handle(), is_stopping };
    let failed = {
        let (stop, has_failed) = (stop.clone(), Arc::clone(&has_failed));
        move || {
            has_failed.store(true, Ordering::Release);
            stop.gracefully();
        }
    };
    let _ticker = Ticker::start(app, retention, failed)?;
    ready();
    // A second signal drops the server, which ends its workers where they are.
    if let Either::Left((ended, _)) = select(pin!(server), pin!(signals.twice(stop))).await {
        ended?;
    }
    if has_failed.load(Ordering::Acquire) { Err(ServeError::StoreFailed) } else { Ok(()) }
}

fn context(app: Arc<App>, settings: ServerSettings) -> io::Result<Data<Context>> {
    Ok(Data::new(Context {
        app,
        aside: Aside::new()?,
        proxies: TrustedProxies::new(settings.trusted_proxies),
        base_url: settings.base_url,
        metrics: settings.metrics,
        shown_once: Arc::default(),
        strangers: Strangers::default(),
        request_ids: RequestIds::default(),
    }))
}

fn build(
    listener: TcpListener,
    workers: usize,
    context: Data<Context>,
    is_stopping: &Arc<AtomicBool>,
) -> io::Result<Server> {
    let builder = Server::build();
    let signal = builder.graceful_shutdown_signal();
    let signal = move || -> LocalBoxFuture<'static, ()> {
        let signal = signal.clone();
        Box::pin(async move { signal.notified().await })
    };
    let stopping = Stopping { begun: Arc::clone(is_stopping), signal: Arc::new(signal) };
    let factory = move || {
        let (context, stopping) = (context.clone(), stopping.clone());
        let framework = framework(context.clone(), stopping.clone());
        // A connection begins in the lane; what is not for the lane is the framework's from there on.
        fn_factory(move || {
            let (context, stopping) = (context.clone(), stopping.clone());
            let framework = framework.new_service(());
            async move {
                let framework = Rc::new(framework.await?);
                Ok::<_, ()>(fn_service(move |stream| {
                    let (context, stopping) = (context.clone(), stopping.clone());
                    serve_one(stream, context, stopping, Rc::clone(&framework))
                }))
            }
        })
    };
    let builder = builder
        .workers(workers)
        .worker_max_blocking_threads((BLOCKING_THREADS / workers).max(BLOCKING_THREADS_A_WORKER_MIN))
        .max_concurrent_connections(limits::connections_a_worker(workers))
        .shutdown_timeout(STOP_SECONDS_MAX)
        .disable_signals();
    Ok(builder.listen("keysrv", listener, factory)?.run())
}

/// One connection, from its beginning to its end.
async fn serve_one<S>(
    stream: TcpStream,
    context: Data<Context>,
    stopping: Stopping,
    framework: Rc<S>,
) -> Result<(), DispatchError>
where
    S: Service<(Connection, Option<SocketAddr>), Response = (), Error = DispatchError>,
{
    // Answers are written whole; waiting to fill a segment would only delay them.
    stream.set_nodelay(true)?;
    let peer = stream.peer_addr()?;
    let mut connection = Connection::new(stream);
    match Lane::new(&mut connection, peer.ip(), &context, stopping).await? {
        Next::End => Ok(()),
        Next::Framework => framework.call((connection, Some(peer))).await,
    }
}

/// The framework, for the connections that are left to it.
fn framework(
    context: Data<Context>,
    stopping: Stopping,
) -> impl ServiceFactory<
    (Connection, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
> {
    let http = HttpService::build()
        // How long an idle connection stays is `connection`'s to say: the framework would set a timer anew
        // with every request.
        .keep_alive(KeepAlive::Os)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .graceful_shutdown_signal(move || (stopping.signal)())
        .on_connect_ext(|connection: &Connection, data| {
            data.insert(connection.watch());
        });
    let app = map_config(application(context.clone()), |()| AppConfig::default());
    let fast = apply_fn_factory(app, move |mut request: Request, app: &_| {
        match hot::in_front(&mut request, &context) {
            Some(response) => Either::Left(ready(Ok(response.map_body(|_, body| EitherBody::left(body))))),
            None => Either::Right(route(app, request)),
        }
    });
    http.h1(fast)
}

fn application(
    context: Data<Context>,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let gate_context = context.clone();
    actix_web::App::new()
        .app_data(context)
        .configure(routes::configure)
        .wrap(from_fn(move |request, next| gate::pass(gate_context.clone(), request, next)))
}

fn route<S, B>(
    app: &S,
    request: Request,
) -> impl Future<Output = Result<Response<EitherBody<BoxBody, B>>, S::Error>> + use<S, B>
where
    S: Service<Request, Response = ServiceResponse<B>>,
    B: MessageBody + 'static,
{
    app.call(request).map_ok(|response| Response::from(response).map_body(|_, body| EitherBody::right(body)))
}

/// Stops a server.
#[derive(Clone)]
struct Stop {
    server: ServerHandle,
    /// For the lanes, which ask it with every request.
    is_stopping: Arc<AtomicBool>,
}

impl Stop {
    /// Lets what has begun be finished.
    fn gracefully(&self) {
        // First: a lane that is woken by the other finds it set.
        self.is_stopping.store(true, Ordering::Release);
        // Whether it has stopped is what the server says; nobody waits for this.
        drop(self.server.stop(true));
    }
}

/// The signals that stop a server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        select(pin!(self.terminate.recv()), pin!(self.interrupt.recv())).await;
    }

    /// Stops the server at the first signal and answers at the second.
    async fn twice(mut self, stop: Stop) {
        self.next().await;
        tracing::info!("stopping");
        stop.gracefully();
        self.next().await;
        tracing::warn!("stopping at once");
    }
}
