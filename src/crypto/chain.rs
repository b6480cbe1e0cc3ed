//! The chain of audit events: `h_n = SHA-256(n ‖ h_{n-1} ‖ canonical event)`.
//!
//! It shows that a kept event was changed, taken out or put in later by somebody who could write
//! the file but not all of its copies; it does not stop who rewrites every event from there on.

use sha2::{Digest, Sha256};

use super::hash::Hash;

/// The hash before the first event.
pub const START: Hash = [0; 32];

/// The hash of event `n`, whose bytes are `canonical`.
pub fn link(n: i64, before: &Hash, canonical: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(n.to_be_bytes());
    hasher.update(before);
    hasher.update(canonical);
    hasher.finalize().into()
}
