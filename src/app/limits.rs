//! Rate limits and quotas as a verification checks them.
//!
//! What limits a key is worked out once from its record and kept beside it for as long as the record
//! is current; from then on a check is a few atomic operations, without a lock or an allocation. A
//! request takes from every limit or from none: one that is refused consumes nothing.
//!
//! Rate limits live in memory and start full when the server does. Quotas are written with the usage
//! (`flush_quotas`). Each process counts for itself; of quotas, what others used comes in with the
//! next flush.

use jiff::Timestamp;

use super::verify::{Ask, Counting, VerifiedKey};
use super::{App, Result};
use crate::model::code::Code;
use crate::model::limit::{Limits, Mode, Quota, RateLimit, Watched};
use crate::store::VerifyRecord;
use crate::store::limits::{LimitOwner, QuotaCount};

mod bucket;
mod counter;
mod held;
mod limiter;
mod standing;

pub use standing::{Standing, Standings};

use bucket::Bucket;
use counter::{Counter, Terms};
use held::Held;
use limiter::{Limiter, Meter, Moment};

/// What counts the limits of all keys and accounts.
#[derive(Default)]
pub(super) struct Meters {
    buckets: Held<Bucket>,
    counters: Held<Counter>,
}

/// The limits of one key, in the order in which they are checked.
struct Limiters(Vec<Limiter>);

/// What the limits say to a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome {
    /// The verdict, if one of them refuses.
    pub(super) refusal: Option<Code>,
    /// How those that are enforced stand now.
    pub(super) standings: Standings,
    /// Which of those that are only watched would have refused.
    pub(super) watched: [Option<Watched>; 4],
}

impl App {
    /// Takes what is asked for from all limits of a key or from none; what does not count as a use
    /// only looks. A request that another check refused already is no business of the limits.
    pub(super) fn check_limits(&self, key: &VerifiedKey, ask: &Ask<'_>, before: Code) -> Result<Outcome> {
        if !before.is_valid() {
            return Ok(Outcome::default());
        }
        self.with_limiters(&key.record, key.at, |limiters, moment| match ask.counting {
            Counting::Use => limiters.take(ask.cost, moment),
            Counting::Dry => limiters.look(ask.cost, moment),
        })
    }

    /// How the limits of a key stand; takes nothing.
    pub(super) fn limits_of(&self, record: &VerifyRecord, at: Timestamp) -> Result<Standings> {
        let outcome = self.with_limiters(record, at, |limiters, moment| limiters.look(0, moment))?;
        Ok(outcome.standings)
    }

    #[inline]
    fn with_limiters(
        &self,
        record: &VerifyRecord,
        at: Timestamp,
        ask: impl FnOnce(&Limiters, Moment) -> Outcome,
    ) -> Result<Outcome> {
        let facts = &record.facts;
        let account = facts.account.as_ref().map(|account| &account.limits);
        if facts.limits.is_unlimited() && account.is_none_or(Limits::is_unlimited) {
            return Ok(Outcome::default());
        }
        let moment = Moment { at, ns: self.uptime_ns() };
        if record.beside.get::<Limiters>().is_none() {
            record.beside.put(self.limiters(record, moment)?);
        }
        Ok(record.beside.get().map_or_else(Outcome::default, |limiters| ask(limiters, moment)))
    }

    fn limiters(&self, record: &VerifyRecord, moment: Moment) -> Result<Limiters> {
        let facts = &record.facts;
        let mut limiters = Vec::new();
        let key = (LimitOwner::Key(facts.id), &facts.limits, [Watched::RateLimited, Watched::QuotaExceeded]);
        let account = facts.account.as_ref().map(|account| {
            let watched = [Watched::AccountRateLimited, Watched::AccountQuotaExceeded];
            (LimitOwner::Account(account.id.clone()), &account.limits, watched)
        });
        let owners: Vec<_> = [Some(key), account].into_iter().flatten().collect();
        for (owner, limits, [watched, _]) in &owners {
            if let Some(rate) = limits.rate {
                let meter = Meter::Rate(self.bucket(owner, rate, moment)?);
                limiters.push(Limiter { watched: *watched, mode: limits.rate_mode, meter });
            }
        }
        for (owner, limits, [_, watched]) in &owners {
            if let Some(quota) = limits.quota {
                let counter = self.counter(owner, limits, quota, &facts.zone, moment.at)?;
                let meter = Meter::Quota(counter, quota);
                limiters.push(Limiter { watched: *watched, mode: limits.quota_mode, meter });
            }
        }
        Ok(Limiters(limiters))
    }

    fn bucket(&self, owner: &LimitOwner, rate: RateLimit, moment: Moment) -> Result<std::sync::Arc<Bucket>> {
        self.meters.buckets.get(owner, moment.ns, |there| {
            Ok(match there {
                Some(bucket) if bucket.limit() == rate => None,
                Some(bucket) => Some(bucket.changed_to(rate, moment.ns)),
                None => Some(Bucket::new(rate)),
            })
        })
    }

    fn counter(
        &self,
        owner: &LimitOwner,
        limits: &Limits,
        quota: Quota,
        zone: &crate::model::limit::Zone,
        at: Timestamp,
    ) -> Result<std::sync::Arc<Counter>> {
        let terms = Terms { since: limits.quota_since, per: quota.per(), zone: zone.clone() };
        self.meters.counters.get(owner, self.uptime_ns(), |there| {
            // A request that began before a reset may come here after one that began behind it.
            if there.is_some_and(|there| *there.terms() == terms || there.terms().since > terms.since) {
                return Ok(None);
            }
            if let Some(moved) = there.and_then(|there| there.moved_to(&terms, at)) {
                return Ok(Some(moved));
            }
            // Read while nobody else can make one, and after whatever was here has been written.
            let read = |period: &str| {
                let count =
                    QuotaCount { owner: owner.clone(), since: terms.since, period: period.to_owned() };
                self.store.quota_used(&count)
            };
            Ok(Some(Counter::load(terms.clone(), at, read)?))
        })
    }

    /// Writes what was used of quotas since the last time.
    pub(super) fn flush_quotas(&self) -> Result<()> {
        let grown: Vec<_> = self
            .meters
            .counters
            .all()
            .into_iter()
            .filter_map(|(owner, counter)| counter.growth().map(|growth| (owner, counter, growth)))
            .collect();
        if grown.is_empty() {
            return Ok(());
        }
        let uses: Vec<_> = grown
            .iter()
            .map(|(owner, counter, growth)| {
                let (owner, period) = (owner.clone(), growth.period.clone());
                (QuotaCount { owner, since: counter.terms().since, period }, growth.delta)
            })
            .collect();
        let totals = self.store.write_quotas(&uses)?;
        for ((_, counter, growth), total) in grown.iter().zip(totals) {
            counter.wrote(growth, total);
        }
        Ok(())
    }

    fn uptime_ns(&self) -> u64 {
        u64::try_from(self.time.uptime().as_nanos()).unwrap_or(u64::MAX)
    }
}

impl Limiters {
    fn enforced(&self) -> impl Iterator<Item = &Limiter> {
        self.0.iter().filter(|limiter| limiter.mode == Mode::Enforce)
    }

    fn take(&self, cost: u32, moment: Moment) -> Outcome {
        // Looked at first, so that a request which one of them refuses does not make another one
        // refuse a request that comes at the same time.
        if let Some(refusing) = self.enforced().find(|limiter| !limiter.has_room(cost, moment)) {
            return self.refused(refusing, cost, moment);
        }
        for (n, limiter) in self.enforced().enumerate() {
            if !limiter.take(cost, moment) {
                self.enforced().take(n).for_each(|taken| taken.give_back(cost));
                return self.refused(limiter, cost, moment);
            }
        }
        let mut outcome = Outcome { standings: self.standings(moment), ..Outcome::default() };
        let watching = self.0.iter().filter(|limiter| limiter.mode == Mode::Watch);
        let refusing = watching.filter(|limiter| !limiter.take(cost, moment));
        for (place, limiter) in outcome.watched.iter_mut().zip(refusing) {
            *place = Some(limiter.watched);
        }
        outcome
    }

    fn look(&self, cost: u32, moment: Moment) -> Outcome {
        match self.enforced().find(|limiter| !limiter.has_room(cost, moment)) {
            Some(refusing) => self.refused(refusing, cost, moment),
            None => Outcome { standings: self.standings(moment), ..Outcome::default() },
        }
    }

    fn refused(&self, by: &Limiter, cost: u32, moment: Moment) -> Outcome {
        let mut standings = self.standings(moment);
        standings.refused_by(by.watched, by.wait_seconds(cost, moment));
        Outcome { refusal: Some(by.watched.code()), standings, ..Outcome::default() }
    }

    fn standings(&self, moment: Moment) -> Standings {
        Standings::new(self.enforced().map(|limiter| limiter.standing(moment)))
    }
}
