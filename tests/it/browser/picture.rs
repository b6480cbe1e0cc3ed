//! The picture of the page of keys that the README shows, made from a database with a past.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use keysrv::app::App;
use keysrv::app::keys_create::CreatedKey;
use keysrv::app::setup::init;
use keysrv::app::verify::{Ask, Counting};
use keysrv::clock::{Clock, ManualClock, SystemClock};
use keysrv::model::key::{KeyName, KeyRef, NewKey};
use keysrv::model::principal::Principal;
use keysrv::model::project::ProjectName;
use keysrv::model::scope::{Catalogue, ScopeSet};

use super::PASSWORD;
use crate::harness::{Browser, Look, Place, Server};

const BYTES_MAX: u64 = 100_000;
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/output");
/// The one that is kept: a copy of the newest, made by hand when the page has changed.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.png");

#[test]
fn the_picture_of_the_readme_is_made_and_stays_small() {
    let place = Place::empty();
    Past::new(&place).live();
    place.add_user("anna", "admin", PASSWORD);
    let server = Server::start(&place);
    let browser = Browser::start(&server.url, Look::default());
    browser.resize(1100, 620);
    browser.go("/p/default/keys");
    browser.sign_in("anna", PASSWORD);
    browser.read("tbody tr:first-child", "my-agent-key");
    let picture = Path::new(FOLDER).join("keys.png");
    std::fs::create_dir_all(FOLDER).unwrap();
    std::fs::write(&picture, browser.picture()).unwrap();
    for path in [picture.as_path(), Path::new(KEPT)] {
        let bytes = std::fs::metadata(path).unwrap().len();
        assert!((1..BYTES_MAX).contains(&bytes), "{}: {bytes} bytes", path.display());
    }
}

/// Four months in which keys were made and used.
struct Past {
    app: App,
    clock: Arc<ManualClock>,
    now: Timestamp,
}

impl Past {
    /// Begins with the database: time never goes back to before what it has seen.
    fn new(place: &Place) -> Self {
        let now = SystemClock.now();
        let clock = Arc::new(ManualClock::at(now - SignedDuration::from_hours(24 * 130)));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        init(&place.data(), &shared, &anna(), &Catalogue::example(), None).unwrap();
        Self { app: App::open(&place.data(), shared).unwrap(), clock, now }
    }

    fn live(&self) {
        let old = self.create("old-laptop", "defaults", None);
        self.use_it(&old, "192.0.2.44");
        self.to(100 * 24 * 60);
        self.app.disable_key(&anna(), &ProjectName::default(), &reference(&old), None).unwrap();
        let staging = self.create("staging-import", "read-only", Some(6));
        self.to(60 * 24 * 60);
        let sync = self.create("production-hris-sync", "defaults", None);
        let provisioner =
            self.create_with("provisioner", ScopeSet::parse(["keys:read", "keys:write"]).unwrap());
        let agent = self.create("my-agent-key", "ai-agent", None);
        self.to(26 * 60);
        self.use_it(&staging, "203.0.113.9");
        self.to(3 * 60);
        self.use_it(&provisioner, "10.0.4.12");
        self.to(2);
        self.use_it(&sync, "203.0.113.7");
        self.to(0);
        self.use_it(&agent, "198.51.100.20");
        self.app.flush_usage().unwrap();
    }

    /// Moves to this many minutes before now.
    fn to(&self, minutes_ago: i64) {
        let then = self.now - SignedDuration::from_mins(minutes_ago);
        self.clock.advance(then.duration_since(self.clock.now()));
    }

    fn create(&self, name: &str, preset: &str, ends_in_days: Option<i64>) -> CreatedKey {
        let project = ProjectName::default();
        let scopes = self.app.get_catalogue(&anna(), &project).unwrap().preset(preset);
        let expires_at = ends_in_days.map(|days| self.now + SignedDuration::from_hours(24 * days + 1));
        let new = NewKey { scopes, expires_at, ..NewKey::named(KeyName::parse(name).unwrap()) };
        self.app.create_key(&anna(), &project, &new).unwrap()
    }

    fn create_with(&self, name: &str, scopes: ScopeSet) -> CreatedKey {
        let new = NewKey { scopes: Some(scopes), ..NewKey::named(KeyName::parse(name).unwrap()) };
        self.app.create_key(&anna(), &ProjectName::default(), &new).unwrap()
    }

    fn use_it(&self, key: &CreatedKey, ip: &str) {
        let ip = Some(ip.parse().unwrap());
        let ask =
            Ask { project: None, scopes: &[], ip, counting: Counting::Use, ..Ask::new(key.token.expose()) };
        assert!(self.app.verify(&ask).unwrap().code.is_valid());
    }
}

fn anna() -> Principal {
    Principal::Operator("anna".to_owned())
}

fn reference(key: &CreatedKey) -> KeyRef {
    KeyRef::from(key.key.facts.id)
}
