//! SHA-256 of random secrets, and the comparison that tells nothing by its time.
//!
//! A token's secret has about 190 random bits, so that a fast hash is enough: there is nothing to
//! guess. Passwords are `password`'s.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The name that stands beside a hash of this kind in the database.
pub const ALGORITHM: &str = "sha256";

/// The hash of some bytes.
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// Compares two hashes in a time that does not depend on where they differ.
pub fn is_equal(a: &Hash, b: &Hash) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_standards() {
        // FIPS 180-4, example "abc".
        assert_eq!(
            crate::model::text::hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
