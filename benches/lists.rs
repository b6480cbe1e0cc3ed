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
use keysrv::model::key::{KeyFilter, KeyId, KeyName, KeyOrder, KeyRef, KeyStatus, NewKey};
use keysrv::model::limit::LimitsChange;
use keysrv::model::page::{Limit, PageRequest};
use keysrv::model::principal::{ActorKind, Principal};
use keysrv::model::project::ProjectName;
use keysrv::model::route::{PathPattern, RouteMethod, RouteRule};
use keysrv::model::scope::{Catalogue, Scope, ScopeSet};
use keysrv::model::usage::{KeyUsage, LastUse};
use keysrv::store;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const PAGES_MAX: usize = 40;
const DISABLED: usize = 1_000;
const ACCOUNTS: usize = 2_000;
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
        self.keys("agent", part(15), |new| new.account = Some("cus_1".to_owned()))?;
        self.keys("worker", part(60), |_| {})?;
        self.app.disable_account(&self.who, &self.project, "cus_2")?;
        self.clock.advance(DAY * 200);
        let used = LastUse { at: self.app.now(), ip: None };
        let usage = KeyUsage { last_used: Some(used), ..KeyUsage::default() };
        let start = Instant::now();
        self.store.write_usage(&ci.iter().map(|id| (*id, usage.clone())).collect())?;
        println!("{:>9} first uses written in {:.2} s", ci.len(), start.elapsed().as_secs_f64());
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
    bench.others()
}

impl Bench {
    /// The lists of what there is less of than keys; of audit events there are more.
    fn others(&self) -> Result<()> {
        for (name, q, enabled) in [
            ("accounts", None, None),
            ("accounts, disabled", None, Some(false)),
            ("accounts, q=acm", Some("acm"), None),
            ("accounts, q=customer-19", Some("customer-19"), None),
            ("accounts, q=c", Some("c"), None),
        ] {
            let filter = AccountFilter { q: q.map(str::to_owned), enabled, ..AccountFilter::default() };
            Self::measure(name, |request| {
                let page = self.app.list_accounts(&self.who, &self.project, &filter, request)?;
                Ok((page.items.len(), page.next_cursor))
            })?;
        }
        let text = |text: &str| Some(text.to_owned());
        let all = AuditFilter::default;
        for (name, filter) in [
            ("audit log", all()),
            ("audit log, action=key.disabled", AuditFilter { action: text("key.disabled"), ..all() }),
            ("audit log, action=account.", AuditFilter { action: text("account."), ..all() }),
            ("audit log, actor=bench", AuditFilter { actor: text("bench"), ..all() }),
            ("audit log, target=worker-1", AuditFilter { target: text("worker-1"), ..all() }),
            ("audit log, by a key", AuditFilter { actor_kind: Some(ActorKind::Key), ..all() }),
            ("audit log, before a day", AuditFilter { to: Some(self.app.now() - DAY * 100), ..all() }),
        ] {
            Self::measure(name, |request| {
                let page = self.app.list_audit(&self.who, &filter, request)?;
                Ok((page.items.len(), page.next_cursor))
            })?;
        }
        self.routes()
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
