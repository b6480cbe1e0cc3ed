//! Facts about route rules.

use std::sync::Arc;

use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::route::RouteRule;

use super::Engine;
use super::rows::{add_key, at, default_project, key_id, seq, taken};

fn rule(text: &str) -> RouteRule {
    RouteRule::parse(text).unwrap()
}

fn add(engine: &Engine, text: &str) {
    engine.change(|tx| {
        let project = default_project(tx);
        tx.insert_route(project, &rule(text)).unwrap();
    });
}

fn remove(engine: &Engine, text: &str) {
    let rule = rule(text);
    engine.change(|tx| {
        let project = default_project(tx);
        tx.delete_route(project, &rule.method, &rule.pattern).unwrap();
    });
}

pub(crate) fn the_rules_of_a_keys_project_are_as_they_are_now(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    assert!(store.route_table(&id).is_err(), "without its rules nobody may decide");
    engine.change(|tx| add_key(tx, id, "ci", None)).unwrap();
    let rules = || store.route_table(&id).unwrap().rules().to_vec();
    assert_eq!(rules(), []);
    add(engine, "GET /a platform:read keys:read");
    assert_eq!(rules(), [rule("GET /a platform:read keys:read")]);
    add(engine, "* /b/*/%C3%A9");
    assert_eq!(rules(), [rule("GET /a platform:read keys:read"), rule("* /b/*/%C3%A9")]);
    remove(engine, "GET /a");
    assert_eq!(rules(), [rule("* /b/*/%C3%A9")]);
    assert_eq!(store.read().unwrap().list_routes(seq(&*store)).unwrap(), rules());
    assert_eq!(store.project_routes(seq(&*store)).unwrap().rules(), rules());
    // As many changes as undo each other leave the rules as they were, but are seen.
    remove(engine, "* /b/*/%C3%A9");
    add(engine, "* /b/*/%C3%A9 keys:read");
    assert_eq!(rules(), [rule("* /b/*/%C3%A9 keys:read")]);
}

pub(crate) fn rules_that_nobody_changed_are_not_compiled_again(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    engine.change(|tx| add_key(tx, id, "ci", None)).unwrap();
    add(engine, "GET /a");
    let routes = || store.route_table(&id).unwrap();
    let first = routes();
    assert!(Arc::ptr_eq(&first, &routes()));
    assert!(Arc::ptr_eq(&first, &store.project_routes(seq(&*store)).unwrap()), "nor for a list");
    engine.change(|tx| add_key(tx, key_id('b'), "other", None)).unwrap();
    assert!(Arc::ptr_eq(&first, &routes()), "what else changes does not count");
    let of_the_other = store.route_table(&key_id('b')).unwrap();
    assert!(Arc::ptr_eq(&first, &of_the_other), "one table for all keys of a project");
    add(engine, "GET /b");
    assert!(!Arc::ptr_eq(&first, &routes()));
}

pub(crate) fn a_rule_is_there_once_in_whatever_spelling_and_goes_with_its_project(engine: &Engine) {
    add(engine, "GET /a");
    let store = engine.open();
    let mut tx = store.write().unwrap();
    let project = default_project(&*tx);
    taken(tx.insert_route(project, &rule("GET /A keys:read")), "pattern");
    tx.insert_route(project, &rule("POST /a")).unwrap();
    let staging = ProjectName::parse("staging").unwrap();
    let other = tx.insert_project(&staging, &Prefix::default(), at(0)).unwrap();
    tx.insert_route(other, &rule("GET /a")).unwrap();
    tx.commit().unwrap();
    engine.change(|tx| tx.delete_project(other)).unwrap();
    engine.change(|tx| {
        let again = tx.insert_project(&staging, &Prefix::default(), at(1)).unwrap();
        assert_eq!(tx.list_routes(again).unwrap(), []);
        assert_eq!(tx.list_routes(project).unwrap().len(), 2);
    });
}
