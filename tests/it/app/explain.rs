//! Explanations: the verdict's own checks, all of them, and nothing consumed.

use jiff::SignedDuration;
use keysrv::app::explain::{Explanation, KeyAsk};
use keysrv::app::verify::{Ask, Counting, Routing};
use keysrv::crypto::token::Token;
use keysrv::model::expiry::Span;
use keysrv::model::key::{Note, parse_allowed_ips};
use keysrv::model::limit::LimitsChange;
use keysrv::model::project::{Prefix, ProjectChange, ProjectName, ReasonShown};
use keysrv::model::route::OriginalRequest;
use keysrv::model::scope::{Catalogue, Scope};

use crate::api::order::ORDER;

use super::{Fixture, IP, default, key_principal, named, operator, reference};

/// What can be wrong with a key and a request, in the order of the verdicts: all but what is wrong with
/// what is presented.
fn failures() -> &'static [&'static str] {
    &ORDER[ORDER.iter().position(|failure| *failure == "rotated").unwrap()..]
}

/// A key with these failures, and what is asked of its token.
struct Broken {
    fixture: Fixture,
    token: Token,
    wanted: Vec<Scope>,
}

impl Broken {
    fn new(failures: &[&str]) -> Self {
        let has = |failure: &str| failures.contains(&failure);
        let fixture = Fixture::new();
        let account = super::accounts::create(&fixture, "acme", None);
        let mut new = named("a");
        new.account = Some(account.id.to_string());
        new.expires_at = Some(fixture.app.now() + SignedDuration::from_hours(1));
        new.allowed_ips =
            parse_allowed_ips([if has("ip_denied") { "10.0.0.0/8" } else { "0.0.0.0/0" }]).unwrap();
        new.scopes = Some(super::scopes(&["platform:read"]));
        new.limits = limits(failures);
        let token = fixture.create_with(&new).token;
        let first =
            Ask { ip: Some([10, 0, 0, 1].into()), counting: Counting::Use, ..Ask::new(token.expose()) };
        assert!(fixture.app.verify(&first).unwrap().code.is_valid());
        let (app, who, key) = (&fixture.app, operator(), reference("a"));
        if has("rotated") {
            app.rotate_key(&who, &default(), &key, None).unwrap();
        }
        if has("disabled") {
            app.disable_key(&who, &default(), &key, None).unwrap();
        }
        if has("account_disabled") {
            app.disable_account(&who, &default(), account.id.as_str()).unwrap();
        }
        if has("expired") {
            fixture.clock.advance(SignedDuration::from_hours(1));
        }
        if has("no_route") {
            super::routes::add(&fixture, &["GET /elsewhere"]);
        }
        let scope = if has("insufficient_scope") { "keys:write" } else { "platform:read" };
        Self { fixture, token, wanted: vec![Scope::parse(scope).unwrap()] }
    }

    fn ask(&self, counting: Counting) -> Ask<'_> {
        let routing = Routing::On(Some(OriginalRequest { method: "GET", target: b"/here" }));
        Ask { scopes: &self.wanted, ip: Some(IP), counting, routing, ..Ask::new(self.token.expose()) }
    }

    fn explain(&self) -> Explanation {
        self.fixture.app.explain(&self.ask(Counting::Dry)).unwrap()
    }
}

/// Limits that one request uses up.
pub(crate) fn limits(failures: &[&str]) -> LimitsChange {
    let has = |failure: &str| failures.contains(&failure);
    LimitsChange {
        rate: super::limits::rate("1/86400").rate.filter(|_| has("rate_limited")),
        quota: super::limits::quota("1/month").quota.filter(|_| has("quota_exceeded")),
        ..LimitsChange::default()
    }
}

fn failed(explanation: &Explanation) -> Vec<&str> {
    explanation.checks.iter().filter(|check| !check.passed).map(|check| check.code.as_str()).collect()
}

#[test]
fn every_pair_of_failures_ends_with_the_first_of_them_and_explains_both() {
    for (at, first) in failures().iter().copied().enumerate() {
        for second in failures().iter().copied().skip(at) {
            let pair = if first == second { vec![first] } else { vec![first, second] };
            let broken = Broken::new(&pair);
            let verdict = broken.fixture.app.verify(&broken.ask(Counting::Dry)).unwrap();
            assert_eq!(verdict.code.as_str(), first, "{pair:?}");
            let explanation = broken.explain();
            assert_eq!(explanation.code.as_str(), first, "{pair:?}");
            assert_eq!(failed(&explanation), pair);
            assert!(
                explanation.checks.iter().all(|check| check.passed || check.fix.is_some()),
                "{explanation:?}"
            );
        }
    }
    let all = Broken::new(failures());
    assert_eq!(failed(&all.explain()), failures());
}

#[test]
fn every_check_says_what_it_looked_at() {
    let sentences = |explanation: &Explanation| {
        let sentence = |check: &keysrv::app::explain::Check| format!("{}: {}", check.code, check.detail);
        explanation.checks.iter().map(sentence).collect::<Vec<_>>().join("\n")
    };
    let fine = Broken::new(&[]).explain();
    assert!(fine.valid);
    insta::assert_snapshot!(sentences(&fine), @r"
    malformed: the token is whole: its shape and checksum are right
    not_found: the token is one of key `a` of project `default`
    rotated: the secret is the key's newest
    disabled: the key is enabled
    account_disabled: the key's account `acme` is enabled
    expired: the key expires at 2026-11-24T13:00:00Z; it is 2026-11-24T12:00:00Z now
    ip_denied: 203.0.113.7 is one of the addresses that the key may be used from
    no_route: the project has no route rules
    insufficient_scope: the key holds `platform:read`
    rate_limited: no rate limit is enforced for the key
    quota_exceeded: no quota is enforced for the key
    ");
    insta::assert_snapshot!(sentences(&Broken::new(failures()).explain()), @r"
    malformed: the token is whole: its shape and checksum are right
    not_found: the token is one of key `a` of project `default`
    rotated: this secret of key `a` was replaced by a newer one and ended at 2026-11-24T12:00:00Z
    disabled: key `a` is disabled
    account_disabled: the account of key `a` is disabled
    expired: key `a` expired at 2026-11-24T13:00:00Z
    ip_denied: 203.0.113.7 is none of the addresses that the key may be used from
    no_route: no route rule allows this request
    insufficient_scope: key `a` lacks `keys:write`
    rate_limited: key `a` may make 1 request per 86400 seconds; 0 left
    quota_exceeded: key `a` may make 1 request per month; 0 left
    ");
}

#[test]
fn a_stranger_is_told_what_verify_tells_a_stranger() {
    let fixture = Fixture::new();
    let created = fixture.create("a");
    let staging = ProjectName::parse("staging").unwrap();
    fixture.app.create_project(&operator(), &staging, &Prefix::default(), &Catalogue::example()).unwrap();
    let forged = Token::for_key(&Prefix::default(), created.key.facts.id).unwrap();
    let other = Fixture::new().create("a").token;
    let mut told = Vec::new();
    for (token, project) in [(&forged, None), (&other, None), (&created.token, Some("staging"))] {
        let ask = Ask { project, ip: Some(IP), ..Ask::new(token.expose()) };
        told.push(fixture.app.explain(&ask).unwrap());
    }
    assert_eq!(failed(&told[0]), ["not_found"]);
    assert_eq!(told[0].checks.len(), 2);
    assert!(told.iter().all(|explanation| *explanation == told[0]), "{told:?}");
    let ask = Ask::new("nonsense");
    let malformed = fixture.app.explain(&ask).unwrap();
    assert_eq!((failed(&malformed), malformed.checks.len()), (vec!["malformed"], 1));
}

#[test]
fn a_key_is_explained_to_its_manager_without_its_token() {
    let broken = Broken::new(&["expired", "ip_denied"]);
    let app = &broken.fixture.app;
    let ask = KeyAsk { scopes: &broken.wanted, ip: Some(IP), routing: Routing::Off };
    let explanation = app.explain_key(&operator(), &default(), &reference("a"), &ask).unwrap();
    assert_eq!(failed(&explanation), ["expired", "ip_denied"]);
    let codes: Vec<_> = explanation.checks.iter().map(|check| check.code.as_str()).collect();
    assert_eq!(codes, failures()[1..], "the secret's checks are left out");
    let denied = &explanation.checks[3].detail;
    assert!(denied.ends_with(": 10.0.0.0/8"), "a manager is told which addresses fit: {denied}");
    assert!(!broken.explain().checks.iter().any(|check| check.detail.contains("10.0.0.0")));
    let nobody = key_principal(&["keys:write"], None);
    assert!(app.explain_key(&nobody, &default(), &reference("a"), &ask).is_err());
}

#[test]
fn why_a_key_is_disabled_is_told_to_its_manager_always_and_to_its_holder_as_the_project_says() {
    let broken = Broken::new(&[]);
    let (app, who, key) = (&broken.fixture.app, operator(), reference("a"));
    let reason = Note::parse("reason", "leaked in a build log").unwrap();
    app.disable_key(&who, &default(), &key, reason.as_ref()).unwrap();
    let detail = |explanation: Explanation| {
        let check = explanation.checks.into_iter().find(|check| !check.passed).unwrap();
        check.detail
    };
    let ask = KeyAsk { scopes: &[], ip: Some(IP), routing: Routing::Off };
    let to_manager = || detail(app.explain_key(&who, &default(), &key, &ask).unwrap());
    assert_eq!(to_manager(), "key `a` is disabled: leaked in a build log");
    assert_eq!(detail(broken.explain()), "key `a` is disabled");
    let change = ProjectChange { reason: Some(ReasonShown::ToHolder), ..ProjectChange::default() };
    app.change_project(&who, &default(), &change).unwrap();
    assert_eq!(to_manager(), "key `a` is disabled: leaked in a build log");
    assert_eq!(detail(broken.explain()), "key `a` is disabled: leaked in a build log");
}

#[test]
fn nothing_is_consumed_and_nothing_is_written() {
    let broken = Broken::new(&["insufficient_scope"]);
    let app = &broken.fixture.app;
    app.rotate_key(&operator(), &default(), &reference("a"), Span::parse("overlap", "1h").ok()).unwrap();
    app.verify(&broken.ask(Counting::Use)).unwrap();
    app.flush_usage().unwrap();
    let counted = || {
        let metrics = app.read_metrics();
        (metrics.verdicts, metrics.durations, metrics.usage_waiting_keys)
    };
    let before = (dump(&broken.fixture), counted());
    let tables = &before.0;
    assert!(tables.len() > 10 && tables.iter().any(|row| row.contains("insufficient_scope")), "{tables:?}");
    for _ in 0..10 {
        broken.explain();
        let ask = KeyAsk { scopes: &broken.wanted, ip: Some(IP), routing: Routing::Off };
        app.explain_key(&operator(), &default(), &reference("a"), &ask).unwrap();
    }
    assert_eq!((dump(&broken.fixture), counted()), before);
}

/// Every row of every table, as text.
fn dump(fixture: &Fixture) -> Vec<String> {
    use rusqlite::types::Value;
    let connection = rusqlite::Connection::open(fixture.dir.path().join("keysrv.db")).unwrap();
    let names =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' ORDER BY name";
    let mut tables = connection.prepare(names).unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut rows = Vec::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let n = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..n).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>();
        for row in statement.query_map([], row).unwrap() {
            rows.push(format!("{table} {:?}", row.unwrap()));
        }
    }
    rows
}
