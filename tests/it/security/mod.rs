//! What would hurt most, tried hard: a change lost to a crash, a revoked key accepted, a secret that
//! leaks, an answer without its headers, a door that is open to the wrong person.

pub(crate) mod access;
mod canaries;
mod crash;
mod revocation;
