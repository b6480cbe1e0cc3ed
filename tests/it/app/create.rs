//! Creating keys: all or nothing, unique names, and never a token where it does not belong.

use keysrv::model::key::KeyName;
use keysrv::store::check::silent;

use super::{Fixture, default, named, operator};

#[test]
fn without_scopes_a_key_gets_the_catalogues_defaults() {
    let fixture = Fixture::new();
    let expected = "actions:execute connectors:read platform:read platform:write unified:read unified:write";
    assert_eq!(fixture.create("a").key.facts.scopes.to_text(), expected);
}

#[test]
fn a_name_is_taken_once_and_free_again_after_deletion() {
    let fixture = Fixture::new();
    fixture.create("a");
    let taken = fixture.app.create_key(&operator(), &default(), &named("a")).unwrap_err();
    assert_eq!((taken.code().as_str(), taken.field()), ("taken", Some("name")));
    fixture.app.delete_key(&operator(), &default(), &super::reference("a"), None).unwrap();
    fixture.create("a");
}

#[test]
fn a_name_is_not_another_keys_id_nor_a_visible_start() {
    let fixture = Fixture::new();
    let key = fixture.create("a").key;
    let refused = fixture.app.create_key(&operator(), &default(), &named(key.facts.id.as_str())).unwrap_err();
    assert_eq!(refused.code().as_str(), "invalid_value");
    assert!(KeyName::parse(&key.facts.visible_start()).is_err());
}

#[test]
fn many_keys_are_made_together_or_not_at_all() {
    let fixture = Fixture::new();
    let tokens = fixture.app.create_keys(&operator(), &default(), &named("ci"), 3, &mut silent).unwrap();
    let names: Vec<_> = tokens.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["ci-1", "ci-2", "ci-3"]);
    assert!(tokens.iter().all(|(_, token)| fixture.code(token.expose()) == "valid"));

    fixture.create("job-3");
    let events = fixture.events().len();
    assert!(fixture.app.create_keys(&operator(), &default(), &named("job"), 5, &mut silent).is_err());
    assert_eq!(fixture.app.count_keys(&operator(), &default()).unwrap().total, 4);
    assert_eq!(fixture.events().len(), events, "no event without its change");
}

#[test]
fn a_scope_that_the_catalogue_lacks_is_named() {
    let fixture = Fixture::new();
    let mut new = named("a");
    new.scopes = Some(super::scopes(&["platform:read", "rockets:launch"]));
    let refused = fixture.app.create_key(&operator(), &default(), &new).unwrap_err();
    assert!(refused.to_string().contains("`rockets:launch`"), "{refused}");
}

#[test]
fn the_event_of_a_creation_holds_no_secret() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    let secret = &token.expose()[token.expose().len() - 38..];
    assert!(!format!("{:?}", fixture.events()).contains(secret));
}
