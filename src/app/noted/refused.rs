//! The newest refusals of each key since the last flush, a few a key, of so many keys at most.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use super::lock;
use crate::model::key::KeyId;
use crate::model::noted::Refusal;

/// How many of a key are kept.
const OF_KEY_MAX: usize = 10;
/// Of how many keys; of further ones nothing is told until the next flush, a second later.
const KEYS_MAX: usize = 2_000;

/// Refusals that wait to be written.
#[derive(Default)]
pub(super) struct Refused(Mutex<HashMap<KeyId, VecDeque<Refusal>>>);

impl Refused {
    /// Notes one; the key's oldest goes when it has too many.
    pub(super) fn note(&self, key: KeyId, refusal: Refusal) {
        let mut waiting = lock(&self.0);
        if waiting.len() >= KEYS_MAX && !waiting.contains_key(&key) {
            return;
        }
        let of_key = waiting.entry(key).or_default();
        if of_key.len() >= OF_KEY_MAX {
            of_key.pop_front();
        }
        of_key.push_back(refusal);
    }

    /// All that wait.
    pub(super) fn take(&self) -> Vec<(KeyId, Refusal)> {
        let waiting = std::mem::take(&mut *lock(&self.0));
        waiting.into_iter().flat_map(|(key, all)| all.into_iter().map(move |one| (key, one))).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::code::Code;

    fn refusal(second: i64) -> Refusal {
        let at = Timestamp::from_second(second).unwrap();
        Refusal { at, code: Code::Disabled, ip: None, request: None }
    }

    #[test]
    fn the_newest_of_a_key_stay_and_keys_are_bounded() {
        let refused = Refused::default();
        let key = |n: usize| KeyId::parse(&format!("{n:012}")).unwrap();
        for second in 0..100 {
            refused.note(key(0), refusal(second));
        }
        for n in 0..KEYS_MAX + 100 {
            refused.note(key(n), refusal(1_000));
        }
        let all = refused.take();
        let of_first: Vec<_> =
            all.iter().filter(|(id, _)| *id == key(0)).map(|(_, one)| one.at.as_second()).collect();
        assert_eq!(of_first, [91, 92, 93, 94, 95, 96, 97, 98, 99, 1_000]);
        assert_eq!(all.len(), OF_KEY_MAX + KEYS_MAX - 1);
        assert!(refused.take().is_empty());
    }
}
