//! The configuration of a proxy in front of an API: whole, commented, for this server and project.
//!
//! The texts are the files of `templates/proxies/`, where `{{name}}` stands for what is filled in. The rules of
//! each of them: what a client says about itself is deleted, the path reaches keysrv as it reaches the
//! API, a token goes no further than the proxy, a refusal comes whole, and no answer is a no.
//! `proxy` of the integration tests runs each text in the proxy it is for.

use std::net::SocketAddr;

use serde::Serialize;

use super::permission::require;
use super::{App, Permission, Result};
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::proxy::{ProxyKind, UpstreamUrl};
use crate::model::route::RouteRule;
use crate::model::scope::ScopeSet;

/// The most rules that a comment lists.
const RULES_MAX: usize = 20;

/// What the proxy stands between.
#[derive(Debug, Clone)]
pub struct ProxySetup {
    /// Where keysrv listens, as the proxy reaches it.
    pub keysrv: SocketAddr,
    /// Where the proxy is to listen.
    pub listen: SocketAddr,
    /// The API.
    pub upstream: UpstreamUrl,
    /// What every request needs; with none, the route rules are asked.
    pub scopes: ScopeSet,
}

/// One file of a configuration.
#[derive(Debug, Clone, Serialize)]
pub struct ProxyFile {
    /// What it is called.
    pub name: &'static str,
    /// What stands in it.
    pub text: String,
}

impl App {
    /// The files that put this kind of proxy in front of an API; the first one is its configuration.
    ///
    /// # Errors
    /// When `who` may not see the project, or Envoy is to ask for scopes.
    pub fn proxy_config(
        &self,
        who: &Principal,
        project: &ProjectName,
        kind: ProxyKind,
        setup: &ProxySetup,
    ) -> Result<Vec<ProxyFile>> {
        require(who, Permission::ReadProject, project)?;
        if let Some(scope) = setup.scopes.iter().next().filter(|_| kind == ProxyKind::Envoy) {
            let rule = "cannot be asked for by Envoy, which has no place for it; use route rules";
            return Err(Invalid::new("scopes", scope.as_str(), rule).into());
        }
        let about = about(project, setup, &self.all_routes(who, project)?);
        let values = values(project, setup);
        let file = |template: &Template| {
            let filled = fill(template.text, "about", &commented(&about, template.comment));
            let text = values.iter().fold(filled, |text, (name, value)| fill(&text, name, value));
            ProxyFile { name: template.name, text }
        };
        Ok(templates(kind).iter().map(file).collect())
    }
}

/// A file of `templates/proxies/`.
struct Template {
    name: &'static str,
    /// What a line of comment starts with.
    comment: &'static str,
    text: &'static str,
}

const fn template(name: &'static str, text: &'static str) -> Template {
    Template { name, comment: "#", text }
}

const NGINX: Template = template("keysrv.conf", include_str!("../../templates/proxies/keysrv.conf"));
const CADDY: Template = template("Caddyfile", include_str!("../../templates/proxies/Caddyfile"));
const TRAEFIK: Template = template("keysrv.yml", include_str!("../../templates/proxies/keysrv.yml"));
const HAPROXY: Template = template("haproxy.cfg", include_str!("../../templates/proxies/haproxy.cfg"));
const HAPROXY_LUA: Template =
    Template { comment: "--", ..template("keysrv.lua", include_str!("../../templates/proxies/keysrv.lua")) };
const ENVOY: Template = template("envoy.yaml", include_str!("../../templates/proxies/envoy.yaml"));

fn templates(kind: ProxyKind) -> &'static [Template] {
    match kind {
        ProxyKind::Nginx => &[NGINX],
        ProxyKind::Caddy => &[CADDY],
        ProxyKind::Traefik => &[TRAEFIK],
        ProxyKind::Haproxy => &[HAPROXY, HAPROXY_LUA],
        ProxyKind::Envoy => &[ENVOY],
    }
}

fn values(project: &ProjectName, setup: &ProxySetup) -> [(&'static str, String); 12] {
    let scopes = setup.scopes.iter().map(|scope| format!("&scope={scope}"));
    [
        ("keysrv", setup.keysrv.to_string()),
        ("keysrv_ip", setup.keysrv.ip().to_string()),
        ("keysrv_port", setup.keysrv.port().to_string()),
        ("listen", setup.listen.to_string()),
        ("listen_ip", setup.listen.ip().to_string()),
        ("listen_port", setup.listen.port().to_string()),
        ("upstream", setup.upstream.authority()),
        ("upstream_host", setup.upstream.host().to_owned()),
        ("upstream_port", setup.upstream.port().to_string()),
        ("project", project.to_string()),
        ("question", format!("project={project}{}", scopes.collect::<String>())),
        ("words", nginx_words()),
    ]
}

fn fill(text: &str, name: &str, value: &str) -> String {
    text.replace(&format!("{{{{{name}}}}}"), value)
}

/// What the reader of the file should know, without the signs of a comment.
fn about(project: &ProjectName, setup: &ProxySetup, rules: &[RouteRule]) -> Vec<String> {
    let mut lines = vec![
        format!("It lets keys of the project `{project}` pass, as keysrv on {} decides.", setup.keysrv),
        "keysrv listens only to proxies that it trusts: those on its own machine, and those that".to_owned(),
        "`keysrv serve --trusted-proxy ADDRESS` names.".to_owned(),
    ];
    if !setup.scopes.is_empty() {
        lines.push(format!("Every request needs {}; the route rules are not asked.", setup.scopes.to_text()));
    } else if rules.is_empty() {
        lines.push(
            "There are no route rules yet: any valid key passes, until `keysrv route add` adds one.".into(),
        );
    } else {
        lines.push(
            "Which scopes a request needs say the route rules, which can change without this file:".into(),
        );
        let needs = |rule: &RouteRule| {
            if rule.scopes.is_empty() { "any valid key".to_owned() } else { rule.scopes.to_text() }
        };
        lines
            .extend(rules.iter().take(RULES_MAX).map(|rule| format!("    {}  {}", rule.name(), needs(rule))));
        if let Some(more) = rules.len().checked_sub(RULES_MAX).filter(|more| *more > 0) {
            lines.push(format!("    and {more} more; `keysrv route list` shows them all"));
        }
    }
    lines
}

fn commented(lines: &[String], sign: &str) -> String {
    lines.iter().map(|line| format!("{sign} {line}")).collect::<Vec<_>>().join("\n")
}

/// What nginx says about each code, as lines of its `map`.
fn nginx_words() -> String {
    let refusals = Code::all().filter(|code| (400..500).contains(&code.status()));
    let told = refusals.filter(|code| code.is_verdict() || *code == Code::UntrustedProxy);
    let line = |code: Code| format!("    '{code}' '{}';", nginx_quoted(&words(code)));
    told.map(line).collect::<Vec<_>>().join("\n")
}

/// Title and fix, as members of a JSON object.
fn words(code: Code) -> String {
    format!("\"title\":{},\"fix\":{}", json(code.title()), json(code.fix()))
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn nginx_quoted(text: &str) -> String {
    text.replace('\\', r"\\").replace('\'', r"\'")
}
