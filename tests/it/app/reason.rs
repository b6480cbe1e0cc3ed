//! Why a key was disabled, and who reads it.

use keysrv::model::key::{Key, Note};
use keysrv::model::project::{ProjectChange, ReasonShown};
use serde_json::json;

use super::{Fixture, default, operator, reference};

fn disable(fixture: &Fixture, reason: Option<&str>) -> Key {
    let reason = reason.and_then(|text| Note::parse("reason", text).unwrap());
    fixture.app.disable_key(&operator(), &default(), &reference("a"), reason.as_ref()).unwrap()
}

fn show(fixture: &Fixture, reason: ReasonShown) {
    let change = ProjectChange { reason: Some(reason), ..ProjectChange::default() };
    fixture.app.change_project(&operator(), &default(), &change).unwrap();
}

fn told(fixture: &Fixture, token: &str) -> String {
    keysrv::app::refusal::detail(&fixture.verify(token, &[]))
}

#[test]
fn the_holder_reads_the_reason_only_where_the_project_says_so() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    let key = disable(&fixture, Some("leaked in a build log"));
    assert_eq!(key.disabled_reason.unwrap().as_str(), "leaked in a build log");
    assert_eq!(told(&fixture, token.expose()), "key `a` is disabled");
    show(&fixture, ReasonShown::ToHolder);
    assert_eq!(told(&fixture, token.expose()), "key `a` is disabled: leaked in a build log");
    show(&fixture, ReasonShown::Never);
    assert_eq!(told(&fixture, token.expose()), "key `a` is disabled");
}

#[test]
fn a_stranger_never_reads_it() {
    let fixture = Fixture::new();
    let id = fixture.create("a").key.facts.id;
    show(&fixture, ReasonShown::ToHolder);
    disable(&fixture, Some("leaked"));
    let forged =
        keysrv::crypto::token::Token::for_key(&keysrv::model::project::Prefix::default(), id).unwrap();
    assert_eq!(told(&fixture, forged.expose()), "there is no such API key");
}

#[test]
fn a_reason_goes_when_the_key_comes_back_and_may_be_given_afterwards() {
    let fixture = Fixture::new();
    fixture.create("a");
    assert_eq!(disable(&fixture, None).disabled_reason, None);
    assert_eq!(
        disable(&fixture, Some("found out later")).disabled_reason.unwrap().as_str(),
        "found out later"
    );
    assert_eq!(fixture.events()[0].detail, json!({ "reason": "found out later" }));
    let n = fixture.events().len();
    assert!(disable(&fixture, None).disabled_reason.is_some(), "saying nothing takes no reason away");
    assert_eq!(fixture.events().len(), n);
    let key = fixture.app.enable_key(&operator(), &default(), &reference("a")).unwrap();
    assert_eq!((key.disabled_reason, fixture.actions()[0].as_str()), (None, "key.enabled"));
}

#[test]
fn why_a_key_was_deleted_is_in_the_log() {
    let fixture = Fixture::new();
    fixture.create("a");
    let reason = Note::parse("reason", "left the company").unwrap();
    fixture.app.delete_key(&operator(), &default(), &reference("a"), reason.as_ref()).unwrap();
    let event = fixture.events().remove(0);
    assert_eq!(
        (event.action.as_str(), event.detail),
        ("key.deleted", json!({ "reason": "left the company" }))
    );
}
