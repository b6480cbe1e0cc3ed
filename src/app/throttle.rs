//! Slows down who guesses passwords, without letting a stranger lock an owner out.
//!
//! Failures are counted per user and network (an IPv4 address, an IPv6 /64): after five the next
//! attempt waits, twice as long each time, up to a quarter of an hour. A second ladder counts all
//! networks together, for guesses from many at once; it does not hold back a network from which
//! the user has signed in before. In memory only, and bounded.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::model::user::UserName;

const FREE_FAILURES: u32 = 5;
const FREE_FAILURES_ANYWHERE: u32 = 50;
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(15);
const WAIT_MAX_ANYWHERE: SignedDuration = SignedDuration::from_secs(30);
/// Failures are forgotten this long after the last one.
const FORGET_AFTER: SignedDuration = SignedDuration::from_hours(1);
const ENTRIES_MAX: usize = 10_000;
const REPORT_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A network whose attempts count together: one IPv4 address, or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(v4) => Self(v4.into()),
            IpAddr::V6(v6) => Self(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX)).into()),
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => write!(f, "{v4}/32"),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    n: u32,
    last_at: Timestamp,
}

#[derive(Default)]
struct State {
    by_network: HashMap<(UserName, Network), Failures>,
    anywhere: HashMap<UserName, Failures>,
    known: HashSet<(UserName, Network)>,
    reported_at: HashMap<UserName, Timestamp>,
}

/// Failed attempts of the last hour.
#[derive(Default)]
pub(super) struct Throttle(Mutex<State>);

impl Throttle {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long this user must wait on this network before the next attempt; `None` for not at all.
    pub(super) fn wait(&self, user: &UserName, network: Network, now: Timestamp) -> Option<SignedDuration> {
        let state = self.state();
        let place = (user.clone(), network);
        let here = state.by_network.get(&place).and_then(|f| rest(*f, FREE_FAILURES, WAIT_MAX, now));
        if state.known.contains(&place) {
            return here;
        }
        let anywhere = state.anywhere.get(user);
        here.max(anywhere.and_then(|f| rest(*f, FREE_FAILURES_ANYWHERE, WAIT_MAX_ANYWHERE, now)))
    }

    /// Counts a failed attempt. Whether it is to be reported: at most once a minute for a user.
    pub(super) fn fail(&self, user: &UserName, network: Network, now: Timestamp) -> bool {
        let mut state = self.state();
        count(&mut state.by_network, (user.clone(), network), now);
        count(&mut state.anywhere, user.clone(), now);
        make_room(&mut state.reported_at, |at| now.duration_since(*at) < REPORT_EVERY);
        let due = state.reported_at.get(user).is_none_or(|at| now.duration_since(*at) >= REPORT_EVERY);
        if due {
            state.reported_at.insert(user.clone(), now);
        }
        due
    }

    /// Forgets the failures of a user on this network, which has signed in from it.
    pub(super) fn succeed(&self, user: &UserName, network: Network) {
        let mut state = self.state();
        let place = (user.clone(), network);
        state.by_network.remove(&place);
        if state.known.len() >= ENTRIES_MAX {
            state.known.clear();
        }
        state.known.insert(place);
    }
}

fn rest(failures: Failures, free: u32, wait_max: SignedDuration, now: Timestamp) -> Option<SignedDuration> {
    if now.duration_since(failures.last_at) >= FORGET_AFTER {
        return None;
    }
    let doublings = failures.n.checked_sub(free)?;
    let wait = SignedDuration::from_secs(1_i64 << doublings.min(20)).min(wait_max);
    let rest = wait - now.duration_since(failures.last_at);
    rest.is_positive().then_some(rest)
}

fn count<K: std::hash::Hash + Eq + Clone>(failures: &mut HashMap<K, Failures>, key: K, now: Timestamp) {
    make_room(failures, |f| now.duration_since(f.last_at) < FORGET_AFTER);
    let entry = failures.entry(key).or_insert(Failures { n: 0, last_at: now });
    if now.duration_since(entry.last_at) >= FORGET_AFTER {
        entry.n = 0;
    }
    *entry = Failures { n: entry.n.saturating_add(1), last_at: now };
}

/// Keeps a map below its bound: first what is out of date goes, then whatever comes first.
fn make_room<K: std::hash::Hash + Eq + Clone, V>(map: &mut HashMap<K, V>, is_current: impl Fn(&V) -> bool) {
    if map.len() < ENTRIES_MAX {
        return;
    }
    map.retain(|_, value| is_current(value));
    if map.len() >= ENTRIES_MAX {
        let some: Vec<K> = map.keys().take(ENTRIES_MAX / 10).cloned().collect();
        for key in &some {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).unwrap()
    }

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    fn anna() -> UserName {
        UserName::parse("anna").unwrap()
    }

    #[test]
    fn the_wait_doubles_after_five_failures_and_ends() {
        let (throttle, here) = (Throttle::default(), network("203.0.113.7"));
        for _ in 0..4 {
            throttle.fail(&anna(), here, at(0));
            assert_eq!(throttle.wait(&anna(), here, at(0)), None);
        }
        for seconds in [1, 2, 4, 8] {
            throttle.fail(&anna(), here, at(0));
            assert_eq!(throttle.wait(&anna(), here, at(0)), Some(SignedDuration::from_secs(seconds)));
        }
        assert_eq!(throttle.wait(&anna(), here, at(8)), None);
        assert_eq!(throttle.wait(&anna(), network("203.0.113.8"), at(0)), None, "another network is free");
        for _ in 0..40 {
            throttle.fail(&anna(), here, at(9));
        }
        assert_eq!(throttle.wait(&anna(), here, at(9)), Some(WAIT_MAX));
    }

    #[test]
    fn strangers_everywhere_do_not_lock_out_an_owner_at_home() {
        let (throttle, home) = (Throttle::default(), network("192.0.2.1"));
        throttle.succeed(&anna(), home);
        for n in 0..200_u32 {
            throttle.fail(&anna(), Network::of(std::net::Ipv4Addr::from(n).into()), at(0));
        }
        assert_eq!(throttle.wait(&anna(), home, at(0)), None);
        assert_eq!(throttle.wait(&anna(), network("192.0.2.2"), at(0)), Some(WAIT_MAX_ANYWHERE));
    }

    #[test]
    fn one_failure_a_minute_is_reported() {
        let (throttle, here) = (Throttle::default(), network("2001:db8::1"));
        assert!(throttle.fail(&anna(), here, at(0)));
        assert!(!throttle.fail(&anna(), here, at(59)));
        assert!(throttle.fail(&anna(), here, at(60)));
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..25_000_u32 {
            throttle.fail(&anna(), Network::of(std::net::Ipv4Addr::from(n).into()), at(0));
        }
        assert!(throttle.state().by_network.len() <= ENTRIES_MAX);
    }

    #[test]
    fn neighbours_in_one_v6_network_count_together() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff"));
        assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_eq!(network("2001:db8::1").to_string(), "2001:db8::/64");
    }
}
