//! The use cases on a real database in a temporary directory, with a clock that stands still.

pub(crate) mod accounts;
mod audit;
mod backup;
mod backups;
mod change;
mod clock;
mod create;
pub(crate) mod explain;
mod key_cache;
mod lifetime;
mod like;
pub(crate) mod limits;
mod line;
mod lists;
mod permission;
mod presets;
mod projects;
mod reason;
mod restore;
mod rotate;
pub(crate) mod routes;
mod scopes;
mod sessions;
mod setup;
mod unused;
mod usage;
mod users;
mod verify;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use keysrv::app::App;
use keysrv::app::keys_create::CreatedKey;
use keysrv::app::verify::{Ask, Counting, Verdict};
use keysrv::clock::{Clock, ManualClock};
use keysrv::crypto::password::Cost;
use keysrv::model::audit::{AuditEvent, AuditFilter};
use keysrv::model::key::{Key, KeyName, KeyRef, NewKey};
use keysrv::model::page::PageRequest;
use keysrv::model::principal::{KeyPrincipal, Principal};
use keysrv::model::project::ProjectName;
use keysrv::model::scope::{Catalogue, Scope, ScopeSet};
use keysrv::store;

/// A password hash that costs nearly nothing.
pub(crate) const CHEAP: Cost = Cost { memory_kib: 64, passes: 1 };
pub(crate) const IP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

/// An app on its own database.
pub(crate) struct Fixture {
    pub dir: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub app: Arc<App>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at("2026-11-24T12:00:00Z".parse().unwrap()));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        keysrv::app::setup::init(dir.path(), &shared, &operator(), &Catalogue::example(), None).unwrap();
        let app = Arc::new(open(dir.path(), &clock));
        Self { dir, clock, app }
    }

    pub(crate) fn create(&self, name: &str) -> CreatedKey {
        self.create_with(&named(name))
    }

    pub(crate) fn create_with(&self, new: &NewKey) -> CreatedKey {
        self.app.create_key(&operator(), &default(), new).unwrap()
    }

    pub(crate) fn get(&self, name: &str) -> Key {
        self.app.get_key(&operator(), &default(), &reference(name)).unwrap()
    }

    pub(crate) fn verify(&self, token: &str, wanted: &[&str]) -> Verdict {
        let scopes: Vec<Scope> = wanted.iter().map(|scope| Scope::parse(scope).unwrap()).collect();
        let ask =
            Ask { project: None, scopes: &scopes, ip: Some(IP), counting: Counting::Use, ..Ask::new(token) };
        self.app.verify(&ask).unwrap()
    }

    pub(crate) fn code(&self, token: &str) -> &'static str {
        self.verify(token, &[]).code.as_str()
    }

    pub(crate) fn events(&self) -> Vec<AuditEvent> {
        let page = PageRequest::default();
        self.app.list_audit(&operator(), &AuditFilter::default(), &page).unwrap().items
    }

    pub(crate) fn actions(&self) -> Vec<String> {
        self.events().into_iter().map(|event| event.action).collect()
    }
}

/// Another app on the same database, as a second process would be.
pub(crate) fn open(dir: &Path, clock: &Arc<ManualClock>) -> App {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    App::with_store(store::open(dir).unwrap(), clock, CHEAP).unwrap()
}

pub(crate) fn operator() -> Principal {
    Principal::Operator("test".to_owned())
}

pub(crate) fn default() -> ProjectName {
    ProjectName::default()
}

pub(crate) fn named(name: &str) -> NewKey {
    NewKey::named(KeyName::parse(name).unwrap())
}

pub(crate) fn reference(text: &str) -> KeyRef {
    KeyRef::parse(text).unwrap()
}

pub(crate) fn scopes(names: &[&str]) -> ScopeSet {
    ScopeSet::parse(names.iter().copied()).unwrap()
}

/// The principal of a key that holds these scopes, bound to an account or not.
pub(crate) fn key_principal(names: &[&str], account: Option<keysrv::model::account::AccountId>) -> Principal {
    Principal::Key(KeyPrincipal {
        id: keysrv::model::key::KeyId::parse("callerCaller").unwrap(),
        name: "caller".to_owned(),
        project: default(),
        scopes: scopes(names),
        account,
    })
}
