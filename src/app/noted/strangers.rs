//! Requests whose token no key has, by hour and network, of so many networks at most.

use std::collections::HashMap;
use std::sync::Mutex;

use ipnet::IpNet;

use super::lock;
use crate::model::code::Code;
use crate::model::noted::StrangerCount;
use crate::model::usage::Hour;

/// Networks that are counted by themselves between two flushes; the others are counted together.
const NETWORKS_MAX: usize = 256;

type Place = (Hour, Option<IpNet>, Code);

/// Counts that wait to be written.
#[derive(Default)]
pub(super) struct Strangers(Mutex<HashMap<Place, u64>>);

impl Strangers {
    /// Counts one.
    pub(super) fn note(&self, hour: Hour, network: Option<IpNet>, code: Code) {
        self.add((hour, network, code), 1);
    }

    /// Counts several.
    pub(super) fn add(&self, place: Place, n: u64) {
        let mut waiting = lock(&self.0);
        let has_room = waiting.len() < NETWORKS_MAX || waiting.contains_key(&place);
        let (hour, _, code) = place;
        let place = if has_room { place } else { (hour, None, code) };
        *waiting.entry(place).or_default() += n;
    }

    /// All that wait.
    pub(super) fn take(&self) -> Vec<StrangerCount> {
        let waiting = std::mem::take(&mut *lock(&self.0));
        let count = |((hour, network, code), count)| StrangerCount { hour, network, code, count };
        waiting.into_iter().map(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ever_so_many_networks_take_a_bounded_place_and_none_is_lost() {
        let strangers = Strangers::default();
        for n in 0..100_000_u32 {
            let network = IpNet::new(std::net::Ipv4Addr::from_bits(n << 8).into(), 24).unwrap();
            strangers.note(Hour(0), Some(network), Code::NotFound);
        }
        let all = strangers.take();
        assert_eq!(all.len(), NETWORKS_MAX + 1);
        assert_eq!(all.iter().map(|one| one.count).sum::<u64>(), 100_000);
    }
}
