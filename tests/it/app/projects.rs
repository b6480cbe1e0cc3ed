//! Projects: `default` stays, prefixes are for new tokens, nothing with keys is deleted.

use keysrv::model::project::{Prefix, ProjectChange, ProjectName};
use keysrv::model::scope::Catalogue;

use super::{Fixture, default, named, operator};

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).unwrap()
}

#[test]
fn a_new_prefix_is_for_new_tokens_alone() {
    let fixture = Fixture::new();
    let old = fixture.create("a").token;
    let change =
        ProjectChange { prefix: Some(Prefix::parse("acme_live").unwrap()), ..ProjectChange::default() };
    fixture.app.change_project(&operator(), &default(), &change).unwrap();
    let new = fixture.create("b").token;
    assert!(old.expose().starts_with("ks_") && new.expose().starts_with("acme_live_"));
    assert_eq!((fixture.code(old.expose()), fixture.code(new.expose())), ("valid", "valid"));
}

#[test]
fn a_project_with_keys_and_the_default_one_are_not_deleted() {
    let fixture = Fixture::new();
    let (who, staging) = (operator(), name("staging"));
    fixture.app.create_project(&who, &staging, &Prefix::default(), &Catalogue::empty()).unwrap();
    fixture.app.create_key(&who, &staging, &named("a")).unwrap();
    assert_eq!(fixture.app.delete_project(&who, &staging).unwrap_err().code().as_str(), "in_use");
    assert_eq!(fixture.app.delete_project(&who, &default()).unwrap_err().code().as_str(), "in_use");
    fixture.app.delete_key(&who, &staging, &super::reference("a"), None).unwrap();
    fixture.app.delete_project(&who, &staging).unwrap();
    assert_eq!(fixture.app.list_project_names(&who).unwrap(), [default()]);
}

#[test]
fn a_name_is_taken_once_and_default_keeps_its() {
    let fixture = Fixture::new();
    let who = operator();
    fixture.app.create_project(&who, &name("a"), &Prefix::default(), &Catalogue::empty()).unwrap();
    let taken = fixture.app.create_project(&who, &name("a"), &Prefix::default(), &Catalogue::empty());
    assert_eq!(taken.unwrap_err().code().as_str(), "taken");
    let rename = ProjectChange { name: Some(name("b")), ..ProjectChange::default() };
    assert!(fixture.app.change_project(&who, &default(), &rename).is_err());
    assert_eq!(fixture.app.change_project(&who, &name("a"), &rename).unwrap().name, name("b"));
}
