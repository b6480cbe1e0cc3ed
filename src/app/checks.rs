//! The checks that a key goes through after its secret was recognised: one list, in the order of
//! the contract's verdicts.
//!
//! `verify` stops at the first that fails, `explain` asks all of them. Nothing here reads or
//! counts anything; `app::explain::every_pair_of_failures_ends_with_the_first_of_them` holds the
//! order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use jiff::Timestamp;

use crate::model::code::Code;
use crate::model::key::KeyFacts;
use crate::model::limit::Mode;
use crate::model::route::{NoRoute, RouteMatch};
use crate::model::scope::{Scope, ScopeSet};
use crate::store::keys::StoredSecret;

/// What the checks look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    /// The key.
    pub(super) facts: &'a KeyFacts,
    /// The secret that was presented; `None` where somebody asks about the key itself.
    pub(super) secret: Option<&'a StoredSecret>,
    /// When.
    pub(super) at: Timestamp,
    /// Only a key of this project is accepted; `None` for the key's own project.
    pub(super) project: Option<&'a str>,
    /// The scopes that the key must hold.
    pub(super) scopes: &'a [Scope],
    /// Where the request comes from, if anybody knows.
    pub(super) ip: Option<IpAddr>,
    /// What the route rules say about the request; `None` where they are not asked.
    pub(super) matched: Option<RouteMatch<'a>>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing stands in the way.
    Passed,
    /// The code of the check is the verdict, unless one before it failed.
    Failed,
}

impl Outcome {
    fn failed_if(fails: bool) -> Self {
        if fails { Self::Failed } else { Self::Passed }
    }
}

impl<'a> Case<'a> {
    /// Walks through the checks in order and hands each with its outcome to `see`, which may stop.
    #[inline]
    pub(super) fn check<B>(&self, mut see: impl FnMut(Code, Outcome) -> ControlFlow<B>) -> ControlFlow<B> {
        let (facts, failed_if) = (self.facts, Outcome::failed_if);
        see(Code::NotFound, failed_if(self.is_of_another_project()))?;
        see(Code::Rotated, failed_if(self.secret.is_some_and(|secret| secret.has_ended(self.at))))?;
        see(Code::Disabled, failed_if(!facts.enabled))?;
        see(Code::AccountDisabled, failed_if(facts.is_account_disabled()))?;
        see(Code::Expired, failed_if(facts.has_expired(self.at)))?;
        see(Code::IpDenied, failed_if(facts.limits.ips_mode == Mode::Enforce && self.is_from_elsewhere()))?;
        see(Code::NoRoute, failed_if(self.no_route().is_some()))?;
        see(Code::InsufficientScope, failed_if(!facts.scopes.contains_all(self.wanted())))
    }

    /// The first check that fails, or valid.
    #[inline]
    pub(super) fn verdict(&self) -> Code {
        let first = self.check(|code, outcome| match outcome {
            Outcome::Failed => ControlFlow::Break(code),
            Outcome::Passed => ControlFlow::Continue(()),
        });
        first.break_value().unwrap_or(Code::Valid)
    }

    /// Every scope that is needed: those asked for, and those of the route rule.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &'a Scope> {
        let of_rule = match self.matched {
            Some(RouteMatch::Rule(rule)) => Some(&rule.scopes),
            _ => None,
        };
        self.scopes.iter().chain(of_rule.into_iter().flatten())
    }

    /// Those of them that the key lacks.
    pub(super) fn missing(&self) -> ScopeSet {
        self.facts.scopes.missing(self.wanted())
    }

    /// Why no route rule matches, if that is so.
    pub(super) fn no_route(&self) -> Option<NoRoute> {
        match self.matched {
            Some(RouteMatch::Nothing(why)) => Some(why),
            _ => None,
        }
    }

    /// Whether the list of addresses would refuse if it were not only watched.
    pub(super) fn is_watched_address(&self) -> bool {
        self.facts.limits.ips_mode == Mode::Watch && self.is_from_elsewhere()
    }

    fn is_from_elsewhere(&self) -> bool {
        !is_allowed(&self.facts.allowed_ips, self.ip)
    }

    fn is_of_another_project(&self) -> bool {
        self.project.is_some_and(|project| project != self.facts.project.as_str())
    }
}

fn is_allowed(allowed: &[IpNet], ip: Option<IpAddr>) -> bool {
    if allowed.is_empty() {
        return true;
    }
    // An IPv4 address that arrives on an IPv6 socket is still that IPv4 address.
    match ip.map(|ip| ip.to_canonical()) {
        None => false,
        Some(IpAddr::V4(ip)) => allowed.iter().any(|net| matches!(net, IpNet::V4(net) if is_in_v4(*net, ip))),
        Some(IpAddr::V6(ip)) => allowed.iter().any(|net| matches!(net, IpNet::V6(net) if is_in_v6(*net, ip))),
    }
}

// `IpNet::contains` works out first and last address of each network, which for a hundred of them
// costs a third of a whole verification.
fn is_in_v4(net: Ipv4Net, ip: Ipv4Addr) -> bool {
    let host_bits = u32::from(32 - net.prefix_len());
    (net.addr().to_bits() ^ ip.to_bits()).checked_shr(host_bits).unwrap_or(0) == 0
}

fn is_in_v6(net: Ipv6Net, ip: Ipv6Addr) -> bool {
    let host_bits = u32::from(128 - net.prefix_len());
    (net.addr().to_bits() ^ ip.to_bits()).checked_shr(host_bits).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_network_has_the_addresses_that_it_says(
            v4 in any::<u32>(), v6 in any::<u128>(), flips in any::<u128>(), shift in 0..129_u32, bits in 0..129_u8,
        ) {
            let flips = flips.checked_shr(shift).unwrap_or(0);
            let net = Ipv6Net::new(v6.into(), bits).unwrap();
            let ip = Ipv6Addr::from(v6 ^ flips);
            prop_assert_eq!(is_in_v6(net, ip), net.contains(&ip), "{} {}", net, ip);
            let net = Ipv4Net::new(v4.into(), bits.min(32)).unwrap();
            let ip = Ipv4Addr::from(v4 ^ u32::try_from(flips >> 96).unwrap());
            prop_assert_eq!(is_in_v4(net, ip), net.contains(&ip), "{} {}", net, ip);
        }
    }
}
