//! The checks of who passes and what a refusal looks like, each with what to do about a finding.

use super::Doctor;
use super::report::Finding;
use super::wire::Reply;
use crate::cli::exit::Failure;

/// The names of all checks, in their order.
pub(super) const ALL: [&str; 10] =
    ["down", "open", "challenge", "reaches", "identity", "token", "paths", "limit", "address", "cache"];

const OPEN: &str = "let the proxy ask keysrv about every address that leads to the API: nginx, `auth_request` in \
                    every `location` that has a `proxy_pass`";
const DOWN: &str = "let the proxy refuse when keysrv does not answer: nginx, no `error_page 5xx` that leads to \
                    the API; Envoy, `failure_mode_allow: false`";
const CHALLENGE: &str = "hand on `WWW-Authenticate` of keysrv's answer with a 401: without it browsers and tools \
                         do not ask for a key";
const PROBLEM: &str = "hand on the body of keysrv's answer; nginx cannot, so put it together again as the \
                       configuration of `keysrv proxy-config nginx` does";
const STATUS: &str = "hand on keysrv's status; for nginx it stands in `X-Keysrv-Status`";
const RETRY: &str = "hand on `Retry-After`, or callers do not know when to come back";
const LIMIT_STATUS: &str = "turn nginx's 403 with `X-Keysrv-Status: 429` into a 429, as the configuration of \
                            `keysrv proxy-config nginx` does";

impl Doctor<'_> {
    /// With keysrv stopped nobody may pass.
    pub(super) fn down(&mut self) -> Result<(), Failure> {
        let key = self.keys.good()?;
        for token in [Some(key.token.as_str()), None] {
            let asked = self.ask(token, &self.path.clone(), &[])?;
            if asked.look.has_passed {
                let who = if token.is_some() { "a good key" } else { "no key" };
                self.report.find(
                    "down",
                    format!("while keysrv is stopped, a request with {who} passes"),
                    DOWN,
                );
            }
        }
        self.report.done("down");
        Ok(())
    }

    /// Nobody passes without a key, however the path is spelled.
    pub(super) fn open(&mut self) -> Result<(), Failure> {
        let spellings = std::iter::once(self.path.clone()).chain(super::paths::spellings(&self.path));
        for spelling in spellings.collect::<Vec<_>>() {
            for token in [None, Some("not-a-token")] {
                if self.ask(token, &spelling, &[])?.look.has_passed {
                    self.report.find(
                        "open",
                        format!("a request for `{spelling}` passes without a key"),
                        OPEN,
                    );
                    return Ok(());
                }
            }
        }
        self.report.done("open");
        Ok(())
    }

    /// A refusal arrives whole.
    pub(super) fn challenge(&mut self) -> Result<(), Failure> {
        let asked = self.ask(None, &self.path.clone(), &[])?;
        match asked.reply {
            Some(reply) if !asked.look.has_passed => {
                for finding in wrong_refusal(&reply) {
                    self.report.find(finding.check, finding.detail, finding.fix);
                }
            }
            _ => self.report.skip("challenge", "there was no refusal to look at"),
        }
        self.report.done("challenge");
        Ok(())
    }

    /// A good key passes. Without that there is nothing more to try.
    pub(super) fn reaches(&mut self) -> Result<bool, Failure> {
        let key = self.keys.good()?;
        let asked = self.ask(Some(&key.token), &self.path.clone(), &[])?;
        if asked.look.has_passed {
            self.report.done("reaches");
            return Ok(true);
        }
        let (detail, fix) = match asked.reply.as_ref() {
            None => ("the proxy closes the connection without an answer".to_owned(), NO_ANSWER),
            Some(reply) => why_not(reply),
        };
        self.report.find("reaches", detail, fix);
        Ok(false)
    }

    /// Who asks too often is told so.
    pub(super) fn limit(&mut self) -> Result<(), Failure> {
        let key = self.keys.rare()?;
        self.ask(Some(&key.token), &self.path.clone(), &[])?;
        let asked = self.ask(Some(&key.token), &self.path.clone(), &[])?;
        let status = asked.reply.as_ref().map_or(0, |reply| reply.status);
        if asked.look.has_passed {
            let detail = "a key that is used up passes: the proxy does not ask about every request";
            self.report.find("limit", detail, super::cache::VERDICT);
        } else if status != 429 {
            let detail = format!("a key that is used too often is answered {status} instead of 429");
            self.report.find("limit", detail, LIMIT_STATUS);
        } else if asked.reply.is_some_and(|reply| reply.header("retry-after").is_none()) {
            self.report.find("limit", "a 429 arrives without `Retry-After`", RETRY);
        }
        self.report.done("limit");
        Ok(())
    }
}

const NO_ANSWER: &str = "look into the proxy's log";
const REACH: &str = "let the proxy reach keysrv at the address where it listens (`keysrv config show`), and look \
                     into the logs of both";
const TRUST: &str = "name the proxy with `keysrv serve --trusted-proxy ADDRESS`; the server's log says which";
const ROUTE: &str = "let the proxy tell keysrv method and path as they came: nginx, `X-Original-Method \
                     $request_method` and `X-Original-URI $request_uri`";
const PROJECT: &str = "let the proxy ask for the project that the doctor tries: `project=…` in its configuration, \
                       `--project` here; and hand on `Authorization`";
const PASS: &str = "look into the proxy's log, and at the API behind it";

fn why_not(reply: &Reply) -> (String, &'static str) {
    let fix = match reply.code() {
        Some("untrusted_proxy") => TRUST,
        Some("no_route" | "insufficient_scope") => ROUTE,
        Some("no_credentials" | "not_found" | "malformed") => PROJECT,
        _ if reply.status >= 500 => REACH,
        _ => PASS,
    };
    let code = reply.code().map_or_else(String::new, |code| format!(" `{code}`"));
    (format!("a request with a good key does not pass: {}{code}", reply.status), fix)
}

fn wrong_refusal(reply: &Reply) -> Vec<Finding> {
    let find = |check, detail: String, fix| Finding { check, detail, fix };
    if reply.status != 401 {
        let detail = format!("a request without a key is answered {} instead of 401", reply.status);
        return vec![find("challenge", detail, if reply.status >= 500 { REACH } else { STATUS })];
    }
    let mut found = Vec::new();
    if reply.header("www-authenticate").is_none() {
        found.push(find("challenge", "a 401 arrives without `WWW-Authenticate`".to_owned(), CHALLENGE));
    }
    let is_problem =
        reply.header("content-type").is_some_and(|kind| kind.starts_with("application/problem+json"));
    if !is_problem || !reply.body.contains("\"no_credentials\"") {
        found.push(find("challenge", "a refusal arrives without its problem document".to_owned(), PROBLEM));
    }
    if reply.header("cache-control").is_none_or(|value| !value.contains("no-store")) {
        let detail = "a refusal may be kept: it arrives without `Cache-Control: no-store`".to_owned();
        found.push(find("cache", detail, super::cache::REFUSAL));
    }
    found
}
