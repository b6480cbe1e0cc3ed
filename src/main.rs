//! The `keysrv` program.

fn main() {}
