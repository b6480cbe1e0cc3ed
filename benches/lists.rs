//! What a page of each list costs when a project has very many keys.
//!
//! Run as `lists FOLDER KEYS` on an empty folder. The keys are of several kinds, each made in one go, so
//! that they stand together in the order of age and in that of names: the hardest case for a filter
//! that walks an order. Every list is read from its first page on; times are of single pages.

#![expect(clippy::print_stdout, reason = "what it finds out is its output")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::SignedDuration;
use keysrv::app::App;
use keysrv::clock::{Clock, ManualClock};
use keysrv::crypto::password::Cost;
use keysrv::model::account::{AccountFilter, AccountName, ExternalId, Metadata, NewAccount};
use keysrv::model::audit::AuditFilter;
use keysrv::model::code::Code;
use keysrv::model::key::{KeyFilter, KeyId, KeyName, KeyOrder, KeyRef, KeyStatus, NewKey};
use keysrv::model::limit::LimitsChange;
use keysrv::model::page::{Limit, PageRequest};
use keysrv::model::principal::{ActorKind, Principal};
use keysrv::model::project::ProjectName;
use keysrv::model::route::{PathPattern, RouteMethod, RouteRule};
use keysrv::model::scope::{Catalogue, Scope, ScopeSet};
use keysrv::model::usage::{Hour, KeyUsage, LastUse, UsageRange, UsageStep};
use keysrv::store;
use keysrv::store::keys::KeySeq;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PAGES_MAX: usize = 40;
const DISABLED: usize = 1_000;
const ACCOUNTS: usize = 2_000;
/// How long the busiest key has been used in each hour, with so many verdicts.
const BUSY_HOURS: i64 = 90 * 24;
const VERDICTS: [Code; 3] = [Code::Valid, Code::InsufficientScope, Code::RateLimited];
const DAY: SignedDuration = SignedDuration::from_hours(24);

struct Bench {
    app: App,
    store: Arc<dyn store::Store>,
    clock: Arc<ManualClock>,
    who: Principal,
    project: ProjectName,
}

impl Bench {
    fn new(folder: &Path) -> Result<Self> {
        let clock = Arc::new(ManualClock::at("2026-11-24T12:00:00Z".parse()?));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let who = Principal::Operator("bench".to_owned());
        keysrv::app::setup::init(folder, &shared, &who, &Catalogue::example(), None)?;
        let store = store::open(folder)?;
        let app = App::with_store(Arc::clone(&store), shared, Cost { memory_kib: 64, passes: 1 })?;
        Ok(Self { app, store, clock, who, project: ProjectName::default() })
    }

    fn account(&self, name: &str, external_id: &str) -> Result<()> {
        let new = NewAccount {
            name: AccountName::parse(name)?,
            external_id: Some(ExternalId::parse(external_id)?),
            metadata: Metadata::default(),
            limits: LimitsChange::default(),
            enabled: true,
        };
        self.app.create_account(&self.who, &self.project, &new)?;
        Ok(())
    }

    fn keys(&self, name: &str, n: u32, edit: impl FnOnce(&mut NewKey)) -> Result<Vec<KeyId>> {
        let mut new = NewKey::named(KeyName::parse(name)?);
        edit(&mut new);
        let start = Instant::now();
        let made = self.app.create_keys(&self.who, &self.project, &new, n, &mut |_, _| {})?;
        println!("{n:>9} keys `{name}-…` in {:.2} s", start.elapsed().as_secs_f64());
        Ok(made.into_iter().map(|(_, token)| token.key_id()).collect())
    }

    fn seq(&self, id: &KeyId) -> Result<KeySeq> {
        Ok(self.store.verify_record(id)?.ok_or("a key is not there")?.seq)
    }

    /// Uses of one key in each hour of many days.
    fn use_often(&self, id: KeyId) -> Result<()> {
        let now = Hour::of(self.app.now()).0;
        let hours = (now - BUSY_HOURS..now).map(Hour);
        let counts = hours.flat_map(|hour| VERDICTS.map(|code| (hour, code, 1))).collect();
        self.store.write_usage(&vec![(self.seq(&id)?, KeyUsage { counts, ..KeyUsage::default() })])?;
        Ok(())
    }

    fn fill(&self, n: u32) -> Result<()> {
        self.account("Acme", "cus_1")?;
        self.account("Globex", "cus_2")?;
        for n in 0..ACCOUNTS {
            self.account(&format!("customer-{n}"), &format!("ext-{n}"))?;
        }
        let part = |hundredths: u32| n / 100 * hundredths;
        let expires = self.app.now() + DAY;
        self.keys("old", part(10), |new| new.expires_at = Some(expires))?;
        self.keys("partner", part(10), |new| new.account = Some("cus_2".to_owned()))?;
        let ci = self.keys("ci", part(5), |new| new.scopes = ScopeSet::parse(["keys:read"]).ok())?;
        let agents = self.keys("agent", part(15), |new| new.account = Some("cus_1".to_owned()))?;
        self.keys("worker", part(60), |_| {})?;
        self.app.disable_account(&self.who, &self.project, "cus_2")?;
        self.clock.advance(DAY * 200);
        let used = LastUse { at: self.app.now(), ip: None };
        let usage = KeyUsage { last_used: Some(used), ..KeyUsage::default() };
        let start = Instant::now();
        let first_uses = ci.iter().map(|id| Ok((self.seq(id)?, usage.clone()))).collect::<Result<_>>()?;
        self.store.write_usage(&first_uses)?;
        println!("{:>9} first uses written in {:.2} s", ci.len(), start.elapsed().as_secs_f64());
        self.use_often(*agents.first().ok_or("there are too few keys")?)?;
        let soon = self.app.now() + DAY * 20;
        self.keys("soon", part(1), |new| new.expires_at = Some(soon))?;
        for id in ci.iter().take(DISABLED) {
            self.app.disable_key(&self.who, &self.project, &KeyRef::from(*id), None)?;
        }
        Ok(())
    }

    /// Reads pages of a list until its end, and tells how long they took.
    fn measure(
        name: &str,
        mut page: impl FnMut(&PageRequest) -> Result<(usize, Option<String>)>,
    ) -> Result<()> {
        let (mut times, mut rows, mut cursor, mut is_first) = (Vec::new(), 0, None, true);
        while times.len() < PAGES_MAX && (is_first || cursor.is_some()) {
            is_first = false;
            let request = PageRequest { limit: Limit::default(), cursor };
            let start = Instant::now();
            let (n, next) = page(&request)?;
            times.push(start.elapsed().as_secs_f64() * 1_000.0);
            rows += n;
            cursor = next;
        }
        let n_pages = times.len();
        times.sort_by(f64::total_cmp);
        let at = |hundredths: usize| {
            times.get((n_pages * hundredths).div_ceil(100).max(1) - 1).copied().unwrap_or_default()
        };
        println!("{name:44} {:>8.2} {:>8.2} {n_pages:>6} {rows:>6}", at(50), at(99));
        Ok(())
    }

    fn list(&self, name: &str, edit: impl FnOnce(&mut KeyFilter)) -> Result<()> {
        let mut filter = KeyFilter::default();
        edit(&mut filter);
        for order in [KeyOrder::Created, KeyOrder::Name, KeyOrder::LastUsed] {
            filter.order = order;
            Self::measure(&format!("{name}, by {}", order.as_str()), |request| {
                let page = self.app.list_keys(&self.who, &self.project, &filter, request)?;
                Ok((page.items.len(), page.next_cursor))
            })?;
        }
        Ok(())
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("the folder is missing")?;
    let n: u32 = arguments.next().ok_or("the number of keys is missing")?.parse()?;
    let bench = Bench::new(Path::new(&folder))?;
    bench.fill(n)?;
    println!("\n{:44} {:>8} {:>8} {:>6} {:>6}", "milliseconds a page of 50", "p50", "p99", "pages", "rows");
    bench.list("all", |_| {})?;
    for status in KeyStatus::ALL {
        bench.list(status.as_str(), |filter| filter.status = Some(status))?;
    }
    bench.list("scope", |filter| filter.scope = Scope::parse("keys:read").ok())?;
    bench.list("account", |filter| filter.account = Some("cus_1".to_owned()))?;
    bench.list("never used", |filter| filter.never_used = true)?;
    let since = bench.app.now() - DAY * 90;
    bench.list("unused for 90 days", |filter| filter.unused_since = Some(since))?;
    bench.list("expires within 30 days", |filter| filter.expires_by = Some(bench.app.now() + DAY * 30))?;
    bench.list("never ends", |filter| filter.never_ends = true)?;
    for q in ["worker", "agent-149", "er-99", "no such key", "acme", "w", "zz"] {
        bench.list(&format!("q={q}"), |filter| filter.q = Some(q.to_owned()))?;
    }
    bench.list("expired, scope", |filter| {
        filter.status = Some(KeyStatus::Expired);
        filter.scope = Scope::parse("keys:read").ok();
    })?;
    bench.list("q=worker, expired", |filter| {
        filter.status = Some(KeyStatus::Expired);
        filter.q = Some("worker".to_owned());
    })?;
    bench.list("account, scope, q=agent", |filter| {
        filter.account = Some("cus_1".to_owned());
        filter.scope = Scope::parse("keys:read").ok();
        filter.q = Some("agent".to_owned());
    })?;
    bench.list("scope, unused for 90 days, active", |filter| {
        filter.scope = Scope::parse("platform:read").ok();
        filter.unused_since = Some(since);
        filter.status = Some(KeyStatus::Active);
    })?;
    bench.accounts()?;
    bench.audit()?;
    bench.usage()?;
    bench.routes()
}

impl Bench {
    fn accounts(&self) -> Result<()> {
        let text = |text: &str| Some(text.to_owned());
        let all = AccountFilter::default;
        for (name, filter) in [
            ("accounts", all()),
            ("accounts, enabled", AccountFilter { enabled: Some(true), ..all() }),
            ("accounts, disabled", AccountFilter { enabled: Some(false), ..all() }),
            ("accounts, external id", AccountFilter { external_id: text("ext-7"), ..all() }),
            ("accounts, q=acm", AccountFilter { q: text("acm"), ..all() }),
            ("accounts, q=customer-19", AccountFilter { q: text("customer-19"), ..all() }),
            (
                "accounts, q=customer, disabled",
                AccountFilter { q: text("customer"), enabled: Some(false), ..all() },
            ),
            ("accounts, q=c", AccountFilter { q: text("c"), ..all() }),
        ] {
            Self::measure(name, |request| {
                let page = self.app.list_accounts(&self.who, &self.project, &filter, request)?;
                Ok((page.items.len(), page.next_cursor))
            })?;
        }
        Ok(())
    }

    /// Of audit events there are more than of keys.
    fn audit(&self) -> Result<()> {
        let text = |text: &str| Some(text.to_owned());
        let all = AuditFilter::default;
        let of_project = || AuditFilter { project: Some(self.project.clone()), ..all() };
        let account = self.app.get_account(&self.who, &self.project, "cus_2")?.id;
        for (name, filter) in [
            ("audit log", all()),
            ("audit log, action=key.disabled", AuditFilter { action: text("key.disabled"), ..all() }),
            ("audit log, action=account.", AuditFilter { action: text("account."), ..all() }),
            ("audit log, actor=bench", AuditFilter { actor: text("bench"), ..all() }),
            ("audit log, target=worker-1", AuditFilter { target: text("worker-1"), ..all() }),
            ("audit log, target id", AuditFilter { target_id: text(account.as_str()), ..all() }),
            ("audit log, of an account", AuditFilter { account: Some(account), ..all() }),
            ("audit log, by a key", AuditFilter { actor_kind: Some(ActorKind::Key), ..all() }),
            ("audit log, by the operator", AuditFilter { actor_kind: Some(ActorKind::Operator), ..all() }),
            ("audit log, of the project", of_project()),
            (
                "audit log, of the project, action=account.",
                AuditFilter { action: text("account."), ..of_project() },
            ),
            (
                "audit log, action=key.created, actor=nobody",
                AuditFilter { action: text("key.created"), actor: text("nobody"), ..all() },
            ),
            ("audit log, from a day on", AuditFilter { from: Some(self.app.now() - DAY), ..all() }),
            ("audit log, before a day", AuditFilter { to: Some(self.app.now() - DAY * 100), ..all() }),
        ] {
            Self::measure(name, |request| {
                let page = self.app.list_audit(&self.who, &filter, request)?;
                Ok((page.items.len(), page.next_cursor))
            })?;
        }
        Ok(())
    }

    /// Counts of a key that is used all the time, and of its account.
    fn usage(&self) -> Result<()> {
        let now = self.app.now();
        let from = Some(now - DAY * 100);
        for (name, step) in [("hour", UsageStep::Hour), ("day", UsageStep::Day)] {
            let range = UsageRange::new(step, from, None, now)?;
            let key = KeyRef::parse("agent-1")?;
            Self::measure(&format!("usage of a key, by {name}"), |request| {
                let usage = self.app.key_usage(&self.who, &self.project, &key, &range, request)?;
                Ok((usage.counts.items.len(), usage.counts.next_cursor))
            })?;
            Self::measure(&format!("usage of an account, by {name}"), |request| {
                let usage = self.app.account_usage(&self.who, &self.project, "cus_1", &range, request)?;
                Ok((usage.counts.items.len(), usage.counts.next_cursor))
            })?;
        }
        Ok(())
    }

    fn routes(&self) -> Result<()> {
        let rule = |n: usize| {
            let (method, pattern) =
                (RouteMethod::parse("GET")?, PathPattern::parse(&format!("/v1/things-{n}/*"))?);
            Ok::<_, Box<dyn Error>>(RouteRule { method, pattern, scopes: ScopeSet::default() })
        };
        let rules = (0..RouteRule::MAX).map(rule).collect::<Result<Vec<_>>>()?;
        self.app.add_routes(&self.who, &self.project, &rules)?;
        Self::measure("route rules", |request| {
            let page = self.app.list_routes(&self.who, &self.project, request)?;
            Ok((page.items.len(), page.next_cursor))
        })
    }
}
