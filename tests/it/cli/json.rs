//! What `--json` prints, of every command that prints data: a contract for scripts.

use crate::harness::Place;
use crate::harness::redact::redact;

/// Commands in an order in which each has something to print.
const COMMANDS: [&str; 37] = [
    "project create staging --prefix ks_test --catalogue empty",
    "project set staging --prefix ks_stage",
    "project show staging",
    "project list",
    "account create Acme --external-id cus_1 --project staging",
    "account list --project staging",
    "account show cus_1 --project staging",
    "account disable cus_1 --project staging",
    "account enable cus_1 --project staging",
    "scope add reports:read --label See --default on --project staging",
    "scope set reports:read --resource-label Reports --project staging",
    "scope list --project staging",
    "create ci --account cus_1 --note hello --expires 90d --project staging",
    "create w --count 2 --preset none --project staging",
    "list --project staging --limit 1",
    "show ci --project staging",
    "disable ci --reason leaked --project staging",
    "enable ci --project staging",
    "rotate ci --overlap 24h --project staging",
    "delete ci --yes --project staging",
    "scope remove reports:read --project staging",
    "user add anna --password-stdin",
    "user set-role anna admin",
    "user list",
    "user passwd anna --password-stdin",
    "account delete cus_1 --yes --project staging",
    "audit --project staging --limit 2",
    "list",
    "route add GET /unified/* unified:read",
    "route list",
    "route test GET /unified/hris",
    "route test POST /unified/hris",
    "route remove GET /unified/*",
    "project create passing",
    "project delete passing --yes",
    "user add bert --role viewer --password-stdin",
    "user delete bert --yes",
];

#[test]
fn every_commands_shape() {
    let place = Place::new();
    let mut all = String::new();
    for command in COMMANDS {
        let args: Vec<&str> = command.split(' ').chain(["--json"]).collect();
        let outcome = place.run_with(&args, "tall glass of oat milk\n", &[]).ok();
        assert_eq!(outcome.stderr, "", "{outcome:?}");
        for line in outcome.stdout.lines() {
            serde_json::from_str::<serde_json::Value>(line)
                .unwrap_or_else(|error| panic!("{error}: {outcome:?}"));
        }
        all.push_str(&format!("$ keysrv {}\n{}\n", args.join(" "), outcome.stdout));
    }
    insta::assert_snapshot!(redact(&all, place.path()));
}

#[test]
fn a_verdicts_shape() {
    let place = Place::new();
    let token = place.create(&["ci", "--preset", "read-only"]);
    let mut all = String::new();
    for (args, token, status) in [
        (&["verify"][..], token.as_str(), 0),
        (&["verify", "--scope", "keys:write"], &token, 3),
        (&["verify"], "nonsense", 3),
    ] {
        let args = [args, &["--json"]].concat();
        let outcome = place.run_with(&args, token, &[]).status(status);
        all.push_str(&format!("$ keysrv {}\n{}\n", args.join(" "), outcome.stdout));
    }
    insta::assert_snapshot!(redact(&all, place.path()));
}

#[test]
fn a_reports_shape() {
    let place = Place::new();
    place.create(&["ci"]);
    let fields = |value: &serde_json::Value| {
        let names = value.as_object().unwrap().keys().map(String::as_str);
        names.collect::<Vec<_>>().join(" ")
    };
    let report =
        "audit_head bytes damage n_accounts n_events n_keys n_projects n_users schema_version seen_at";
    let made = place.json(&["backup", "b.db"]);
    assert_eq!((fields(&made).as_str(), &made["n_keys"]), (report, &1.into()));
    assert_eq!(place.json(&["check", "b.db"]), made);
    assert_eq!(fields(&place.json(&["check"])), report);
    place.run(&["delete", "ci", "--yes"]).ok();
    let restored = place.json(&["restore", "b.db"]);
    assert_eq!(fields(&restored), "kept not_compared report revoked");
    assert_eq!(fields(&restored["revoked"][0]), "id name project why");
    assert_eq!(restored["report"], made);
    let kept = restored["kept"].as_str().unwrap();
    place.run(&["check", kept]).ok();
}
