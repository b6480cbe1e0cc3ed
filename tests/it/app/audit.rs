//! Each change has exactly one event, and the chain shows what was changed afterwards.

use keysrv::model::key::Note;
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
