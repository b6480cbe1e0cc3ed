//! `proxy-config`: prints what puts a proxy in front of an API.

use std::net::SocketAddr;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::args::ListenArg;
use super::context::Context;
use super::exit::Failure;
use super::{greeting, output};
use crate::app::proxy_config::ProxySetup;
use crate::model::Invalid;
use crate::model::proxy::{ProxyKind, UpstreamUrl};
use crate::model::scope::ScopeSet;

/// Arguments of `proxy-config`.
#[derive(Debug, Args)]
#[command(after_help = "\
It prints a whole configuration, with comments: requests are let through to the API as keysrv
decides, with the key's identity in headers and without the token. HAProxy needs a second file.

Examples:
  keysrv proxy-config nginx --upstream http://127.0.0.1:3000 > /etc/nginx/conf.d/keysrv.conf
  keysrv proxy-config caddy --project staging --proxy-listen 0.0.0.0:8000
  keysrv proxy-config traefik --scope unified:read
  keysrv proxy-config haproxy > haproxy.cfg && keysrv proxy-config haproxy --lua > keysrv.lua")]
pub(super) struct ProxyConfigArgs {
    /// Which proxy
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(ProxyKind::ALL.map(ProxyKind::as_str)))]
    kind: String,
    // Not a doc comment: a URL in one must be a link.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:3000",
        help = "The API behind the proxy, without a path"
    )]
    upstream: String,
    /// Where the proxy is to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8000")]
    proxy_listen: String,
    /// A scope that every request needs, in place of the route rules; may be repeated
    #[arg(long, value_name = "S")]
    scope: Vec<String>,
    /// Print `HAProxy`'s second file, keysrv.lua
    #[arg(long)]
    lua: bool,
    #[command(flatten)]
    pub(super) listen: ListenArg,
}

pub(super) fn print(context: &Context, args: &ProxyConfigArgs) -> Result<(), Failure> {
    let kind = ProxyKind::parse(&args.kind)?;
    if args.lua && kind != ProxyKind::Haproxy {
        return Err(Failure::usage(format!("--lua is for haproxy; {} needs one file alone", args.kind)));
    }
    let files = context.app()?.proxy_config(&context.who, context.project(), kind, &setup(context, args)?)?;
    if context.is_json {
        return output::json_items(&files);
    }
    let file = if args.lua { files.last() } else { files.first() };
    file.map_or(Ok(()), |file| output::line(file.text.trim_end()))
}

fn setup(context: &Context, args: &ProxyConfigArgs) -> Result<ProxySetup, Failure> {
    Ok(ProxySetup {
        keysrv: reachable(context.config.listen.value.0),
        listen: parse_listen(&args.proxy_listen)?,
        upstream: UpstreamUrl::parse(&args.upstream)?,
        scopes: ScopeSet::parse(args.scope.iter().map(String::as_str))?,
    })
}

fn parse_listen(text: &str) -> Result<SocketAddr, Invalid> {
    let rule = "is not like `127.0.0.1:8000` or `[::1]:8000`";
    text.parse().map_err(|_| Invalid::new("proxy_listen", text, rule))
}

/// An address that a proxy on this machine can connect to.
pub(super) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(greeting::loopback(address.ip()));
    }
    address
}
