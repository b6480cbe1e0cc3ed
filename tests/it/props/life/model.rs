//! What a small model knows of keys and accounts, and the verdict that follows from it.
//!
//! It is written anew from the contract, with no word of the code that it is compared with.

use jiff::{SignedDuration, Timestamp};
use keysrv::model::limit::Mode;

use super::step::Limiting;

pub(super) const DAY_MS: i64 = 86_400_000;
/// Every rate limit of the model gives one request an hour.
const INTERVAL_MS: i64 = 3_600_000;
const ANNOUNCED_AHEAD: SignedDuration = SignedDuration::from_hours(14 * 24);

/// When it is asked: by the calendar, and by what passed since the test began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) at: Timestamp,
    pub(super) passed_ms: i64,
}

/// What a key or an account may use up.
pub(super) struct Limits {
    rate: Option<Rate>,
    rate_mode: Mode,
    pub(super) quota: Option<Quota>,
    quota_mode: Mode,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rate: None, rate_mode: Mode::Enforce, quota: None, quota_mode: Mode::Enforce }
    }
}

/// So many requests at once, and then one an hour.
struct Rate {
    requests: i64,
    /// What it was when it was last looked at: what was taken then is carried over in whole requests.
    seen_as: i64,
    paid_off_ms: i64,
}

/// So many requests a day.
#[derive(Default)]
pub(super) struct Quota {
    requests: i64,
    used: i64,
    day: i64,
}

impl Rate {
    fn new(requests: i64) -> Self {
        Self { requests, seen_as: requests, paid_off_ms: 0 }
    }

    fn has_room(&mut self, now: Now) -> bool {
        if self.seen_as != self.requests {
            let ahead = (self.paid_off_ms - now.passed_ms).max(0);
            let taken = (ahead + INTERVAL_MS - 1) / INTERVAL_MS;
            self.paid_off_ms = now.passed_ms + taken.min(self.requests) * INTERVAL_MS;
            self.seen_as = self.requests;
        }
        self.after(now) - now.passed_ms <= self.requests * INTERVAL_MS
    }

    fn after(&self, now: Now) -> i64 {
        self.paid_off_ms.max(now.passed_ms) + INTERVAL_MS
    }

    fn take(&mut self, now: Now) {
        if self.has_room(now) {
            self.paid_off_ms = self.after(now);
        }
    }
}

impl Quota {
    fn has_room(&mut self, now: Now) -> bool {
        let day = now.at.as_millisecond().div_euclid(DAY_MS);
        if day != self.day {
            (self.used, self.day) = (0, day);
        }
        self.used < self.requests
    }

    fn take(&mut self, now: Now) {
        if self.has_room(now) {
            self.used += 1;
        }
    }
}

impl Limits {
    pub(super) fn apply(&mut self, limiting: Limiting) {
        match limiting {
            Limiting::Rate(requests) => {
                let rate = self.rate.get_or_insert_with(|| Rate::new(requests));
                rate.requests = requests;
            }
            Limiting::RateMode(mode) => self.rate_mode = mode,
            // One that is taken away and comes back starts at nothing.
            Limiting::Quota(None) => self.quota = None,
            Limiting::Quota(Some(requests)) => {
                let quota = self.quota.get_or_insert_with(Quota::default);
                quota.requests = requests;
            }
            Limiting::QuotaMode(mode) => self.quota_mode = mode,
            Limiting::QuotaReset => {
                if let Some(quota) = &mut self.quota {
                    quota.used = 0;
                }
            }
        }
    }

    /// A new process has every rate limit full, and every quota as it was.
    pub(super) fn restart(&mut self) {
        if let Some(rate) = &mut self.rate {
            (rate.paid_off_ms, rate.seen_as) = (0, rate.requests);
        }
    }
}

/// The code of the first enforced limit that has no room, in the order in which they are asked.
fn used_up(key: &mut Limits, account: Option<&mut Limits>, now: Now) -> Option<&'static str> {
    let mut both: Vec<&mut Limits> = std::iter::once(key).chain(account).collect();
    let mut rate = false;
    let mut quota = false;
    for limits in &mut both {
        if let Some(limit) = &mut limits.rate {
            rate |= !limit.has_room(now) && limits.rate_mode == Mode::Enforce;
        }
        if let Some(limit) = &mut limits.quota {
            quota |= !limit.has_room(now) && limits.quota_mode == Mode::Enforce;
        }
    }
    if rate { Some("rate_limited") } else { quota.then_some("quota_exceeded") }
}

fn take(limits: &mut Limits, now: Now) {
    if let Some(rate) = &mut limits.rate {
        rate.take(now);
    }
    if let Some(quota) = &mut limits.quota {
        quota.take(now);
    }
}

/// Where a key may be used from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addresses {
    Any,
    Ours,
    Elsewhere,
}

/// One token that was made for a key.
pub(super) struct Secret {
    pub(super) token: String,
    pub(super) made_at: Timestamp,
    pub(super) ends_at: Option<Timestamp>,
    /// It ends after it was not seen for so long.
    pub(super) quiet: Option<SignedDuration>,
    seen_at: Option<Timestamp>,
}

impl Secret {
    pub(super) fn new(token: String, made_at: Timestamp) -> Self {
        Self { token, made_at, ends_at: None, quiet: None, seen_at: None }
    }

    fn is_live(&self, at: Timestamp) -> bool {
        self.ends_at.is_none_or(|ends_at| ends_at > at)
    }
}

/// What the model knows of an account.
pub(super) struct Account {
    pub(super) enabled: bool,
    pub(super) limits: Limits,
}

impl Default for Account {
    fn default() -> Self {
        Self { enabled: true, limits: Limits::default() }
    }
}

/// What the model knows of a key.
pub(super) struct Key {
    pub(super) enabled: bool,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) account: Option<String>,
    /// Whether it holds the scope that is asked for.
    pub(super) has_scope: bool,
    pub(super) addresses: Addresses,
    pub(super) addresses_mode: Mode,
    pub(super) limits: Limits,
    /// The oldest first.
    pub(super) secrets: Vec<Secret>,
    pub(super) created_at: Timestamp,
    pub(super) enabled_at: Timestamp,
    pub(super) used_at: Option<Timestamp>,
    /// When it will be disabled, since nobody uses it.
    pub(super) off_at: Option<Timestamp>,
}

impl Key {
    pub(super) fn new(token: String, at: Timestamp) -> Self {
        Self {
            enabled: true,
            expires_at: None,
            account: None,
            has_scope: true,
            addresses: Addresses::Any,
            addresses_mode: Mode::Enforce,
            limits: Limits::default(),
            secrets: vec![Secret::new(token, at)],
            created_at: at,
            enabled_at: at,
            used_at: None,
            off_at: None,
        }
    }

    pub(super) fn has_expired(&self, at: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= at)
    }

    pub(super) fn switch(&mut self, enabled: bool, at: Timestamp) {
        if enabled && !self.enabled {
            self.enabled_at = at;
        }
        if enabled != self.enabled {
            self.off_at = None;
        }
        self.enabled = enabled;
    }

    /// The verdict that every check but the limits leads to.
    pub(super) fn before_limits(&self, n: usize, account: Option<&Account>, at: Timestamp) -> &'static str {
        let is_denied = self.addresses == Addresses::Elsewhere && self.addresses_mode == Mode::Enforce;
        if !self.secrets[n].is_live(at) {
            "rotated"
        } else if !self.enabled {
            "disabled"
        } else if account.is_some_and(|account| !account.enabled) {
            "account_disabled"
        } else if self.has_expired(at) {
            "expired"
        } else if is_denied {
            "ip_denied"
        } else if !self.has_scope {
            "insufficient_scope"
        } else {
            "valid"
        }
    }

    /// The verdict about its nth token.
    pub(super) fn verdict(&mut self, n: usize, account: Option<&mut Account>, now: Now) -> &'static str {
        let code = self.before_limits(n, account.as_deref(), now.at);
        if code != "valid" {
            return code;
        }
        used_up(&mut self.limits, account.map(|account| &mut account.limits), now).unwrap_or("valid")
    }

    /// The verdict about its nth token, which counts as a use.
    pub(super) fn use_it(&mut self, n: usize, mut account: Option<&mut Account>, now: Now) -> &'static str {
        let code = self.verdict(n, account.as_deref_mut(), now);
        if self.secrets.iter().filter(|secret| secret.is_live(now.at)).count() > 1 {
            self.secrets[n].seen_at = Some(now.at);
        }
        if code == "valid" {
            take(&mut self.limits, now);
            if let Some(account) = account {
                take(&mut account.limits, now);
            }
            (self.used_at, self.off_at) = (Some(now.at), None);
        }
        code
    }

    /// Gives it a new token; the one before goes on for `overlap`, an older one ends.
    pub(super) fn rotate(
        &mut self,
        token: String,
        overlap: SignedDuration,
        quiet: Option<SignedDuration>,
        at: Timestamp,
    ) {
        let newest = self.secrets.len() - 1;
        for (n, secret) in self.secrets.iter_mut().enumerate() {
            let end = if n == newest { at + overlap } else { at };
            secret.ends_at = Some(secret.ends_at.map_or(end, |ends_at| ends_at.min(end)));
        }
        self.secrets[newest].quiet = quiet;
        self.secrets[newest].seen_at = None;
        self.secrets.push(Secret::new(token, at));
    }

    /// Ends the old one of two live secrets; whether there was one.
    pub(super) fn end_old(&mut self, at: Timestamp) -> bool {
        let old = |secret: &&mut Secret| secret.ends_at.is_some_and(|ends_at| ends_at > at);
        self.secrets.iter_mut().filter(old).map(|secret| secret.ends_at = Some(at)).count() > 0
    }

    /// Ends an old secret that nobody has presented for as long as its rotation said.
    pub(super) fn end_quiet(&mut self, at: Timestamp) {
        let Some([old, new]) = self.secrets.last_chunk() else { return };
        let seen_at = old.seen_at.map_or(new.made_at, |seen_at| seen_at.max(new.made_at));
        if old.is_live(at) && old.quiet.is_some_and(|quiet| seen_at + quiet <= at) {
            self.end_old(at);
        }
    }

    /// What a server does with a key that is not used for `after`.
    pub(super) fn look_after(&mut self, account: Option<&Account>, after: SignedDuration, at: Timestamp) {
        let is_active =
            self.enabled && account.is_none_or(|account| account.enabled) && !self.has_expired(at);
        if self.off_at.is_some_and(|off_at| off_at <= at) {
            self.off_at = None;
            if is_active {
                self.enabled = false;
                return;
            }
        }
        let since = at + ANNOUNCED_AHEAD - after;
        let last = self.created_at.max(self.enabled_at).max(self.used_at.unwrap_or(self.created_at));
        if is_active && self.off_at.is_none() && last <= since {
            self.off_at = Some(at + ANNOUNCED_AHEAD);
        }
    }

    /// Takes back what was announced.
    pub(super) fn withdraw(&mut self) {
        self.off_at = None;
    }
}
