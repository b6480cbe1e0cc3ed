//! A database and the model of it: each step happens to both, and then both are asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use keysrv::app::App;
use keysrv::app::verify::{Ask, Counting};
use keysrv::clock::Clock;
use keysrv::model::account::{AccountChange, AccountName, Metadata, NewAccount};
use keysrv::model::expiry::Span;
use keysrv::model::key::{KeyChange, KeyName, KeyRef, NewKey, Rotation, ScopesChange, parse_allowed_ips};
use keysrv::model::limit::{LimitsChange, Quota, RateLimit};
use keysrv::model::project::ProjectChange;
use keysrv::model::scope::Scope;

use super::model::{Account, Addresses, Key, Now};
use super::step::{Limiting, Owner, Step};
use crate::app::{Fixture, IP, default, open, operator, scopes};

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn span(n: i64, unit: char) -> Span {
    Span::parse("span", &format!("{n}{unit}")).unwrap()
}

fn reference(name: &str) -> KeyRef {
    KeyRef::parse(name).unwrap()
}

fn nth<T>(map: &BTreeMap<String, T>, n: usize) -> Option<&String> {
    map.keys().nth(n % map.len().max(1))
}

/// Both.
pub(super) struct World {
    pub(super) fixture: Fixture,
    pub(super) keys: BTreeMap<String, Key>,
    accounts: BTreeMap<String, Account>,
    gone: Vec<String>,
    max_lifetime: Option<i64>,
    disable_unused: Option<i64>,
    n_made: usize,
    /// The latest time that was seen, here and in another process.
    latest: Timestamp,
    latest_there: Timestamp,
    wanted: Vec<Scope>,
}

impl World {
    pub(super) fn new() -> Self {
        let fixture = Fixture::new();
        Self {
            latest: fixture.app.now(),
            latest_there: fixture.app.now(),
            fixture,
            keys: BTreeMap::new(),
            accounts: BTreeMap::new(),
            gone: Vec::new(),
            max_lifetime: None,
            disable_unused: None,
            n_made: 0,
            wanted: vec![Scope::parse("platform:read").unwrap()],
        }
    }

    fn now(&self) -> Now {
        let passed_ms = self.fixture.clock.uptime().as_millis().try_into().unwrap();
        Now { at: self.fixture.app.now(), passed_ms }
    }

    pub(super) fn take(&mut self, step: &Step) {
        let at = self.now().at;
        let later = |in_hours: Option<i64>| in_hours.map(|n| at + hours(n));
        match *step {
            Step::Create { expires_in_hours, account } => self.create(later(expires_in_hours), account, at),
            Step::Switch { key, enabled } => self.switch(key, enabled, at),
            Step::Delete(key) => self.delete(key),
            Step::Rotate { key, overlap_hours, quiet_hours } => {
                self.rotate(key, overlap_hours, quiet_hours, at);
            }
            Step::EndOld(key) => self.end_old(key, at),
            Step::Extend { key, expires_in_hours } => self.extend(key, later(expires_in_hours), at),
            Step::Scope { key, is_held } => self.scope(key, is_held),
            Step::Addresses { key, addresses, mode } => {
                let list: &[&str] = match addresses {
                    Addresses::Any => &[],
                    Addresses::Ours => &["203.0.113.0/24"],
                    Addresses::Elsewhere => &["10.0.0.0/8", "2001:db8::/32"],
                };
                let limits = LimitsChange { ips_mode: Some(mode), ..LimitsChange::default() };
                let allowed_ips = Some(parse_allowed_ips(list.iter().copied()).unwrap());
                let Some(known) = self.change(key, KeyChange { allowed_ips, limits, ..KeyChange::default() })
                else {
                    return;
                };
                (known.addresses, known.addresses_mode) = (addresses, mode);
            }
            Step::Limits { of, limits } => self.limit(of, limits),
            Step::Move { key, account } => {
                let account = account.and_then(|n| nth(&self.accounts, n)).cloned();
                let change = KeyChange { account: Some(account.clone()), ..KeyChange::default() };
                if let Some(known) = self.change(key, change) {
                    known.account = account;
                }
            }
            Step::CreateAccount => self.create_account(),
            Step::SwitchAccount { account, enabled } => self.switch_account(account, enabled),
            Step::DeleteAccount(account) => self.delete_account(account),
            Step::MaxLifetime { days } => {
                let max_lifetime = Some(days.map(|n| span(n, 'd')));
                self.change_project(&ProjectChange { max_lifetime, ..ProjectChange::default() });
                self.max_lifetime = days;
            }
            Step::DisableUnused { days } => {
                let disable_unused = Some(days.map(|n| span(n, 'd')));
                self.change_project(&ProjectChange { disable_unused, ..ProjectChange::default() });
                if days != self.disable_unused {
                    self.keys.values_mut().for_each(Key::withdraw);
                }
                self.disable_unused = days;
            }
            Step::Use { key, token } => self.use_key(key, token),
            Step::Chores => self.chores(at),
            Step::Wait { minutes } => self.fixture.clock.advance(SignedDuration::from_mins(minutes)),
            Step::Jump { minutes } => self.fixture.clock.jump(SignedDuration::from_mins(minutes)),
            Step::Restart => self.restart(),
        }
    }

    fn create(&mut self, expires_at: Option<Timestamp>, account: Option<usize>, at: Timestamp) {
        self.n_made += 1;
        let name = format!("key {}", self.n_made);
        let account = account.and_then(|n| nth(&self.accounts, n)).cloned();
        let new =
            NewKey { expires_at, account: account.clone(), ..NewKey::named(KeyName::parse(&name).unwrap()) };
        let created = self.fixture.app.create_key(&operator(), &default(), &new);
        let last = self.max_lifetime.map(|days| at + hours(24 * days));
        if expires_at.zip(last).is_some_and(|(end, last)| end > last) {
            assert!(created.is_err(), "no key lives longer than its project allows");
            return;
        }
        let token = created.unwrap().token.expose().to_owned();
        let known = Key { expires_at: expires_at.or(last), account, ..Key::new(token, at) };
        self.keys.insert(name, known);
    }

    /// Changes a key; answers with what the model knows of it, to be changed too.
    fn change(&mut self, n: usize, change: KeyChange) -> Option<&mut Key> {
        let name = nth(&self.keys, n)?.clone();
        self.fixture.app.set_key(&operator(), &default(), &reference(&name), &change).unwrap();
        self.keys.get_mut(&name)
    }

    fn change_project(&self, change: &ProjectChange) {
        self.fixture.app.change_project(&operator(), &default(), change).unwrap();
    }

    fn switch(&mut self, n: usize, enabled: bool, at: Timestamp) {
        let change = KeyChange { enabled: Some(enabled), ..KeyChange::default() };
        if let Some(known) = self.change(n, change) {
            known.switch(enabled, at);
        }
    }

    fn scope(&mut self, n: usize, is_held: bool) {
        let held = if is_held { scopes(&["platform:read", "keys:read"]) } else { scopes(&["keys:read"]) };
        let scopes = Some(ScopesChange::Replace(held));
        if let Some(known) = self.change(n, KeyChange { scopes, ..KeyChange::default() }) {
            known.has_scope = is_held;
        }
    }

    fn delete(&mut self, n: usize) {
        let Some(name) = nth(&self.keys, n).cloned() else { return };
        self.fixture.app.delete_key(&operator(), &default(), &reference(&name), None).unwrap();
        self.forget(&name);
    }

    fn forget(&mut self, name: &str) {
        let known = self.keys.remove(name).unwrap();
        self.gone.extend(known.secrets.into_iter().map(|secret| secret.token));
    }

    fn rotate(&mut self, n: usize, overlap_hours: i64, quiet_hours: Option<i64>, at: Timestamp) {
        let Some(name) = nth(&self.keys, n).cloned() else { return };
        let rotation =
            Rotation { overlap: span(overlap_hours, 'h'), quiet: quiet_hours.map(|n| span(n, 'h')) };
        let rotated = self.fixture.app.rotate_key(&operator(), &default(), &reference(&name), rotation);
        let known = self.keys.get_mut(&name).unwrap();
        if known.has_expired(at) {
            assert!(rotated.is_err(), "an expired key is not rotated");
            return;
        }
        let token = rotated.unwrap().token.expose().to_owned();
        known.rotate(token, hours(overlap_hours), quiet_hours.map(hours), at);
    }

    fn end_old(&mut self, n: usize, at: Timestamp) {
        let Some(name) = nth(&self.keys, n).cloned() else { return };
        let ended = self.fixture.app.end_old_secret(&operator(), &default(), &reference(&name));
        assert_eq!(ended.is_ok(), self.keys.get_mut(&name).unwrap().end_old(at), "{name}");
    }

    fn extend(&mut self, n: usize, expires_at: Option<Timestamp>, at: Timestamp) {
        let Some(name) = nth(&self.keys, n).cloned() else { return };
        let change = KeyChange { expires_at: Some(expires_at), ..KeyChange::default() };
        let set = self.fixture.app.set_key(&operator(), &default(), &reference(&name), &change);
        let known = self.keys.get_mut(&name).unwrap();
        let last = self.max_lifetime.map(|days| at + hours(24 * days));
        let is_too_late = last.is_some_and(|last| expires_at.is_none_or(|end| end > last));
        if is_too_late && expires_at != known.expires_at {
            assert!(set.is_err(), "no key lives longer than its project allows");
        } else {
            set.unwrap();
            known.expires_at = expires_at;
        }
    }

    fn limit(&mut self, of: Owner, limiting: Limiting) {
        let mut limits = LimitsChange::default();
        match limiting {
            Limiting::Rate(n) => {
                limits.rate = Some(Some(RateLimit::parse(&format!("{n}/{}", n * 3_600)).unwrap()));
            }
            Limiting::RateMode(mode) => limits.rate_mode = Some(mode),
            Limiting::Quota(n) => limits.quota = Some(n.map(|n| Quota::parse(&format!("{n}/day")).unwrap())),
            Limiting::QuotaMode(mode) => limits.quota_mode = Some(mode),
            Limiting::QuotaReset => limits.quota_reset = true,
        }
        let (known, changed) = match of {
            Owner::Key(n) => {
                let Some(name) = nth(&self.keys, n).cloned() else { return };
                let change = KeyChange { limits, ..KeyChange::default() };
                let set = self.fixture.app.set_key(&operator(), &default(), &reference(&name), &change);
                (&mut self.keys.get_mut(&name).unwrap().limits, set.is_ok())
            }
            Owner::Account(n) => {
                let Some(id) = nth(&self.accounts, n).cloned() else { return };
                let change = AccountChange { limits, ..AccountChange::default() };
                let set = self.fixture.app.set_account(&operator(), &default(), &id, &change, None);
                (&mut self.accounts.get_mut(&id).unwrap().limits, set.is_ok())
            }
        };
        let is_possible = !matches!(limiting, Limiting::QuotaReset) || known.quota.is_some();
        assert_eq!(changed, is_possible, "only a quota that is there can be reset");
        known.apply(limiting);
    }

    fn create_account(&mut self) {
        self.n_made += 1;
        let new = NewAccount {
            name: AccountName::parse(&format!("account {}", self.n_made)).unwrap(),
            external_id: None,
            metadata: Metadata::default(),
            enabled: true,
            limits: LimitsChange::default(),
        };
        let id = self.fixture.app.create_account(&operator(), &default(), &new).unwrap().id.to_string();
        self.accounts.insert(id, Account::default());
    }

    fn switch_account(&mut self, n: usize, enabled: bool) {
        let Some(id) = nth(&self.accounts, n).cloned() else { return };
        let change = AccountChange { enabled: Some(enabled), ..AccountChange::default() };
        self.fixture.app.set_account(&operator(), &default(), &id, &change, None).unwrap();
        self.accounts.get_mut(&id).unwrap().enabled = enabled;
    }

    fn delete_account(&mut self, n: usize) {
        let Some(id) = nth(&self.accounts, n).cloned() else { return };
        let deleted = self.fixture.app.delete_account(&operator(), &default(), &id, None).unwrap();
        let is_its = |known: &Key| known.account.as_ref() == Some(&id);
        let its: Vec<String> =
            self.keys.iter().filter(|(_, known)| is_its(known)).map(|(name, _)| name.clone()).collect();
        assert_eq!(deleted.n_keys, its.len() as u64);
        for name in &its {
            self.forget(name);
        }
        self.accounts.remove(&id);
    }

    fn use_key(&mut self, n: usize, token: usize) {
        let now = self.now();
        let Some(name) = nth(&self.keys, n).cloned() else { return };
        let known = self.keys.get_mut(&name).unwrap();
        // The newest, or the one before it.
        let nth = known.secrets.len() - 1 - token.min(known.secrets.len() - 1);
        let account = known.account.as_ref().and_then(|id| self.accounts.get_mut(id));
        let expected = known.use_it(nth, account, now);
        let ask = ask(&known.secrets[nth].token, &self.wanted, Counting::Use);
        assert_eq!(self.fixture.app.verify(&ask).unwrap().code.as_str(), expected, "{name}");
    }

    fn chores(&mut self, at: Timestamp) {
        self.fixture.app.do_chores().unwrap();
        for known in self.keys.values_mut() {
            known.end_quiet(at);
            if let Some(days) = self.disable_unused {
                let account = known.account.as_ref().and_then(|id| self.accounts.get(id));
                known.look_after(account, hours(24 * days), at);
            }
        }
    }

    /// As a server that is stopped and started again.
    fn restart(&mut self) {
        self.fixture.app.flush_usage().unwrap();
        self.fixture.app.keep_time().unwrap();
        self.fixture.app = Arc::new(open(self.fixture.dir.path(), &self.fixture.clock));
        self.keys.values_mut().for_each(|known| known.limits.restart());
        self.accounts.values_mut().for_each(|known| known.limits.restart());
    }

    /// Every token that was ever made gets the verdict that the model expects, in this process and, but
    /// for limits, which each process counts for itself, in another one.
    pub(super) fn check(&mut self, other: &App) {
        let now = self.now();
        assert!(now.at >= self.latest, "time never runs backwards");
        // Of a time in which nobody looked at the clock, each process knows what it has seen itself.
        let there = other.now();
        assert!(there >= self.latest_there, "nor there");
        (self.latest, self.latest_there) = (now.at, there);
        let verdict = |app: &App, token: &str| {
            app.verify(&ask(token, &self.wanted, Counting::Dry)).unwrap().code.as_str()
        };
        for (name, known) in &mut self.keys {
            for n in 0..known.secrets.len() {
                let token = known.secrets[n].token.clone();
                let account = known.account.as_ref().and_then(|id| self.accounts.get_mut(id));
                let elsewhere = known.before_limits(n, account.as_deref(), there);
                let here = known.verdict(n, account, now);
                assert_eq!(verdict(&self.fixture.app, &token), here, "{name}, token {n}");
                let told = verdict(other, &token);
                let is_limited = ["rate_limited", "quota_exceeded"].contains(&told);
                assert_eq!(
                    if is_limited { "valid" } else { told },
                    elsewhere,
                    "{name}, token {n}, elsewhere"
                );
            }
        }
        for token in &self.gone {
            assert_eq!([&*self.fixture.app, other].map(|app| verdict(app, token)), ["not_found"; 2]);
        }
    }
}

fn ask<'a>(token: &'a str, wanted: &'a [Scope], counting: Counting) -> Ask<'a> {
    Ask { project: Some("default"), scopes: wanted, ip: Some(IP), counting, ..Ask::new(token) }
}
