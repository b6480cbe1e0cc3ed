//! Route rules: added, removed, and what they decide.

use keysrv::app::verify::{Ask, Routing, Verdict};
use keysrv::model::page::{Limit, PageRequest};
use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::route::{OriginalRequest, PathPattern, RouteMethod, RouteRule};
use keysrv::model::scope::Catalogue;

use super::{Fixture, default, key_principal, named, open, operator, scopes};

pub(crate) fn rule(text: &str) -> RouteRule {
    let mut words = text.split(' ');
    RouteRule {
        method: RouteMethod::parse(words.next().unwrap()).unwrap(),
        pattern: PathPattern::parse(words.next().unwrap()).unwrap(),
        scopes: scopes(&words.collect::<Vec<_>>()),
    }
}

pub(crate) fn add(fixture: &Fixture, rules: &[&str]) {
    let rules: Vec<RouteRule> = rules.iter().map(|text| rule(text)).collect();
    fixture.app.add_routes(&operator(), &default(), &rules).unwrap();
}

fn ask(app: &keysrv::app::App, token: &str, request: Option<&str>) -> Verdict {
    let original = request.map(|request| {
        let (method, target) = request.split_once(' ').unwrap();
        OriginalRequest { method, target: target.as_bytes() }
    });
    app.verify(&Ask { routing: Routing::On(original), ..Ask::new(token) }).unwrap()
}

fn code(fixture: &Fixture, token: &str, request: &str) -> &'static str {
    ask(&fixture.app, token, Some(request)).code.as_str()
}

fn listed(fixture: &Fixture) -> Vec<String> {
    let rules = fixture.app.all_routes(&operator(), &default()).unwrap();
    rules
        .iter()
        .map(|rule| format!("{} {}", rule.name(), rule.scopes.to_text()).trim_end().to_owned())
        .collect()
}

#[test]
fn without_rules_any_valid_key_passes_and_from_the_first_rule_on_only_what_is_allowed() {
    let fixture = Fixture::new();
    let token = fixture.create("k").token;
    let token = token.expose();
    assert_eq!(code(&fixture, token, "GET /any//%2e"), "valid");
    assert_eq!(ask(&fixture.app, token, None).code.as_str(), "valid");
    add(&fixture, &["GET /unified/* unified:read", "POST /keys keys:write", "GET /status"]);
    assert_eq!(code(&fixture, token, "GET /unified/hris"), "valid");
    assert_eq!(code(&fixture, token, "GET /status"), "valid");
    assert_eq!(code(&fixture, token, "POST /unified/hris"), "no_route");
    assert_eq!(code(&fixture, token, "GET /any//%2e"), "no_route");
    assert_eq!(ask(&fixture.app, token, None).code.as_str(), "no_route");
    let refused = ask(&fixture.app, token, Some("POST /keys"));
    assert_eq!(
        (refused.code.as_str(), refused.missing_scopes.to_text()),
        ("insufficient_scope", "keys:write".to_owned())
    );
}

#[test]
fn what_is_wrong_with_the_key_is_said_before_the_route() {
    let fixture = Fixture::new();
    let token = fixture.create("k").token;
    add(&fixture, &["GET /a"]);
    fixture.app.disable_key(&operator(), &default(), &super::reference("k"), None).unwrap();
    assert_eq!(code(&fixture, token.expose(), "GET /b"), "disabled");
}

#[test]
fn a_rule_that_anybody_adds_or_removes_counts_on_the_next_request() {
    let fixture = Fixture::new();
    let token = fixture.create("k").token;
    let other = open(fixture.dir.path(), &fixture.clock);
    let (get, a) = (RouteMethod::parse("GET").unwrap(), PathPattern::parse("/a").unwrap());
    for _ in 0..3 {
        assert_eq!(code(&fixture, token.expose(), "GET /b"), "valid");
        other.add_routes(&operator(), &default(), &[rule("GET /a")]).unwrap();
        assert_eq!(code(&fixture, token.expose(), "GET /b"), "no_route");
        // Whatever else is written meanwhile.
        fixture.create_with(&named(&format!("k-{}", fixture.events().len())));
        assert_eq!(code(&fixture, token.expose(), "GET /a"), "valid");
        fixture.app.remove_route(&operator(), &default(), &get, &a).unwrap();
        assert_eq!(ask(&other, token.expose(), Some("GET /b")).code.as_str(), "valid");
    }
}

#[test]
fn a_projects_rules_are_for_its_own_keys() {
    let fixture = Fixture::new();
    let staging = ProjectName::parse("staging").unwrap();
    fixture.app.create_project(&operator(), &staging, &Prefix::default(), &Catalogue::example()).unwrap();
    let elsewhere = fixture.app.create_key(&operator(), &staging, &named("k")).unwrap().token;
    let here = fixture.create("k").token;
    add(&fixture, &["GET /a"]);
    assert_eq!(code(&fixture, here.expose(), "GET /b"), "no_route");
    assert_eq!(code(&fixture, elsewhere.expose(), "GET /b"), "valid");
}

#[test]
fn each_change_of_rules_has_one_event_and_a_refused_one_changes_nothing() {
    let fixture = Fixture::new();
    let (who, project) = (operator(), default());
    let added = fixture.app.add_routes(&who, &project, &[rule("GET /a unified:read"), rule("* /b")]).unwrap();
    assert_eq!((added.added.len(), added.unchanged.len()), (2, 0));
    assert_eq!(fixture.actions()[..2], ["route.added", "route.added"]);
    let before = (fixture.events(), listed(&fixture));
    let again = fixture.app.add_routes(&who, &project, &[rule("GET /a unified:read")]).unwrap();
    assert_eq!((again.added.len(), again.unchanged.len()), (0, 1));
    for (rules, refused) in [
        (["GET /c", "GET /a"], "there is a rule `GET /a` already, which needs unified:read"),
        (["GET /c", "GET /A unified:read"], "`GET /A` differs from the rule `GET /a` in its spelling alone"),
        (["GET /c", "POST /B"], "`POST /B` differs from the rule `* /b` in its spelling alone"),
        (
            ["GET /c", "GET /d x:read"],
            "scope `x:read` is not in the project's catalogue, so that no key could hold it",
        ),
    ] {
        let error = fixture.app.add_routes(&who, &project, &rules.map(rule)).unwrap_err();
        assert_eq!(error.to_string(), refused);
    }
    let (get, c) = (RouteMethod::parse("GET").unwrap(), PathPattern::parse("/c").unwrap());
    let gone = fixture.app.remove_route(&who, &project, &get, &c).unwrap_err();
    assert_eq!(gone.to_string(), "there is no route rule `GET /c`");
    assert_eq!((fixture.events(), listed(&fixture)), before);
    let a = PathPattern::parse("/a").unwrap();
    fixture.app.remove_route(&who, &project, &get, &a).unwrap();
    assert_eq!((fixture.actions()[0].as_str(), listed(&fixture)), ("route.removed", vec!["* /b".to_owned()]));
}

#[test]
fn rules_are_listed_in_the_order_in_which_they_are_asked_page_by_page() {
    let fixture = Fixture::new();
    let rules = ["* /*", "* /a/*", "GET /a/*", "GET /a/*/b", "GET /a/b", "HEAD /a/b"];
    add(&fixture, &rules);
    let expected = ["HEAD /a/b", "GET /a/b", "GET /a/*/b", "GET /a/*", "* /a/*", "* /*"];
    assert_eq!(listed(&fixture), expected);
    let (mut cursor, mut paged) = (None, Vec::new());
    loop {
        let page = PageRequest { limit: Limit::parse("2").unwrap(), cursor: cursor.take() };
        let page = fixture.app.list_routes(&operator(), &default(), &page).unwrap();
        paged.extend(page.items.iter().map(RouteRule::name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, expected);
}

#[test]
fn the_example_rules_can_be_added_twice_and_say_what_the_example_catalogue_means() {
    let fixture = Fixture::new();
    let rules = RouteRule::example();
    fixture.app.add_routes(&operator(), &default(), &rules).unwrap();
    let again = fixture.app.add_routes(&operator(), &default(), &rules).unwrap();
    assert_eq!((again.added.len(), again.unchanged.len()), (0, rules.len()));
    for (scope, allowed, refused) in [
        ("actions:execute", "POST /actions/rpc", "GET /unified/hris"),
        ("actions:execute", "POST /mcp", "POST /accounts"),
        ("actions:execute", "DELETE /mcp", "GET /credentials/x"),
        ("unified:read", "GET /unified/hris/employees", "POST /unified/hris/employees"),
        ("unified:write", "POST /unified/hris/employees", "GET /unified/hris/employees"),
        ("platform:read", "GET /accounts/1", "PATCH /accounts/1"),
        ("platform:write", "POST /connect_sessions", "GET /accounts"),
        ("connectors:read", "GET /connectors/x/1.0", "PUT /connectors/x"),
        ("connectors:write", "DELETE /connectors/x", "GET /connectors/x"),
        ("credentials:read", "GET /credentials/x", "GET /connectors"),
    ] {
        let new = keysrv::model::key::NewKey {
            scopes: Some(scopes(&[scope])),
            ..named(&format!("{scope}-{allowed}").replace(['/', ' ', ':'], "-"))
        };
        let token = fixture.create_with(&new).token;
        assert_eq!(code(&fixture, token.expose(), allowed), "valid", "{scope} {allowed}");
        assert_eq!(code(&fixture, token.expose(), refused), "insufficient_scope", "{scope} {refused}");
        assert_eq!(code(&fixture, token.expose(), "GET /elsewhere"), "no_route");
    }
}

#[test]
fn a_scope_that_a_rule_needs_stays_in_the_catalogue() {
    let fixture = Fixture::new();
    add(&fixture, &["GET /a credentials:read", "GET /b credentials:read"]);
    let scope = keysrv::model::scope::Scope::parse("credentials:read").unwrap();
    let refused = fixture.app.remove_scope(&operator(), &default(), &scope).unwrap_err();
    assert_eq!(refused.to_string(), "2 route rules need the scope `credentials:read`");
}

#[test]
fn keys_see_the_rules_of_their_project_and_change_none() {
    let fixture = Fixture::new();
    add(&fixture, &["GET /a"]);
    let key = key_principal(&["keys:write", "platform:write"], None);
    assert_eq!(fixture.app.all_routes(&key, &default()).unwrap().len(), 1);
    let staging = ProjectName::parse("staging").unwrap();
    assert!(fixture.app.all_routes(&key, &staging).is_err());
    assert!(fixture.app.add_routes(&key, &default(), &[rule("GET /b")]).is_err());
    let (get, a) = (RouteMethod::parse("GET").unwrap(), PathPattern::parse("/a").unwrap());
    assert!(fixture.app.remove_route(&key, &default(), &get, &a).is_err());
    assert_eq!(listed(&fixture), ["GET /a"]);
}
