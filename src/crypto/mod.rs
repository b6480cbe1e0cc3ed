//! Tokens, their hashes, and passwords.
//!
//! Only this floor sees plain tokens and passwords, and only it names the crates for random
//! numbers, SHA-256 and argon2id. Nothing here is stored or shown by it.

pub mod chain;
pub mod hash;
pub mod password;
pub mod random;
pub mod token;
