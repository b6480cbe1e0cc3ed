//! What one key was used since the last flush: a little memory beside its record, with a lock of its own.
//!
//! Nearly every use is an accepted one in the same hour as the one before, of a key with one secret: then a
//! number grows and the last use is another. Everything else is put into a [`KeyUsage`], which is made when
//! it is needed.
//!
//! A tally that holds uses *waits* in the line of the next flush (`usage`), and whoever stands in the line is
//! held there: a record that leaves memory takes no use with it. A key whose record is read anew begins
//! another tally; the flush puts the two together.

use std::sync::Mutex;

use super::{Use, add, count, lock, merge};
use crate::model::code::Code;
use crate::model::usage::{Hour, KeyUsage, LastUse};

/// See the module.
#[derive(Default)]
pub(in crate::app) struct Tally(Mutex<Gathered>);

#[derive(Default)]
struct Gathered {
    /// Whether it stands in the line, or is in the hands of a flush that has not come to it yet.
    waits: bool,
    /// How many usual uses there were, and in which hour.
    usual: Option<(Hour, u64)>,
    /// The last accepted one of all.
    last: Option<LastUse>,
    unusual: Option<Box<KeyUsage>>,
}

impl Tally {
    /// Adds a use. A tally that does not wait yet is put in line by `wait`, unless that has no room: then the
    /// use is not counted, and the answer is no.
    pub(super) fn note(&self, one: &Use, wait: impl FnOnce() -> bool) -> bool {
        let mut gathered = lock(&self.0);
        // Under the lock, so that nobody takes from the line what holds no use yet.
        gathered.waits = gathered.waits || wait();
        if gathered.waits {
            gathered.add(one);
        }
        gathered.waits
    }

    /// Everything that gathered; from now on it does not wait.
    pub(super) fn take(&self) -> KeyUsage {
        let gathered = std::mem::take(&mut *lock(&self.0));
        gathered.into_usage()
    }

    /// Adds what could not be written, or what another tally of the key held. Puts itself in line with
    /// `wait` unless it waits.
    pub(super) fn give_back(&self, usage: KeyUsage, wait: impl FnOnce()) {
        let mut gathered = lock(&self.0);
        if !gathered.waits {
            wait();
        }
        let newer = std::mem::take(&mut *gathered).into_usage();
        let both = merge(usage, newer);
        *gathered =
            Gathered { waits: true, usual: None, last: both.last_used, unusual: Some(Box::new(both)) };
    }
}

impl Gathered {
    fn add(&mut self, one: &Use) {
        if one.code.is_valid() {
            self.last = Some(LastUse { at: one.at, ip: one.ip });
        }
        if !one.is_usual() {
            return add(self.unusual.get_or_insert_default(), one);
        }
        let hour = Hour::of(one.at);
        match &mut self.usual {
            Some((of, n)) if *of == hour => *n += 1,
            usual => {
                if let Some((before, n)) = usual.replace((hour, 1)) {
                    count(self.unusual.get_or_insert_default(), before, Code::Valid, n);
                }
            }
        }
    }

    fn into_usage(self) -> KeyUsage {
        let mut usage = self.unusual.map_or_else(KeyUsage::default, |unusual| *unusual);
        if let Some((hour, n)) = self.usual {
            count(&mut usage, hour, Code::Valid, n);
        }
        usage.last_used = self.last;
        usage
    }
}
