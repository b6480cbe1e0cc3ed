//! Backups that are kept beside the database.

use std::os::unix::fs::PermissionsExt;

use keysrv::app::Error;
use keysrv::app::backups::{BACKUPS_MAX, Finding, Proof};
use keysrv::model::backup::BackupName;
use keysrv::model::principal::{Principal, UserPrincipal};
use keysrv::model::user::{Role, UserName};

use super::{Fixture, IP, operator};

const PASSWORD: &str = "a quiet lake at night";

fn user(fixture: &Fixture, name: &str, role: Role) -> UserPrincipal {
    let name = UserName::parse(name).unwrap();
    let user = fixture.app.add_user(&operator(), &name, role, PASSWORD).unwrap();
    UserPrincipal { id: user.id, name: user.name, role }
}

#[test]
fn a_kept_backup_is_private_proven_and_found_again() {
    let fixture = Fixture::new();
    fixture.create("a");
    let name = fixture.app.make_backup(&operator()).unwrap();
    let folder = fixture.dir.path().join("backups");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join(name.as_str()))), (0o700, 0o600));
    let kept = fixture.app.list_backups(&operator()).unwrap();
    assert!(!kept.is_busy);
    let [backup] = kept.backups.as_slice() else { panic!("{kept:?}") };
    assert_eq!((&backup.name, backup.name.at()), (&name, fixture.app.now()));
    let finding = Finding::Restores { n_keys: 1 };
    assert_eq!(backup.proof, Some(Proof { at: fixture.app.now(), finding }));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left over");
}

#[test]
fn a_drill_tells_a_sound_backup_from_one_that_was_damaged_since() {
    let fixture = Fixture::new();
    fixture.create("a");
    let name = fixture.app.make_backup(&operator()).unwrap();
    fixture.clock.advance(jiff::SignedDuration::from_hours(24));
    assert_eq!(fixture.app.prove_backup(&operator(), &name).unwrap(), Finding::Restores { n_keys: 1 });
    let proof = || fixture.app.get_backup(&operator(), &name).unwrap().proof.unwrap();
    assert_eq!(proof().at, fixture.app.now());
    let file = fixture.dir.path().join("backups").join(name.as_str());
    std::fs::write(&file, "scribbled").unwrap();
    assert!(matches!(fixture.app.prove_backup(&operator(), &name).unwrap(), Finding::Damaged(_)));
    assert!(matches!(proof().finding, Finding::Damaged(why) if why.contains("too short")));
    let actions = fixture.actions();
    assert_eq!(actions[..3], ["server.backup_found_damaged", "server.backup_proven", "server.backed_up"]);
}

#[test]
fn a_file_that_somebody_put_there_is_listed_as_not_proven_and_anything_else_is_not_listed() {
    let fixture = Fixture::new();
    let folder = fixture.dir.path().join("backups");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    std::fs::write(folder.join("keysrv-20261101T000000000Z.db"), "?").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.join("keysrv-20261102T000000000Z.db")).unwrap();
    let kept = fixture.app.list_backups(&operator()).unwrap().backups;
    let [backup] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((backup.name.as_str(), &backup.proof), ("keysrv-20261101T000000000Z.db", &None));
}

#[test]
fn only_so_many_are_kept_and_none_is_deleted_by_itself() {
    let fixture = Fixture::new();
    let folder = fixture.dir.path().join("backups");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..BACKUPS_MAX {
        std::fs::write(folder.join(format!("keysrv-20261101T0000{n:02}000Z.db")), "").unwrap();
    }
    let refused = fixture.app.make_backup(&operator()).unwrap_err();
    assert!(matches!(&refused, Error::InUse(why) if why.contains("delete one first")), "{refused}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), BACKUPS_MAX);
    let oldest = BackupName::parse("keysrv-20261101T000000000Z.db").unwrap();
    fixture.app.delete_backup(&operator(), &oldest).unwrap();
    fixture.app.make_backup(&operator()).unwrap();
    assert!(matches!(fixture.app.delete_backup(&operator(), &oldest), Err(Error::NoSuch { .. })));
}

#[test]
fn a_backup_is_handed_out_for_the_password_alone_and_that_is_noted() {
    let fixture = Fixture::new();
    let anna = user(&fixture, "anna", Role::Admin);
    let name = fixture.app.make_backup(&operator()).unwrap();
    let wrong = fixture.app.open_backup(&anna, &name, "guess", IP);
    assert!(matches!(wrong, Err(Error::SignInFailed)));
    assert_eq!(fixture.actions()[0], "user.sign_in_failed");
    let (_, bytes) = fixture.app.open_backup(&anna, &name, PASSWORD, IP).unwrap();
    assert_eq!(bytes, fixture.app.get_backup(&operator(), &name).unwrap().bytes);
    assert_eq!(fixture.actions()[0], "server.backup_downloaded");
    let guesses: Vec<bool> = (0..12)
        .map(|_| {
            matches!(fixture.app.open_backup(&anna, &name, "guess", IP), Err(Error::TooManyAttempts { .. }))
        })
        .collect();
    assert_eq!(guesses.last(), Some(&true), "{guesses:?}");
}

#[test]
fn a_viewer_sees_backups_and_does_nothing_with_them() {
    let fixture = Fixture::new();
    let vera = user(&fixture, "vera", Role::Viewer);
    let name = fixture.app.make_backup(&operator()).unwrap();
    let before = fixture.actions();
    let who = Principal::User(vera.clone());
    assert_eq!(fixture.app.list_backups(&who).unwrap().backups.len(), 1);
    assert!(matches!(fixture.app.make_backup(&who), Err(Error::Forbidden(_))));
    assert!(matches!(fixture.app.prove_backup(&who, &name), Err(Error::Forbidden(_))));
    assert!(matches!(fixture.app.delete_backup(&who, &name), Err(Error::Forbidden(_))));
    assert!(matches!(fixture.app.open_backup(&vera, &name, PASSWORD, IP), Err(Error::Forbidden(_))));
    assert_eq!(fixture.actions(), before);
}

#[test]
fn why_the_last_one_failed_is_told_until_one_succeeds() {
    let fixture = Fixture::new();
    let failed = || fixture.app.list_backups(&operator()).unwrap().failed;
    assert_eq!(failed(), None);
    let folder = fixture.dir.path().join("backups");
    std::fs::write(&folder, "in the way").unwrap();
    let error = fixture.app.make_backup(&operator()).unwrap_err();
    std::fs::remove_file(&folder).unwrap();
    assert_eq!(failed(), Some(error.to_string()));
    fixture.app.make_backup(&operator()).unwrap();
    assert_eq!(failed(), None);
}
