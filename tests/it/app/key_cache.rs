//! What is kept in memory is never older than the database, whoever changes it and however much at once.

use std::sync::Arc;

use keysrv::app::App;
use keysrv::app::verify::{Ask, Counting, Routing};
use keysrv::clock::Clock;
use keysrv::model::expiry::Span;
use keysrv::model::route::OriginalRequest;
use keysrv::store::lock::ServerLock;

use super::{Fixture, default, named, operator, reference};

const BYTES: usize = 1 << 20;
/// Too few for any record, so that each verification looks its key up.
const NO_BYTES: usize = 1;

/// The one server of a fixture's database; the fixture is a process beside it.
struct Beside {
    fixture: Fixture,
    server: App,
    _lock: ServerLock,
}

impl Beside {
    fn new(bytes: usize) -> Self {
        let fixture = Fixture::new();
        let lock = ServerLock::acquire(fixture.dir.path(), "a test").unwrap();
        let clock: Arc<dyn Clock> = Arc::clone(&fixture.clock) as Arc<dyn Clock>;
        let server = App::open_as_server(fixture.dir.path(), &lock, clock, bytes).unwrap();
        Self { fixture, server, _lock: lock }
    }

    fn code(&self, token: &str) -> &'static str {
        self.server.verify(&Ask { counting: Counting::Dry, ..Ask::new(token) }).unwrap().code.as_str()
    }

    fn cached(&self) -> usize {
        self.server.read_metrics().cached_records
    }
}

#[test]
fn every_change_by_another_process_counts_when_it_is_acknowledged() {
    let beside = Beside::new(BYTES);
    let (fixture, who) = (&beside.fixture, operator());
    let account = super::accounts::create(fixture, "acme", None);
    let mut new = named("a");
    new.account = Some(account.id.to_string());
    let token = fixture.create_with(&new).token;
    let (app, key, code) = (&fixture.app, reference("a"), || beside.code(token.expose()));
    for _ in 0..20 {
        assert_eq!(code(), "valid");
        app.disable_key(&who, &default(), &key, None).unwrap();
        assert_eq!(code(), "disabled");
        app.enable_key(&who, &default(), &key).unwrap();
        assert_eq!(code(), "valid");
        app.disable_account(&who, &default(), account.id.as_str()).unwrap();
        assert_eq!(code(), "account_disabled");
        app.enable_account(&who, &default(), account.id.as_str()).unwrap();
    }
    assert_eq!(code(), "valid");
    app.rotate_key(&who, &default(), &key, Some(Span::parse("overlap", "0s").unwrap())).unwrap();
    assert_eq!(code(), "rotated");
    app.delete_key(&who, &default(), &key, None).unwrap();
    assert_eq!(code(), "not_found");
}

#[test]
fn every_change_by_the_server_itself_counts_at_once() {
    let beside = Beside::new(BYTES);
    let token = beside.fixture.create("a").token;
    let (app, who, key) = (&beside.server, operator(), reference("a"));
    for _ in 0..200 {
        assert_eq!(beside.code(token.expose()), "valid");
        app.disable_key(&who, &default(), &key, None).unwrap();
        assert_eq!(beside.code(token.expose()), "disabled");
        app.enable_key(&who, &default(), &key).unwrap();
    }
}

#[test]
fn look_ups_that_follow_one_another_closely_see_every_change() {
    let beside = Beside::new(NO_BYTES);
    let (token, other) = (beside.fixture.create("a").token, beside.fixture.create("b").token);
    let (who, key) = (operator(), reference("a"));
    let code = || {
        for _ in 0..3 {
            assert_eq!(beside.code(other.expose()), "valid");
        }
        beside.code(token.expose())
    };
    for _ in 0..100 {
        for app in [&beside.server, &beside.fixture.app] {
            assert_eq!(code(), "valid");
            app.disable_key(&who, &default(), &key, None).unwrap();
            assert_eq!(code(), "disabled");
            app.enable_key(&who, &default(), &key).unwrap();
        }
    }
    assert_eq!(beside.cached(), 0);
    let late = beside.fixture.create("late").token;
    assert_eq!(beside.code(late.expose()), "valid");
}

#[test]
fn rules_and_what_a_project_says_count_at_once() {
    let beside = Beside::new(BYTES);
    let (fixture, who) = (&beside.fixture, operator());
    let (token, rule) = (fixture.create("a").token, super::routes::rule("GET /a keys:write"));
    let code = || {
        let request = OriginalRequest { method: "GET", target: b"/a" };
        let ask = Ask { routing: Routing::On(Some(request)), ..Ask::new(token.expose()) };
        beside.server.verify(&ask).unwrap().code.as_str()
    };
    for _ in 0..5 {
        assert_eq!(code(), "valid");
        fixture.app.add_routes(&who, &default(), std::slice::from_ref(&rule)).unwrap();
        assert_eq!(code(), "insufficient_scope");
        fixture.app.remove_route(&who, &default(), &rule.method, &rule.pattern).unwrap();
    }
}

#[test]
fn more_changes_than_are_read_one_by_one_make_everything_old() {
    let beside = Beside::new(BYTES);
    let (app, who) = (&beside.fixture.app, operator());
    let tokens: Vec<_> = (0..20).map(|n| beside.fixture.create(&format!("k{n}")).token).collect();
    let codes = || tokens.iter().map(|token| beside.code(token.expose())).collect::<Vec<_>>();
    assert_eq!(codes(), ["valid"; 20]);
    assert_eq!(beside.cached(), 20);
    app.disable_key(&who, &default(), &reference("k7"), None).unwrap();
    for n in 0..1_005 {
        let (key, is_on) = (reference("k9"), n % 2 == 1);
        if is_on {
            app.enable_key(&who, &default(), &key)
        } else {
            app.disable_key(&who, &default(), &key, None)
        }
        .unwrap();
    }
    app.disable_key(&who, &default(), &reference("k8"), None).unwrap();
    let mut wanted = ["valid"; 20];
    wanted[7..=9].fill("disabled");
    assert_eq!(codes(), wanted);
}

#[test]
fn an_account_of_many_keys_stops_with_one_mark() {
    let beside = Beside::new(8 * BYTES);
    let account = super::accounts::create(&beside.fixture, "acme", None);
    let create = |n: usize| {
        let mut new = named(&format!("k{n}"));
        new.account = Some(account.id.to_string());
        beside.server.create_key(&operator(), &default(), &new).unwrap().token
    };
    let tokens: Vec<_> = (0..300).map(create).collect();
    let other = beside.fixture.create("other").token;
    let all = |code: &str| tokens.iter().all(|token| beside.code(token.expose()) == code);
    assert!(all("valid"));
    beside.fixture.app.disable_account(&operator(), &default(), account.id.as_str()).unwrap();
    assert!(all("account_disabled"));
    assert_eq!(beside.code(other.expose()), "valid");
    beside.server.enable_account(&operator(), &default(), account.id.as_str()).unwrap();
    assert!(all("valid"));
}

#[test]
fn what_counts_limits_goes_on_when_a_record_is_read_again() {
    let beside = Beside::new(4096);
    let mut new = named("a");
    new.limits.rate = Some(Some(keysrv::model::limit::RateLimit::parse("5/3600").unwrap()));
    let token = beside.fixture.create_with(&new).token;
    let others: Vec<_> = (0..30).map(|n| beside.fixture.create(&format!("k{n}")).token).collect();
    let verify = || {
        for other in &others {
            assert_eq!(beside.code(other.expose()), "valid");
        }
        let ask = Ask { counting: Counting::Use, ..Ask::new(token.expose()) };
        beside.server.verify(&ask).unwrap().code.as_str()
    };
    let codes: Vec<_> = (0..7).map(|_| verify()).collect();
    assert_eq!(codes[..5], ["valid"; 5]);
    assert_eq!(codes[5..], ["rate_limited"; 2]);
    assert!(beside.cached() < 10, "all {} fit", beside.cached());
}

#[test]
fn a_secret_ends_when_its_time_comes_though_nothing_has_changed() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    let overlap = Span::parse("overlap", "1h").unwrap();
    fixture.app.rotate_key(&operator(), &default(), &reference("a"), Some(overlap)).unwrap();
    assert_eq!(fixture.code(token.expose()), "valid");
    fixture.clock.advance(jiff::SignedDuration::from_hours(1));
    assert_eq!(fixture.code(token.expose()), "rotated");
}
