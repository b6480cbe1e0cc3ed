//! Rate limits and quotas: exact, shared, changed at once, watched before they are enforced.

use jiff::SignedDuration;
use keysrv::app::verify::{Ask, Counting, Verdict};
use keysrv::model::account::{Account, AccountChange};
use keysrv::model::key::{KeyChange, NewKey};
use keysrv::model::limit::{LimitsChange, Mode, Quota, RateLimit, Watched};
use keysrv::model::principal::Principal;

use super::{Fixture, IP, default, named, open, operator, reference};

pub(crate) fn rate(text: &str) -> LimitsChange {
    LimitsChange { rate: Some(Some(RateLimit::parse(text).unwrap())), ..LimitsChange::default() }
}

pub(crate) fn quota(text: &str) -> LimitsChange {
    LimitsChange { quota: Some(Some(Quota::parse(text).unwrap())), ..LimitsChange::default() }
}

fn reset() -> LimitsChange {
    LimitsChange { quota_reset: true, ..LimitsChange::default() }
}

fn limited(fixture: &Fixture, name: &str, limits: LimitsChange) -> String {
    fixture.create_with(&NewKey { limits, ..named(name) }).token.expose().to_owned()
}

fn set(app: &keysrv::app::App, name: &str, limits: LimitsChange) {
    let change = KeyChange { limits, ..KeyChange::default() };
    app.set_key(&operator(), &default(), &reference(name), &change).unwrap();
}

fn set_account(
    fixture: &Fixture,
    who: &Principal,
    account: &str,
    limits: LimitsChange,
) -> keysrv::app::Result<Account> {
    let change = AccountChange { limits, ..AccountChange::default() };
    fixture.app.set_account(who, &default(), account, &change, None)
}

fn ask_with_cost(fixture: &Fixture, token: &str, cost: u32) -> Verdict {
    let ask = Ask { ip: Some(IP), counting: Counting::Use, cost, ..Ask::new(token) };
    fixture.app.verify(&ask).unwrap()
}

/// How many of `n` requests are let through.
fn let_through(fixture: &Fixture, token: &str, n: usize) -> usize {
    (0..n).filter(|_| fixture.code(token) == "valid").count()
}

fn watched(fixture: &Fixture, name: &str) -> Vec<(Watched, u64)> {
    let hour = SignedDuration::from_hours(1);
    let now = fixture.app.now();
    let counts =
        fixture.app.list_watched(&operator(), &default(), &reference(name), (now - hour, now + hour));
    counts.unwrap().into_iter().map(|count| (count.code, count.count)).collect()
}

#[test]
fn a_burst_is_let_through_and_then_one_request_an_interval() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", rate("3/60"));
    assert_eq!(let_through(&fixture, &token, 10), 3);
    let refused = fixture.verify(&token, &[]);
    assert_eq!((refused.code.as_str(), refused.limits.retry_after_seconds()), ("rate_limited", Some(20)));
    assert_eq!(fixture.get("a").last_refused_code.unwrap().as_str(), "rate_limited");
    fixture.clock.advance(SignedDuration::from_millis(19_999));
    assert_eq!(let_through(&fixture, &token, 5), 0);
    fixture.clock.advance(SignedDuration::from_millis(1));
    assert_eq!(let_through(&fixture, &token, 5), 1);
    fixture.clock.advance(SignedDuration::from_hours(5));
    assert_eq!(let_through(&fixture, &token, 5), 3, "no more than the burst, however long it waited");
}

#[test]
fn a_clock_that_is_set_back_lets_nobody_wait() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", rate("2/2"));
    assert_eq!(let_through(&fixture, &token, 5), 2);
    fixture.clock.advance(SignedDuration::from_hours(-48));
    assert_eq!(let_through(&fixture, &token, 5), 0);
    fixture.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(let_through(&fixture, &token, 5), 1);
}

#[test]
fn thirty_two_threads_at_once_get_exactly_the_limit_and_exactly_the_quota() {
    let fixture = Fixture::new();
    for (name, limits, code) in
        [("r", rate("500/60"), "rate_limited"), ("q", quota("500/day"), "quota_exceeded")]
    {
        let token = limited(&fixture, name, limits);
        // Meanwhile the counts are written, which makes every connection read the key anew.
        let codes: Vec<&str> = std::thread::scope(|scope| {
            let (fixture, token) = (&fixture, &token);
            let ask = move |n: usize| {
                if n.is_multiple_of(10) {
                    fixture.app.flush_usage().unwrap();
                }
                fixture.code(token)
            };
            let threads: Vec<_> =
                (0..32).map(|_| scope.spawn(move || (0..40).map(ask).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(codes.iter().filter(|code| **code == "valid").count(), 500, "{name}");
        assert!(codes.iter().all(|found| ["valid", code].contains(found)), "{name}");
    }
}

#[test]
fn a_refused_request_and_one_that_only_looks_take_nothing() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", LimitsChange { rate: rate("5/60").rate, ..quota("3/day") });
    for _ in 0..20 {
        assert_eq!(fixture.verify(&token, &["keys:write"]).code.as_str(), "insufficient_scope");
        fixture.app.explain(&Ask { ip: Some(IP), ..Ask::new(&token) }).unwrap();
        let looked = fixture.app.verify(&Ask { ip: Some(IP), ..Ask::new(&token) }).unwrap();
        assert_eq!(looked.limits.iter().map(|standing| standing.remaining).collect::<Vec<_>>(), [5, 3]);
    }
    assert_eq!(let_through(&fixture, &token, 20), 3);
    let refused = fixture.verify(&token, &[]);
    assert_eq!(refused.code.as_str(), "quota_exceeded");
    let left: Vec<_> = refused.limits.iter().map(|standing| standing.remaining).collect();
    assert_eq!(left, [2, 0], "what the quota refused took nothing from the rate");
}

#[test]
fn a_cost_is_taken_whole_or_not_at_all() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", quota("10/day"));
    let codes: Vec<_> =
        [7, 4, 0, 3, 0, 1].iter().map(|cost| ask_with_cost(&fixture, &token, *cost).code.as_str()).collect();
    assert_eq!(codes, ["valid", "quota_exceeded", "valid", "valid", "valid", "quota_exceeded"]);
}

#[test]
fn an_accounts_keys_share_its_limits() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "acme", None);
    let key = |name: &str, limits| {
        let new = NewKey { account: Some(account.id.to_string()), limits, ..named(name) };
        fixture.create_with(&new).token.expose().to_owned()
    };
    let (a, b) = (key("a", rate("100/60")), key("b", LimitsChange::default()));
    let change = LimitsChange { rate: rate("4/60").rate, ..quota("6/day") };
    set_account(&fixture, &operator(), account.id.as_str(), change).unwrap();
    assert_eq!((let_through(&fixture, &a, 3), let_through(&fixture, &b, 3)), (3, 1));
    let refused = fixture.verify(&a, &[]);
    assert_eq!(refused.code.as_str(), "rate_limited");
    assert!(refused.limits.tightest().unwrap().of.is_of_account());
    fixture.clock.advance(SignedDuration::from_secs(60));
    assert_eq!((let_through(&fixture, &b, 3), let_through(&fixture, &a, 3)), (2, 0));
    assert_eq!(fixture.code(&b), "quota_exceeded");
    let state =
        fixture.app.get_account(&operator(), &default(), account.id.as_str()).unwrap().quota_state.unwrap();
    assert_eq!((state.used, state.resets_at.to_string().as_str()), (6, "2026-11-25T00:00:00Z"));
}

#[test]
fn a_changed_limit_counts_on_the_next_request_also_from_another_process() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", rate("5/60"));
    let other = open(fixture.dir.path(), &fixture.clock);
    assert_eq!(let_through(&fixture, &token, 9), 5);
    set(&other, "a", rate("8/60"));
    assert_eq!(let_through(&fixture, &token, 9), 3, "what was taken counts under the new limit");
    set(&fixture.app, "a", rate("2/60"));
    assert_eq!(let_through(&fixture, &token, 9), 0);
    set(&other, "a", LimitsChange { rate: Some(None), ..LimitsChange::default() });
    assert_eq!(let_through(&fixture, &token, 9), 9);
    set(&other, "a", quota("4/day"));
    assert_eq!(let_through(&fixture, &token, 9), 4);
    set(&other, "a", quota("6/day"));
    assert_eq!(let_through(&fixture, &token, 9), 2);
    fixture.app.flush_usage().unwrap();
    set(&other, "a", reset());
    assert_eq!(let_through(&fixture, &token, 9), 6);
    assert_eq!(fixture.actions()[0], "key.quota_reset");
    assert_eq!(fixture.events()[0].detail, serde_json::json!({ "used": 6 }));
}

#[test]
fn a_quota_begins_anew_with_the_day_of_the_projects_time_zone() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", quota("2/day"));
    let change = keysrv::model::project::ProjectChange {
        timezone: Some(keysrv::model::limit::Zone::parse("Europe/Berlin").unwrap()),
        ..keysrv::model::project::ProjectChange::default()
    };
    assert_eq!(let_through(&fixture, &token, 9), 2);
    fixture.app.change_project(&operator(), &default(), &change).unwrap();
    assert_eq!(let_through(&fixture, &token, 9), 0, "it is the same day there");
    let refused = fixture.verify(&token, &[]);
    assert_eq!(refused.limits.retry_after_seconds(), Some(11 * 3600), "midnight in Berlin is 23:00 UTC");
    fixture.clock.advance(SignedDuration::from_hours(11));
    assert_eq!(let_through(&fixture, &token, 9), 2);
    assert_eq!(fixture.get("a").quota_state.unwrap().used, 2);
}

#[test]
fn a_quota_survives_the_end_of_the_process() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", quota("10/month"));
    assert_eq!(let_through(&fixture, &token, 7), 7);
    fixture.app.flush_usage().unwrap();
    let after = Fixture { app: std::sync::Arc::new(open(fixture.dir.path(), &fixture.clock)), ..fixture };
    assert_eq!(let_through(&after, &token, 9), 3);
    assert_eq!(after.get("a").quota_state.unwrap().used, 10);
}

#[test]
fn what_another_process_uses_of_a_quota_comes_in_with_the_next_flush() {
    let fixture = Fixture::new();
    let token = limited(&fixture, "a", quota("10/day"));
    let other = open(fixture.dir.path(), &fixture.clock);
    assert_eq!(let_through(&fixture, &token, 3), 3);
    for _ in 0..4 {
        let ask = Ask { ip: Some(IP), counting: Counting::Use, ..Ask::new(&token) };
        assert!(other.verify(&ask).unwrap().code.is_valid());
    }
    other.flush_usage().unwrap();
    fixture.app.flush_usage().unwrap();
    assert_eq!(let_through(&fixture, &token, 9), 3);
    assert_eq!(fixture.get("a").quota_state.unwrap().used, 10);
}

#[test]
fn what_is_only_watched_is_let_through_and_counted() {
    let fixture = Fixture::new();
    let mut limits = LimitsChange { rate: rate("3/3600").rate, ..quota("5/day") };
    limits.rate_mode = Some(Mode::Watch);
    limits.quota_mode = Some(Mode::Watch);
    limits.ips_mode = Some(Mode::Watch);
    let allowed_ips = keysrv::model::key::parse_allowed_ips(["10.0.0.0/8"]).unwrap();
    let new = NewKey { limits, allowed_ips, ..named("a") };
    let token = fixture.create_with(&new).token.expose().to_owned();
    assert_eq!(let_through(&fixture, &token, 10), 10);
    assert_eq!(fixture.verify(&token, &["keys:write"]).code.as_str(), "insufficient_scope");
    assert_eq!(
        watched(&fixture, "a"),
        [(Watched::IpDenied, 10), (Watched::QuotaExceeded, 5), (Watched::RateLimited, 7)]
    );
    assert_eq!(fixture.verify(&token, &[]).limits.iter().count(), 0, "who holds it is told of no limit");
    let enforce = LimitsChange { rate_mode: Some(Mode::Enforce), ..LimitsChange::default() };
    set(&fixture.app, "a", enforce);
    assert_eq!(fixture.code(&token), "rate_limited", "what was let through meanwhile counts");
}

#[test]
fn what_breaks_a_rule_changes_nothing() {
    let fixture = Fixture::new();
    fixture.create("a");
    let change = KeyChange { limits: reset(), ..KeyChange::default() };
    let error = fixture.app.set_key(&operator(), &default(), &reference("a"), &change).unwrap_err();
    assert_eq!((error.code().as_str(), error.field()), ("invalid_value", Some("quota")));
    assert_eq!(error.to_string(), "quota cannot be reset: there is none");
    let account = super::accounts::create(&fixture, "acme", None);
    let bound = super::key_principal(&["platform:write", "keys:write"], Some(account.id.clone()));
    let error = set_account(&fixture, &bound, account.id.as_str(), rate("1/1")).unwrap_err();
    assert_eq!(error.code().as_str(), "account_bound");
    assert_eq!(fixture.actions()[0], "account.created");
}

#[test]
fn a_key_without_the_right_scope_learns_no_counts() {
    let fixture = Fixture::new();
    fixture.create("a");
    let who = super::key_principal(&["platform:read"], None);
    let day = (fixture.app.now(), fixture.app.now());
    let error = fixture.app.list_watched(&who, &default(), &reference("a"), day).unwrap_err();
    assert_eq!(error.code().as_str(), "insufficient_scope");
}
