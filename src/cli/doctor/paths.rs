//! The check that keysrv judges the path that the API gets, and the request that the client made.

use super::Doctor;
use crate::cli::exit::Failure;
use crate::model::route::RequestPath;

const PATHS: &str = "let the proxy tell keysrv the path as it came and hand it on the same: nginx, `X-Original-URI \
                     $request_uri`, not `$uri`, and a `proxy_pass` without a path";
const QUESTION: &str = "let the proxy set method and path of the question itself, in place of headers that a client \
                        may send; Traefik, `trustForwardHeader: false`";

/// In front of a path without its slash. They name the same for a server that makes paths simpler.
const BEFORE: [&str; 13] = [
    "//", "/./", "/%2e/", "/;/", "/../", "/%2E%2e/", "/.;/", "/\\", "/%5c", "/%2f", "/..;/", "/%252e/",
    "/%c0%ae/",
];
const BEHIND: [&str; 8] = [";", ";a=b", "%00", "%2f..", "/.", "//", "%3b", "%23"];

/// Other spellings of a path.
pub(super) fn spellings(path: &str) -> Vec<String> {
    let inside = path.strip_prefix('/').unwrap_or(path);
    let mut all: Vec<String> = BEFORE.iter().map(|before| format!("{before}{inside}")).collect();
    all.push(["/", "x/../", inside].concat());
    all.extend(BEHIND.iter().map(|behind| format!("{path}{behind}")));
    if let Some(first) = inside.chars().next() {
        all.push(path.replacen(first, &format!("%{:02x}", u32::from(first)), 1));
    }
    all
}

impl Doctor<'_> {
    /// A path that can be read in two ways does not reach the API.
    pub(super) fn paths(&mut self) -> Result<(), Failure> {
        if !self.has_rules {
            self.report
                .skip("paths", "the project has no route rules, so that any valid key passes everywhere");
            return Ok(());
        }
        let key = self.keys.good()?;
        for spelling in spellings(&self.path.clone()) {
            let asked = self.ask(Some(&key.token), &spelling, &[])?;
            let reached = asked.look.target.filter(|target| RequestPath::parse(target.as_bytes()).is_err());
            if let Some(reached) = reached {
                let detail = format!(
                    "`{spelling}` reaches the API as `{reached}`: keysrv was asked about another path"
                );
                self.report.find("paths", detail, PATHS);
                return Ok(());
            }
        }
        self.question(&key.token)?;
        if !self.sight.sees_targets() {
            self.report.skip("paths", "what reaches the API is seen with --stand-in alone");
        }
        self.report.done("paths");
        Ok(())
    }

    /// A client cannot put another question.
    fn question(&mut self, token: &str) -> Result<(), Failure> {
        let headers = ["X-Original-URI", "X-Forwarded-Uri", "X-Original-Method", "X-Forwarded-Method"];
        // Hopefully no rule allows it; where one does, nothing is found.
        let nowhere = ["/", "proxy-doctor-nowhere"].concat();
        for header in headers {
            let value = if header.ends_with("Method") { "NOTHING" } else { nowhere.as_str() };
            let asked = self.ask(Some(token), &self.path.clone(), &[(header, value)])?;
            if !asked.look.has_passed && asked.reply.is_some_and(|reply| reply.code() == Some("no_route")) {
                let detail = format!("keysrv is asked about what the client's own `{header}` says");
                self.report.find("paths", detail, QUESTION);
            }
        }
        Ok(())
    }
}
