//! The check that keysrv learns the client's address, and that no client can choose its own.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::Doctor;
use super::keys::Made;
use crate::cli::exit::Failure;

/// An address of nobody (RFC 5737).
const ELSEWHERE: &str = "203.0.113.7";
/// The server writes what it has counted once a second.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(100);

const FORGED: &str = "let the proxy set `X-Forwarded-For` of the question to the address that it sees, in place of \
                      what a client says: nginx, `$remote_addr`";
const LOST: &str = "let the proxy send the client's address to keysrv in `X-Forwarded-For`";

impl Doctor<'_> {
    pub(super) fn address(&mut self) -> Result<(), Failure> {
        let network: Option<IpNet> = ELSEWHERE.parse::<IpAddr>().ok().map(IpNet::from);
        if let Some(network) = network {
            self.elsewhere(network)?;
        }
        let key = self.keys.good()?;
        let asked = self.ask(Some(&key.token), &self.path.clone(), &[])?;
        if let Some(reply) = asked.reply {
            let seen = self.last_used(&key)?;
            self.compare(reply.from, seen);
        }
        self.report.done("address");
        Ok(())
    }

    fn elsewhere(&mut self, network: IpNet) -> Result<(), Failure> {
        let key = self.keys.bound(network)?;
        let headers = ["X-Forwarded-For", "X-Real-IP", "Forwarded", "True-Client-IP"];
        let forwarded = format!("for={ELSEWHERE}");
        let headers =
            headers.map(|name| (name, if name == "Forwarded" { forwarded.as_str() } else { ELSEWHERE }));
        if self.ask(Some(&key.token), &self.path.clone(), &headers)?.look.has_passed {
            self.report.find("address", "keysrv believes the client's own `X-Forwarded-For`", FORGED);
        }
        Ok(())
    }

    /// Another address than ours may be right, behind a translator of addresses; a proxy's is not.
    fn compare(&mut self, ours: IpAddr, seen: Option<IpAddr>) {
        let Some(seen) = seen else {
            self.report.find("address", "keysrv does not learn the client's address", LOST);
            return;
        };
        if seen != ours && self.trusted.iter().any(|network| network.contains(&seen)) {
            let detail = format!("keysrv takes {seen}, a proxy's address, for that of the client {ours}");
            self.report.find("address", detail, LOST);
        }
    }

    /// Where the key was last used from, once the server has written it down.
    fn last_used(&self, key: &Made) -> Result<Option<IpAddr>, Failure> {
        let end = Instant::now() + WRITTEN_WITHIN;
        loop {
            self.target.require_going()?;
            let now = self.keys.get(&key.id)?;
            if now.last_used_at.is_some() || Instant::now() > end {
                return Ok(now.last_used_ip.and_then(|ip| ip.parse().ok()));
            }
            std::thread::sleep(LOOK);
        }
    }
}
