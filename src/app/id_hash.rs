//! Where a key's record and its counts are found in memory: a hash of its id in two multiplications.
//!
//! The ids of keys are random and nobody chooses one; an id that no key has is never kept. So nobody
//! can make many meet in one place, and the hash need not be a secret one.

use crate::model::key::KeyId;

// 2^64 divided by the golden ratio.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of an id; all of its bits are good.
pub(super) fn hash(id: &KeyId) -> u64 {
    let [first, last] = id.words();
    finish(add(add(0, first), last))
}

/// The hash of another name, of this kind.
pub(super) fn hash_text(kind: char, text: &str) -> u64 {
    let words = text.as_bytes().chunks(8).map(|part| {
        let mut word = [0; 8];
        word.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(word)
    });
    finish(words.fold(u64::from(kind), add))
}

fn add(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(29) ^ word).wrapping_mul(FACTOR)
}

fn finish(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(FACTOR)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_that_differ_little_are_spread_over_low_and_high_bits_alike() {
        let hashes: Vec<u64> = (0..4096).map(|n| hash(&KeyId::parse(&format!("{n:012}")).unwrap())).collect();
        for shift in [0, 26, 52] {
            let met: HashSet<u64> = hashes.iter().map(|hash| (hash >> shift) & 0xFFF).collect();
            // Of 4096 thrown into 4096 places, about 63 in 100 places are met.
            assert!((2_450..2_750).contains(&met.len()), "{} at {shift}", met.len());
        }
    }
}
