//! `proxy-doctor`: tries a proxy from outside, as a client and as a forger would.
//!
//! It makes keys that expire in minutes, sends requests, and looks at what comes back and at what
//! reaches the API. Each finding says what to do. With the server stopped it tries the one thing that
//! can be tried then: that nobody passes.

use std::cell::Cell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use ipnet::IpNet;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::context::Context;
use super::exit::Failure;

use crate::app::App;
use crate::model::Invalid;
use crate::model::route::{OriginalRequest, RouteMatch};
use crate::model::scope::ScopeSet;
use crate::store::lock::ServerLock;

mod address;
mod cache;
mod checks;
mod identity;
mod keys;
mod paths;
mod report;
mod sight;
mod wire;

use keys::Keys;
use report::Report;
use sight::{Look, Sight};
use wire::{Reply, Target};

/// Arguments of `proxy-doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
It makes throw-away keys in this database, which the proxy's keysrv must use too, and removes them.
What reaches the API it sees in one of two ways: --stand-in lets it be the API for as long as it
runs, --echo names an address of the API that answers with the request's headers. Without either
some checks cannot be made; it says which. Run it once more with the server stopped, to see that
nobody passes then. Exit status 1 says that there are findings.

Examples:
  keysrv proxy-doctor http://127.0.0.1:8000 --stand-in 127.0.0.1:3000
  keysrv proxy-doctor http://api.example.com --path /unified/hris --json")]
pub(super) struct DoctorArgs {
    // Not a doc comment: a URL in one must be a link.
    #[arg(help = "Where the proxy listens, such as http://127.0.0.1:8000")]
    url: String,
    /// What it asks for with GET; a route rule must allow it
    #[arg(long, value_name = "PATH", default_value = "/")]
    path: String,
    /// Answer in place of the API, at the address where the proxy expects it
    #[arg(long, value_name = "ADDR", conflicts_with = "echo")]
    stand_in: Option<String>,
    /// A path of the API that answers with the request's headers; is asked for in place of --path
    #[arg(long, value_name = "PATH", conflicts_with = "path")]
    echo: Option<String>,
}

/// One examination.
struct Doctor<'a> {
    target: Target,
    sight: Sight,
    path: String,
    keys: Keys<'a>,
    has_rules: bool,
    trusted: Vec<IpNet>,
    report: Report,
    n_asked: Cell<u32>,
}

/// What became of one request.
struct Asked {
    reply: Option<Reply>,
    look: Look,
}

pub(super) fn examine(context: &Context, args: &DoctorArgs) -> Result<(), Failure> {
    let is_interrupted = Arc::<AtomicBool>::default();
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&is_interrupted))
            .map_err(|error| Failure::new(format!("cannot be interrupted: {error}")))?;
    }
    let path = args.echo.as_ref().unwrap_or(&args.path).clone();
    let app = context.app()?;
    let (has_rules, scopes) = needs(context, &app, &path)?;
    let mut doctor = Doctor {
        target: Target::parse(&args.url, is_interrupted)?,
        sight: sight(args)?,
        path,
        keys: Keys::new(context, app, scopes),
        has_rules,
        trusted: context.config.trusted_proxy.value.clone(),
        report: Report::default(),
        n_asked: Cell::new(0),
    };
    doctor.run(is_stopped(context))?;
    // The keys go before the verdict is told.
    let Doctor { report, .. } = doctor;
    report.print(context.is_json)
}

fn sight(args: &DoctorArgs) -> Result<Sight, Failure> {
    let Some(address) = args.stand_in.as_deref() else {
        return Ok(if args.echo.is_some() { Sight::Echo } else { Sight::None });
    };
    let rule = "is not like `127.0.0.1:3000`";
    let address: SocketAddr = address.parse().map_err(|_| Invalid::new("stand_in", address, rule))?;
    Sight::stand_in(address)
}

/// Whether no server runs on this database.
fn is_stopped(context: &Context) -> bool {
    ServerLock::acquire(context.data_dir(), "proxy-doctor").is_ok()
}

/// Whether there are route rules, and what the one for this path needs.
fn needs(context: &Context, app: &App, path: &str) -> Result<(bool, ScopeSet), Failure> {
    let request = OriginalRequest { method: "GET", target: path.as_bytes() };
    let tell = |found: RouteMatch<'_>| match found {
        RouteMatch::NoRules => Some((false, ScopeSet::default())),
        RouteMatch::Rule(rule) => Some((true, rule.scopes.clone())),
        RouteMatch::Nothing(_) => None,
    };
    let found = app.test_route(&context.who, context.project(), &request, tell)?;
    found.ok_or_else(|| {
        Failure::new(format!("no route rule allows `GET {path}`"))
            .hint("name one that a rule allows, with --path; `keysrv route list` shows them")
    })
}

impl Doctor<'_> {
    fn run(&mut self, is_stopped: bool) -> Result<(), Failure> {
        if is_stopped {
            for check in checks::ALL.into_iter().filter(|check| *check != "down") {
                self.report.skip(check, "the server is stopped; start it and run this again");
            }
            return self.down();
        }
        self.report.skip("down", "the server runs; stop it and run this again");
        self.open()?;
        self.challenge()?;
        if !self.reaches()? {
            for check in ["identity", "token", "paths", "limit", "address", "cache"] {
                self.report.skip(check, "a good key does not pass");
            }
            return Ok(());
        }
        self.identity()?;
        self.paths()?;
        self.limit()?;
        self.address()?;
        self.cache()
    }

    /// Gets an address of the API, with a token or without.
    fn ask(&self, token: Option<&str>, target: &str, headers: &[(&str, &str)]) -> Result<Asked, Failure> {
        self.target.require_going()?;
        self.n_asked.set(self.n_asked.get() + 1);
        let mark = format!("doctor-{}-{}-", std::process::id(), self.n_asked.get());
        let bearer = token.map(|token| format!("Bearer {token}"));
        let mut all = vec![("X-Proxy-Doctor", mark.as_str())];
        all.extend(bearer.as_deref().map(|bearer| ("Authorization", bearer)));
        all.extend(headers);
        let reply = self.target.send("GET", target, &all)?;
        let look = self.sight.look(reply.as_ref(), &mark);
        Ok(Asked { reply, look })
    }
}
