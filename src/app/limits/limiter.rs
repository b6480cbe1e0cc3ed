//! One limit of one key, whatever counts it.

use std::sync::Arc;

use jiff::Timestamp;

use super::bucket::Bucket;
use super::counter::Counter;
use super::standing::Standing;
use crate::model::limit::{Mode, Quota, Watched};

/// When a request is checked: by the calendar, and by a clock that never stops or goes back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) ns: u64,
}

/// One limit.
pub(super) struct Limiter {
    /// Which of the four it is.
    pub(super) watched: Watched,
    pub(super) mode: Mode,
    pub(super) meter: Meter,
}

/// What counts it.
pub(super) enum Meter {
    Rate(Arc<Bucket>),
    Quota(Arc<Counter>, Quota),
}

impl Limiter {
    pub(super) fn has_room(&self, cost: u32, moment: Moment) -> bool {
        match &self.meter {
            Meter::Rate(bucket) => bucket.has_room(cost, moment.ns),
            Meter::Quota(counter, quota) => {
                counter.used(moment.at).saturating_add(u64::from(cost)) <= quota.requests()
            }
        }
    }

    pub(super) fn take(&self, cost: u32, moment: Moment) -> bool {
        match &self.meter {
            Meter::Rate(bucket) => bucket.take(cost, moment.ns),
            Meter::Quota(counter, quota) => counter.take(cost, quota.requests(), moment.at),
        }
    }

    pub(super) fn give_back(&self, cost: u32) {
        match &self.meter {
            Meter::Rate(bucket) => bucket.give_back(cost),
            Meter::Quota(counter, _) => counter.give_back(cost),
        }
    }

    /// After how many seconds `cost` fits, at least 1.
    pub(super) fn wait_seconds(&self, cost: u32, moment: Moment) -> u64 {
        let seconds = match &self.meter {
            Meter::Rate(bucket) => bucket.wait_ns(cost, moment.ns).div_ceil(1_000_000_000),
            Meter::Quota(counter, _) => seconds_until(counter, moment.at),
        };
        seconds.max(1)
    }

    pub(super) fn standing(&self, moment: Moment) -> Standing {
        match &self.meter {
            Meter::Rate(bucket) => {
                let (limit, level) = (bucket.limit(), bucket.level(moment.ns));
                Standing {
                    of: self.watched,
                    limit: u64::from(limit.requests()),
                    window_seconds: Some(limit.per_seconds()),
                    remaining: level.remaining,
                    reset_seconds: level.full_in_ns.div_ceil(1_000_000_000),
                }
            }
            Meter::Quota(counter, quota) => Standing {
                of: self.watched,
                limit: quota.requests(),
                window_seconds: quota.per().seconds(),
                remaining: quota.requests().saturating_sub(counter.used(moment.at)),
                reset_seconds: seconds_until(counter, moment.at),
            },
        }
    }
}

fn seconds_until(counter: &Counter, at: Timestamp) -> u64 {
    let ms = counter.ends_at_ms().saturating_sub(at.as_millisecond());
    u64::try_from(ms).unwrap_or_default().div_ceil(1_000)
}
