//! What long work on a file says while it goes on.

/// Told now and then how far the work is: done and total, in the work's own units.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Nobody watches.
pub fn silent(_done: u64, _total: u64) {}
