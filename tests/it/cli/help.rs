//! Every command's help, whole: what a person reads is part of the product.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Place;

/// Every command, and those of its groups.
const COMMANDS: [&str; 57] = [
    "",
    "init",
    "serve",
    "create",
    "list",
    "show",
    "set",
    "enable",
    "disable",
    "delete",
    "rotate",
    "verify",
    "explain",
    "account",
    "account create",
    "account set",
    "account list",
    "account show",
    "account enable",
    "account disable",
    "account delete",
    "project",
    "project create",
    "project list",
    "project show",
    "project set",
    "project delete",
    "scope",
    "scope list",
    "scope add",
    "scope set",
    "scope remove",
    "route",
    "route list",
    "route add",
    "route remove",
    "route test",
    "proxy-config",
    "proxy-doctor",
    "user",
    "user add",
    "user list",
    "user passwd",
    "user set-role",
    "user delete",
    "audit",
    "backup",
    "restore",
    "check",
    "clock",
    "clock show",
    "clock reset",
    "config",
    "config show",
    "healthcheck",
    "completions",
    "man",
];

#[test]
fn every_commands_help() {
    let place = Place::empty();
    let mut all = String::new();
    for command in COMMANDS {
        let mut args: Vec<&str> = command.split_ascii_whitespace().collect();
        args.push("--help");
        let outcome = place.run(&args).ok();
        assert_eq!(outcome.stderr, "");
        all.push_str(&format!("$ keysrv {}\n{}\n", args.join(" "), outcome.stdout));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let place = Place::empty();
    let page = place.run(&["man"]).ok().stdout;
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&["completions", shell]).ok().stdout;
        for command in ["create", "rotate", "healthcheck"] {
            assert!(script.contains(command), "{shell}: {command}");
            assert!(page.contains(command), "man: {command}");
        }
    }
    let folder = place.path().join("share/man");
    let program = env!("CARGO_BIN_EXE_keysrv");
    place.paste(&format!("umask 022; {program} man share/man")).ok();
    let mode = folder.join("keysrv.1").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "manual pages are for everybody");
    for page in ["keysrv.1", "keysrv-create.1", "keysrv-account-delete.1"] {
        assert!(folder.join(page).metadata().unwrap().len() > 200, "{page}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let outcome = Place::empty().run(&["--version"]).ok();
    assert_eq!(outcome.stdout, format!("keysrv {}\n", env!("CARGO_PKG_VERSION")));
}
