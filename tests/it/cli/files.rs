//! Files: who may read them, backups to a file and to standard output, restore, check.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Place;

fn mode(path: &std::path::Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn everything_is_the_owners_alone() {
    let place = Place::new();
    place.create(&["ci"]);
    place.run(&["backup", "b.db"]).ok();
    assert_eq!(mode(&place.data()), 0o700);
    assert_eq!(mode(&place.path().join("b.db")), 0o600);
    for entry in std::fs::read_dir(place.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_backup_to_standard_output_is_the_same_file() {
    let place = Place::new();
    place.create(&["ci"]);
    let output = place.command(&["backup", "-"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::write(place.path().join("b.db"), &output.stdout).unwrap();
    let report = place.json(&["check", "b.db"]);
    assert_eq!((&report["n_keys"], &report["damage"]), (&1.into(), &serde_json::json!([])));
}

#[test]
fn force_replaces_a_file_and_only_force_does() {
    let place = Place::new();
    std::fs::write(place.path().join("b.db"), "mine").unwrap();
    let refused = place.run(&["backup", "b.db"]).status(1);
    assert_eq!(std::fs::read(place.path().join("b.db")).unwrap(), b"mine");
    assert!(refused.stderr.starts_with("error: there is something named `b.db` already\n"), "{refused:?}");
    place.paste(&refused.hinted()).ok();
    place.run(&["check", "b.db"]).ok();
}

#[test]
fn a_key_that_was_revoked_since_the_backup_comes_back_disabled_and_is_named() {
    let place = Place::new();
    let (gone, kept) = (place.create(&["gone"]), place.create(&["kept"]));
    place.run(&["backup", "b.db"]).ok();
    place.run(&["delete", "gone", "--yes"]).ok();
    let restored = place.run(&["restore", "b.db"]).ok();
    assert!(restored.stderr.contains("came back disabled: `gone`"), "{restored:?}");
    place.run_with(&["verify"], &kept, &[]).ok();
    let refused = place.run_with(&["verify"], &gone, &[]).status(3);
    assert!(refused.stdout.starts_with("disabled: "), "{refused:?}");
    place.run(&["check"]).ok();
}

#[test]
fn a_damaged_backup_is_refused_before_anything_is_touched() {
    let place = Place::new();
    let token = place.create(&["ci"]);
    place.run(&["backup", "b.db"]).ok();
    let sound = std::fs::read(place.path().join("b.db")).unwrap();
    std::fs::write(place.path().join("b.db"), &sound[..sound.len() - 5000]).unwrap();
    let before = std::fs::read(place.data().join("keysrv.db")).unwrap();
    place.run(&["restore", "b.db"]).status(1);
    place.run(&["check", "b.db"]).status(1);
    assert_eq!(std::fs::read(place.data().join("keysrv.db")).unwrap(), before);
    place.run_with(&["verify"], &token, &[]).ok();
}

#[test]
fn what_is_no_backup_is_told_by_the_name_that_was_given() {
    let place = Place::new();
    std::fs::write(place.path().join("notes.txt"), "no database at all").unwrap();
    for command in [["check", "notes.txt"], ["restore", "notes.txt"]] {
        let refused = place.run(&command).status(1);
        assert!(refused.stderr.starts_with("error: `notes.txt` is not a keysrv database"), "{refused:?}");
    }
    place.run(&["check"]).ok();
}
