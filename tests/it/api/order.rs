//! The order of verdicts: of everything that is wrong with a request and its key at once, the answer
//! names what comes first in the contract. Every pair of codes is asked as a proxy asks.

use std::net::IpAddr;

use jiff::SignedDuration;
use keysrv::app::verify::{Ask, Counting};
use keysrv::model::account::{AccountName, Metadata, NewAccount};
use keysrv::model::code::Code;
use keysrv::model::key::{NewKey, parse_allowed_ips};
use keysrv::model::limit::LimitsChange;
use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::scope::Catalogue;

use super::Server;
use crate::app::explain::limits;
use crate::app::{named, operator, reference, routes, scopes};

/// Every verdict that refuses, in the order of the contract.
pub(crate) const ORDER: [&str; 13] = [
    "ambiguous_credentials",
    "no_credentials",
    "malformed",
    "not_found",
    "rotated",
    "disabled",
    "account_disabled",
    "expired",
    "ip_denied",
    "no_route",
    "insufficient_scope",
    "rate_limited",
    "quota_exceeded",
];

/// A project of its own with one key and its rules, and what is wrong with them.
struct Broken {
    project: ProjectName,
    token: String,
    failures: Vec<&'static str>,
}

impl Broken {
    fn new(server: &Server, name: &str, failures: &[&'static str]) -> Self {
        let has = |failure: &str| failures.contains(&failure);
        let (app, who) = (&server.app, operator());
        let project = ProjectName::parse(name).unwrap();
        app.create_project(&who, &project, &Prefix::default(), &Catalogue::example()).unwrap();
        let account = NewAccount {
            name: AccountName::parse("acme").unwrap(),
            external_id: None,
            metadata: Metadata::default(),
            enabled: true,
            limits: LimitsChange::default(),
        };
        let account = app.create_account(&who, &project, &account).unwrap().id.to_string();
        let lives = SignedDuration::from_hours(if has("expired") { 1 } else { 100 });
        let allowed = if has("ip_denied") { "10.0.0.0/8" } else { "0.0.0.0/0" };
        let new = NewKey {
            account: Some(account.clone()),
            expires_at: Some(app.now() + lives),
            allowed_ips: parse_allowed_ips([allowed]).unwrap(),
            scopes: Some(scopes(&["platform:read"])),
            limits: limits(failures),
            ..named("a")
        };
        let token = app.create_key(&who, &project, &new).unwrap().token.expose().to_owned();
        let inside: IpAddr = [10, 0, 0, 1].into();
        let first = Ask { ip: Some(inside), counting: Counting::Use, ..Ask::new(&token) };
        assert!(app.verify(&first).unwrap().code.is_valid(), "it uses up what is limited");
        let key = reference("a");
        if has("rotated") {
            app.rotate_key(&who, &project, &key, None).unwrap();
        }
        if has("disabled") {
            app.disable_key(&who, &project, &key, None).unwrap();
        }
        if has("account_disabled") {
            app.disable_account(&who, &project, &account).unwrap();
        }
        let path = if has("no_route") { "/elsewhere" } else { "/here" };
        let scope = if has("insufficient_scope") { "keys:write" } else { "platform:read" };
        app.add_routes(&who, &project, &[routes::rule(&format!("GET {path} {scope}"))]).unwrap();
        Self { project, token, failures: failures.to_vec() }
    }

    fn has(&self, failure: &str) -> bool {
        self.failures.contains(&failure)
    }

    fn ask(&self, server: &Server) -> String {
        let project = if self.has("not_found") { "elsewhere" } else { self.project.as_str() };
        let mut token = self.token.clone();
        if self.has("malformed") {
            let last = if token.ends_with('a') { 'b' } else { 'a' };
            token.pop();
            token.push(last);
        }
        let mut request = server
            .get(&format!("/auth/forward?project={project}"))
            .header("X-Forwarded-For", "203.0.113.7")
            .header("X-Forwarded-Method", "GET")
            .header("X-Forwarded-Uri", "/here");
        if !self.has("no_credentials") {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        if self.has("ambiguous_credentials") {
            request = request.header("X-API-Key", &self.token.replace('_', "-"));
        }
        request.send().header("x-keysrv-code").unwrap_or("valid").to_owned()
    }
}

fn all_broken(server: &Server, cases: &[Vec<&'static str>]) -> Vec<Broken> {
    let named = |(n, failures): (usize, &Vec<_>)| Broken::new(server, &format!("p{n}"), failures);
    cases.iter().enumerate().map(named).collect()
}

/// A request that carries no token carries neither two nor one that is malformed.
fn is_possible(first: &str, second: &str) -> bool {
    let both = [first, second];
    let of_the_token = ["ambiguous_credentials", "malformed"];
    !both.contains(&"no_credentials") || !of_the_token.iter().any(|failure| both.contains(failure))
}

#[test]
fn of_every_pair_of_failures_the_first_of_the_contract_is_the_answer() {
    let verdicts: Vec<&str> = Code::all().map(Code::as_str).skip(1).take(ORDER.len()).collect();
    assert_eq!(verdicts, ORDER, "no verdict is left out");
    let server = Server::start();
    let mut cases = vec![Vec::new()];
    for (at, first) in ORDER.into_iter().enumerate() {
        cases.push(vec![first]);
        let others = ORDER.into_iter().skip(at + 1).filter(|second| is_possible(first, second));
        cases.extend(others.map(|second| vec![first, second]));
    }
    assert_eq!(cases.len(), 1 + 13 + 13 * 12 / 2 - 2);
    let broken = all_broken(&server, &cases);
    server.clock.advance(SignedDuration::from_hours(1));
    for one in &broken {
        assert_eq!(one.ask(&server), *one.failures.first().unwrap_or(&"valid"), "{:?}", one.failures);
    }
}

#[test]
fn of_everything_at_once_the_first_is_named_and_then_the_next() {
    let server = Server::start();
    // No request carries both no token and two.
    let all: Vec<&'static str> = ORDER.into_iter().filter(|failure| *failure != "no_credentials").collect();
    let cases: Vec<_> = (0..all.len()).map(|at| all[at..].to_vec()).collect();
    let broken = all_broken(&server, &cases);
    server.clock.advance(SignedDuration::from_hours(1));
    let told: Vec<String> = broken.iter().map(|one| one.ask(&server)).collect();
    assert_eq!(told, all);
}
