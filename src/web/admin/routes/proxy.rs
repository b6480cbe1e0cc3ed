//! The configuration of a proxy that asks keysrv, filled in for this server and ready to copy.

use std::net::SocketAddr;

use askama::Template;

use crate::app::proxy_config::{ProxyFile, ProxySetup};
use crate::model::proxy::{ProxyKind, UpstreamUrl};
use crate::model::scope::ScopeSet;
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{Choice, FieldErrors, Frame, Place, cli_project};
use crate::web::admin::visit::Visit;

/// What the form starts with.
const UPSTREAM: &str = "http://127.0.0.1:3000";
/// Where the proxy listens, and keysrv where its own address cannot be told; both are easily changed.
const PROXY_LISTENS: ([u8; 4], u16) = ([127, 0, 0, 1], 8000);
const KEYSRV_LISTENS: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);

/// The page, in words.
#[derive(Template)]
#[template(path = "routes/proxy.html")]
struct ProxyPage {
    frame: Frame,
    kinds: Vec<Choice>,
    kind: &'static str,
    upstream: String,
    files: Vec<ProxyFile>,
    errors: FieldErrors,
    cli_project: String,
}

/// The configuration.
pub(crate) fn show(visit: &Visit) -> PageResult {
    let (project, query) = (visit.project()?, visit.query());
    let frame = visit.frame(Place::Routes, &project)?;
    let kind = query.filled("kind").map_or(Ok(ProxyKind::Nginx), ProxyKind::parse)?;
    let typed = query.filled("upstream").unwrap_or(UPSTREAM).to_owned();
    let mut errors = FieldErrors::default();
    let files = match errors.take(UpstreamUrl::parse(&typed)) {
        Some(upstream) => {
            visit.app.proxy_config(&visit.who(), &project, kind, &setup(&visit.base_url, upstream))?
        }
        None => Vec::new(),
    };
    let choice = |of: ProxyKind| Choice::new(of.as_str(), name(of), of == kind);
    Answer::page(&ProxyPage {
        kinds: ProxyKind::ALL.into_iter().map(choice).collect(),
        kind: kind.as_str(),
        upstream: typed,
        files,
        errors: errors.beside(&["upstream"]),
        cli_project: cli_project(&project),
        frame,
    })
}

/// keysrv as the person reached it, where that is an address and not a name.
fn setup(base_url: &str, upstream: UpstreamUrl) -> ProxySetup {
    let reached = base_url.split("://").nth(1).and_then(|host| host.parse::<SocketAddr>().ok());
    ProxySetup {
        keysrv: reached.unwrap_or_else(|| KEYSRV_LISTENS.into()),
        listen: PROXY_LISTENS.into(),
        upstream,
        scopes: ScopeSet::default(),
    }
}

fn name(kind: ProxyKind) -> &'static str {
    match kind {
        ProxyKind::Nginx => "nginx",
        ProxyKind::Caddy => "Caddy",
        ProxyKind::Traefik => "Traefik",
        ProxyKind::Haproxy => "HAProxy",
        ProxyKind::Envoy => "Envoy",
    }
}
