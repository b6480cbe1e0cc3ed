//! Restore: never a revoked key back silently, never half, never under a running server.

use std::sync::Arc;

use keysrv::app::restore::{Restored, restore};
use keysrv::clock::Clock;
use keysrv::model::user::Role;
use keysrv::store::check::silent;
use keysrv::store::lock::ServerLock;

use super::users::{PASSWORD, add};
use super::{Fixture, IP, default, named, open, operator, reference};

/// Closes the app, restores, and opens it again.
fn put_back(fixture: Fixture) -> (Fixture, Restored) {
    let Fixture { dir, clock, app } = fixture;
    drop(app);
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let restored = restore(dir.path(), &dir.path().join("b.db"), &shared, &operator(), &mut silent).unwrap();
    let app = open(dir.path(), &clock);
    (Fixture { dir, clock, app: app.into() }, restored)
}

#[test]
fn what_was_revoked_since_the_backup_comes_back_disabled_and_is_named() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "acme", None);
    let mut owned = named("stopped");
    owned.account = Some(account.id.to_string());
    let stopped = fixture.create_with(&owned).token;
    let tokens = ["deleted", "disabled", "rotated", "kept"].map(|name| fixture.create(name).token);
    fixture.app.backup(&operator(), &fixture.dir.path().join("b.db"), &mut silent).unwrap();
    let after = fixture.create("after").token;
    let who = operator();
    fixture.app.delete_key(&who, &default(), &reference("deleted"), None).unwrap();
    fixture.app.disable_key(&who, &default(), &reference("disabled"), None).unwrap();
    fixture.app.rotate_key(&who, &default(), &reference("rotated"), None).unwrap();
    fixture.app.disable_account(&who, &default(), account.id.as_str()).unwrap();

    let (fixture, restored) = put_back(fixture);
    let named: Vec<_> = restored.revoked.iter().map(|key| (key.name.as_str(), key.why)).collect();
    let expected = [
        ("stopped", "account_disabled"),
        ("deleted", "deleted"),
        ("disabled", "disabled"),
        ("rotated", "rotated"),
    ];
    assert_eq!(named, expected);
    assert_eq!(
        tokens.each_ref().map(|t| fixture.code(t.expose())),
        ["disabled", "disabled", "disabled", "valid"]
    );
    assert_eq!((fixture.code(stopped.expose()), fixture.code(after.expose())), ("disabled", "not_found"));
    fixture.app.enable_key(&who, &default(), &reference("deleted")).unwrap();
    assert_eq!(fixture.code(tokens[0].expose()), "valid");
    assert!(restored.kept.unwrap().exists());
    assert!(fixture.app.check(&who, fixture.dir.path(), &mut silent).unwrap().would_restore());
}

#[test]
fn all_sessions_end() {
    let fixture = Fixture::new();
    add(&fixture, "anna", Role::Admin);
    let cookie = fixture.app.sign_in("anna", PASSWORD, IP).unwrap().cookie;
    fixture.app.backup(&operator(), &fixture.dir.path().join("b.db"), &mut silent).unwrap();
    let (fixture, _) = put_back(fixture);
    assert_eq!(fixture.app.find_session(&cookie).unwrap(), None);
}

#[test]
fn a_server_or_an_open_command_stands_in_the_way() {
    let fixture = Fixture::new();
    let (dir, file) = (fixture.dir.path(), fixture.dir.path().join("b.db"));
    fixture.app.backup(&operator(), &file, &mut silent).unwrap();
    let clock: Arc<dyn Clock> = Arc::clone(&fixture.clock) as Arc<dyn Clock>;
    let refused = || match restore(dir, &file, &clock, &operator(), &mut silent) {
        Err(keysrv::app::Error::Store(error)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(refused().contains("another keysrv command"));
    let _server = ServerLock::acquire(dir, "process 42").unwrap();
    assert!(refused().contains("process 42"));
}

#[test]
fn a_damaged_backup_touches_nothing() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    let file = fixture.dir.path().join("b.db");
    fixture.app.backup(&operator(), &file, &mut silent).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let Fixture { dir, clock, app } = fixture;
    drop(app);
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    assert!(restore(dir.path(), &file, &shared, &operator(), &mut silent).is_err());
    let fixture = Fixture { app: open(dir.path(), &clock).into(), dir, clock };
    assert_eq!(fixture.code(token.expose()), "valid");
}

#[test]
fn an_unreadable_database_in_place_is_kept_and_said_so() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    fixture.app.backup(&operator(), &fixture.dir.path().join("b.db"), &mut silent).unwrap();
    let Fixture { dir, clock, app } = fixture;
    drop(app);
    std::fs::write(dir.path().join("keysrv.db"), "scribble").unwrap();
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
    let restored = restore(dir.path(), &dir.path().join("b.db"), &shared, &operator(), &mut silent).unwrap();
    assert!(restored.not_compared.unwrap().contains("not a keysrv database"));
    assert_eq!(std::fs::read(restored.kept.unwrap()).unwrap(), b"scribble");
    let fixture = Fixture { app: open(dir.path(), &clock).into(), dir, clock };
    assert_eq!(fixture.code(token.expose()), "valid");
}
