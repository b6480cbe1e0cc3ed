//! The catalogue is data that an operator edits, except what guards keysrv itself.

use keysrv::app::scopes::ScopeChange;
use keysrv::model::scope::Scope;

use super::{Fixture, default, named, operator};

fn scope(text: &str) -> Scope {
    Scope::parse(text).unwrap()
}

#[test]
fn a_new_scope_can_be_granted_and_be_part_of_a_preset() {
    let fixture = Fixture::new();
    let about = ScopeChange {
        resource_label: Some("Reports".to_owned()),
        is_default: Some(true),
        add_to_presets: vec!["read-only".to_owned()],
        ..ScopeChange::default()
    };
    let catalogue = fixture.app.add_scope(&operator(), &default(), &scope("reports:read"), &about).unwrap();
    assert!(catalogue.preset("read-only").unwrap().contains(&scope("reports:read")));
    assert_eq!(fixture.app.get_catalogue(&operator(), &default()).unwrap(), catalogue);
    assert!(fixture.create("a").key.facts.scopes.contains(&scope("reports:read")));
}

#[test]
fn a_scope_that_keys_hold_is_not_removed_silently() {
    let fixture = Fixture::new();
    let mut new = named("a");
    new.scopes = Some(super::scopes(&["credentials:read"]));
    fixture.create_with(&new);
    let refused = fixture.app.remove_scope(&operator(), &default(), &scope("credentials:read")).unwrap_err();
    assert!(refused.to_string().starts_with("1 key holds the scope `credentials:read`"), "{refused}");
    fixture.app.delete_key(&operator(), &default(), &super::reference("a"), None).unwrap();
    let catalogue = fixture.app.remove_scope(&operator(), &default(), &scope("credentials:read")).unwrap();
    assert!(catalogue.resources.iter().all(|resource| resource.name != "credentials"));
    assert_eq!(catalogue.preset("ai-agent").unwrap().len(), 3);
}

#[test]
fn what_guards_keysrv_itself_is_not_edited() {
    let fixture = Fixture::new();
    let (who, project) = (operator(), default());
    let none = ScopeChange::default();
    assert!(fixture.app.add_scope(&who, &project, &scope("keys:burn"), &none).is_err());
    assert!(fixture.app.remove_scope(&who, &project, &scope("platform:read")).is_err());
    let words = ScopeChange { description: Some("anything".to_owned()), ..ScopeChange::default() };
    assert!(fixture.app.change_scope(&who, &project, &scope("keys:read"), &words).is_err());
    let default_on = ScopeChange { is_default: Some(true), ..ScopeChange::default() };
    fixture.app.change_scope(&who, &project, &scope("keys:read"), &default_on).unwrap();
}

#[test]
fn what_changes_nothing_is_no_event_and_what_is_not_there_is_named() {
    let fixture = Fixture::new();
    let n = fixture.events().len();
    fixture
        .app
        .change_scope(&operator(), &default(), &scope("actions:execute"), &ScopeChange::default())
        .unwrap();
    assert_eq!(fixture.events().len(), n);
    let preset = ScopeChange { add_to_presets: vec!["nope".to_owned()], ..ScopeChange::default() };
    let refused =
        fixture.app.change_scope(&operator(), &default(), &scope("actions:execute"), &preset).unwrap_err();
    assert_eq!(refused.to_string(), "there is no preset `nope`");
}
