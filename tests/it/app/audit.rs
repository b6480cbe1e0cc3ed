//! Each change has exactly one event, and the chain shows what was changed afterwards.

use jiff::SignedDuration;
use keysrv::model::audit::AuditFilter;
use keysrv::model::key::Note;
use keysrv::model::page::PageRequest;
use keysrv::store::check::silent;

use super::{Fixture, default, operator, reference};

#[test]
fn each_change_has_one_event_and_no_change_has_none() {
    let fixture = Fixture::new();
    let who = operator();
    fixture.create("a");
    let reason = Note::parse("reason", "leaked in a build log").unwrap();
    fixture.app.disable_key(&who, &default(), &reference("a"), reason.as_ref()).unwrap();
    fixture.app.disable_key(&who, &default(), &reference("a"), None).unwrap();
    fixture.app.enable_key(&who, &default(), &reference("a")).unwrap();
    fixture.app.enable_key(&who, &default(), &reference("a")).unwrap();
    fixture.app.rotate_key(&who, &default(), &reference("a"), None).unwrap();
    fixture.app.delete_key(&who, &default(), &reference("a"), None).unwrap();
    let expected =
        ["key.deleted", "key.rotated", "key.enabled", "key.disabled", "key.created", "project.created"];
    assert_eq!(fixture.actions(), expected);
    assert_eq!(fixture.events()[3].detail["reason"], "leaked in a build log");
}

#[test]
fn a_row_that_was_changed_taken_out_or_moved_breaks_the_chain() {
    for sql in [
        "UPDATE audit SET actor_name = 'somebody else' WHERE n = 2",
        "UPDATE audit SET detail = '{}' WHERE n = 2",
        "DELETE FROM audit WHERE n = 2",
        "UPDATE audit SET n = n + 1 WHERE n = 4",
    ] {
        let fixture = Fixture::new();
        for name in ["a", "b", "c"] {
            fixture.create(name);
        }
        assert!(fixture.app.check(&operator(), fixture.dir.path(), &mut silent).unwrap().would_restore());
        rusqlite::Connection::open(fixture.dir.path().join("keysrv.db")).unwrap().execute_batch(sql).unwrap();
        let report = fixture.app.check(&operator(), fixture.dir.path(), &mut silent).unwrap();
        assert!(
            report.damage.iter().any(|line| line.contains("the audit log was changed")),
            "{sql}: {report:?}"
        );
    }
}

#[test]
fn the_log_never_goes_back_in_time() {
    let fixture = Fixture::new();
    fixture.create("a");
    let before = fixture.app.now();
    fixture.clock.advance(-SignedDuration::from_hours(2));
    fixture.create("b");
    fixture.clock.advance(SignedDuration::from_hours(3));
    fixture.create("c");
    let times: Vec<_> = fixture.events().iter().rev().map(|event| event.at).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(names(&fixture, &AuditFilter { to: Some(before), ..AuditFilter::default() }), [""; 0]);
    let later = AuditFilter { from: Some(fixture.app.now()), ..AuditFilter::default() };
    assert_eq!(names(&fixture, &later), ["c"]);
}

#[test]
fn what_was_done_is_found_by_who_did_it_and_to_what() {
    let fixture = Fixture::new();
    let a = fixture.create("a").key;
    fixture.create("b");
    let only = |target: &str| {
        names(&fixture, &AuditFilter { target: Some(target.to_owned()), ..AuditFilter::default() })
    };
    assert_eq!(only("a"), ["a"]);
    assert_eq!(only(&a.facts.visible_start()), ["a"]);
    assert_eq!(only(&a.facts.id.to_string()), ["a"]);
    assert_eq!(only("c"), [""; 0]);
    let by = |actor: &str| {
        names(&fixture, &AuditFilter { actor: Some(actor.to_owned()), ..AuditFilter::default() })
    };
    assert_eq!(by(&operator().actor().name), ["b", "a", "default"]);
    assert_eq!(by("nobody"), [""; 0]);
    let token = fixture.create("t").token;
    let filter = AuditFilter { target: Some(token.expose().to_owned()), ..AuditFilter::default() };
    let refused = fixture.app.list_audit(&operator(), &filter, &PageRequest::default()).unwrap_err();
    assert_eq!((refused.code().as_str(), refused.field()), ("contains_token", Some("target")));
}

fn names(fixture: &Fixture, filter: &AuditFilter) -> Vec<String> {
    let page = fixture.app.list_audit(&operator(), filter, &PageRequest::default()).unwrap();
    page.items.into_iter().map(|event| event.target.name).collect()
}
