//! Whose word counts: forward auth listens to trusted proxies alone.
//!
//! Anybody else could claim any method, path and address, so that nothing is decided for them,
//! whatever they present. A proxy that was forgotten in the settings ends here as well; the log names
//! it and the setting, once a minute.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::model::code::Code;
use crate::web::hot::Asked;
use crate::web::problem::Problem;

const SAID_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// The most peers that are remembered; as long as there are more, the others are not named.
const PEERS_MAX: usize = 1024;

/// The peers that asked without being trusted, and when the log last named each.
#[derive(Debug, Default)]
pub struct Strangers(Mutex<HashMap<IpAddr, Timestamp>>);

impl Strangers {
    /// Whether the log should name this peer now.
    fn is_due(&self, peer: IpAddr, now: Timestamp) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &Timestamp| now.duration_since(*at).abs() < SAID_EVERY;
        if said.get(&peer).is_some_and(is_recent) {
            return false;
        }
        if said.len() >= PEERS_MAX {
            said.retain(|_, at| is_recent(at));
        }
        if said.len() >= PEERS_MAX {
            return false;
        }
        said.insert(peer, now);
        true
    }
}

/// Requires that the peer is a trusted proxy.
pub(super) fn require_proxy(asked: &Asked<'_>) -> Result<(), Problem> {
    if asked.client.is_proxied() {
        return Ok(());
    }
    // A peer without an address cannot be named in a setting either.
    if let Some(peer) = asked.client.peer()
        && asked.context.strangers.is_due(peer, asked.context.app.now())
    {
        tracing::warn!(
            %peer,
            "refused forward auth for {peer}, which is no trusted proxy; if it is yours, add \
             `--trusted-proxy {peer}` to `keysrv serve`, or to KEYSRV_TRUSTED_PROXY"
        );
    }
    Err(Problem::new(Code::UntrustedProxy, "only a trusted proxy may ask here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_named_once_a_minute_and_no_more_than_some_are_remembered() {
        let strangers = Strangers::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let peer = |n: u32| IpAddr::from(n.to_be_bytes());
        assert!(strangers.is_due(peer(1), at(0)));
        assert!(!strangers.is_due(peer(1), at(59)));
        assert!(strangers.is_due(peer(2), at(59)));
        assert!(strangers.is_due(peer(1), at(60)));
        assert!((3..=5000).filter(|n| strangers.is_due(peer(*n), at(61))).count() < PEERS_MAX);
        assert!(!strangers.is_due(peer(6000), at(62)));
        assert_eq!(strangers.0.lock().unwrap().len(), PEERS_MAX);
        assert!(strangers.is_due(peer(6000), at(121)));
        assert!(strangers.0.lock().unwrap().len() < 10);
    }
}
