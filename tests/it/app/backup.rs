//! Backups: proven or not there, never through a link, never over a file.

use std::os::unix::fs::PermissionsExt;

use keysrv::app::backup::check_file;
use keysrv::store::check::silent;

use super::{Fixture, operator};

#[test]
fn a_backup_is_one_private_file_with_everything_in_it() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    fixture.verify(token.expose(), &[]);
    let target = fixture.dir.path().join("b.db");
    let report = fixture.app.backup(&operator(), &target, &mut silent).unwrap();
    assert_eq!((report.n_keys, report.n_projects, report.n_events), (1, 1, 2));
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let checked = check_file(&target, fixture.dir.path(), &mut silent).unwrap();
    assert_eq!(checked, report);
    let names: Vec<_> =
        std::fs::read_dir(fixture.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("tmp")), "{names:?}");
}

#[test]
fn a_backup_never_replaces_unless_told_and_never_follows_a_link() {
    let fixture = Fixture::new();
    let (taken, link) = (fixture.dir.path().join("taken"), fixture.dir.path().join("link"));
    std::fs::write(&taken, "mine").unwrap();
    std::os::unix::fs::symlink(&taken, &link).unwrap();
    assert!(fixture.app.backup(&operator(), &taken, &mut silent).is_err());
    assert!(fixture.app.backup(&operator(), &link, &mut silent).is_err());
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    fixture.app.backup_over(&operator(), &link, &mut silent).unwrap();
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine", "the link itself was replaced");
    assert!(!link.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn a_backup_never_takes_the_place_of_the_database_or_a_file_of_it() {
    let fixture = Fixture::new();
    let folder = fixture.dir.path();
    std::os::unix::fs::symlink(folder, folder.join("here")).unwrap();
    let names = ["keysrv.db", "keysrv.db-wal", "keysrv.db-shm", "keysrv.db-journal", "keysrv.lock"];
    let names = names.into_iter().chain(["keysrv.use", "here/keysrv.db", "here/./keysrv.db"]);
    let token = fixture.create("a").token;
    for target in names.map(|name| folder.join(name)) {
        for refused in [
            fixture.app.backup(&operator(), &target, &mut silent),
            fixture.app.backup_over(&operator(), &target, &mut silent),
        ] {
            let error = refused.unwrap_err().to_string();
            assert!(error.ends_with("is a part of the database itself, not a backup"), "{error}");
        }
    }
    fixture.verify(token.expose(), &[]);
    fixture.app.backup(&operator(), &folder.join("keysrv.db.mine"), &mut silent).unwrap();
}

#[test]
fn a_damaged_backup_and_a_foreign_file_are_told_apart_from_a_sound_one() {
    let fixture = Fixture::new();
    fixture.create("a");
    let target = fixture.dir.path().join("b.db");
    fixture.app.backup(&operator(), &target, &mut silent).unwrap();
    let sound = std::fs::read(&target).unwrap();
    let refusal = |bytes: &[u8]| {
        let file = fixture.dir.path().join("x.db");
        std::fs::write(&file, bytes).unwrap();
        match check_file(&file, fixture.dir.path(), &mut silent) {
            Ok(report) => report.damage.first().cloned(),
            Err(keysrv::app::Error::Store(error)) => Some(error.to_string()),
            Err(other) => Some(other.to_string()),
        }
    };
    assert_eq!(refusal(&sound), None);
    assert!(refusal(b"hello").unwrap().contains("too short"));
    assert!(refusal(&[b'x'; 4096]).unwrap().contains("not an SQLite file"));
    assert!(refusal(&sound[..sound.len() / 2]).is_some());
    let mut foreign = sound.clone();
    foreign[68..72].copy_from_slice(&[0; 4]);
    assert!(refusal(&foreign).unwrap().contains("another program"));
    let mut scribbled = sound;
    let middle = scribbled.len() / 2;
    scribbled[middle..middle + 4096].fill(0xA5);
    assert!(refusal(&scribbled).is_some());
}
