//! Editing a key on the pages: note, end, account, scopes.

use super::{KEYS, Site, hidden, location, shows};

/// The levels of the catalogue's rows, as a form sends them.
const READ_ONLY: [(&str, &str); 3] =
    [("level.platform", "read"), ("level.connectors", "read"), ("level.unified", "read")];

fn with<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [READ_ONLY.as_slice(), fields].concat()
}

#[test]
fn everything_that_may_change_is_changed_in_one_go_without_script() {
    let site = Site::start();
    let account = site.place.json(&["account", "create", "Acme"]);
    let account = account["id"].as_str().unwrap().to_owned();
    let id = site.create(&["ci", "--note", "Ask Dana.", "--preset", "ai-agent"]);
    let mut anna = site.as_user("anna");
    let edit = format!("{KEYS}/{id}/edit");
    shows(&anna.get(&format!("{KEYS}/{id}")), 200, &[&edit]);
    let page = anna.get(&edit);
    let here = ["Edit ci", ">Ask Dana.</textarea>", "As it is: never", "AI agent: 4 of 10", "Acme"];
    shows(&page, 200, &here);
    let revision = hidden(&page, "revision").replace("&#34;", "\"");
    let fields = with(&[
        ("revision", &revision),
        ("note", "Ask Robin."),
        ("account", &account),
        ("expires", "90d"),
        ("step", "save"),
    ]);
    let after = location(&anna.post_form(&edit, &fields));
    shows(&anna.get(&after), 200, &["Changed <b>ci</b>", "Ask Robin.", "Acme", "Read only"]);
    let key = site.place.json(&["show", "ci"]);
    assert_eq!(key["scopes"], serde_json::json!(["connectors:read", "platform:read", "unified:read"]));
    assert_eq!((&key["note"], &key["account"]["id"]), (&"Ask Robin.".into(), &account.as_str().into()));
    let event = &site.place.json(&["audit"])["data"][0];
    assert_eq!(event["action"], "key.changed");
    assert_eq!(
        (&event["detail"]["expires_at"]["from"], &event["detail"]["expires_at"]["to"]),
        (&serde_json::Value::Null, &key["expires_at"])
    );
}

#[test]
fn what_is_left_as_it_is_stays() {
    let site = Site::start();
    let id = site.create(&["ci", "--expires", "2099-01-31", "--preset", "read-only"]);
    let mut anna = site.as_user("anna");
    let edit = format!("{KEYS}/{id}/edit");
    shows(&anna.get(&edit), 200, &["As it is: 31 Jan 2099"]);
    location(&anna.post_form(&edit, &with(&[("expires", "keep")])));
    let key = site.place.json(&["show", "ci"]);
    assert_eq!(key["expires_at"], "2099-01-31T23:59:59Z");
    let events = site.place.run(&["audit"]).ok().stdout;
    assert!(!events.contains("key.changed"), "{events}");
}

#[test]
fn a_preset_sets_the_rows_and_keeps_what_was_typed() {
    let site = Site::start();
    let id = site.create(&["ci"]);
    let mut anna = site.as_user("anna");
    let edit = format!("{KEYS}/{id}/edit");
    let page = anna.post_form(&edit, &[("step", "preset"), ("preset", "ai-agent"), ("note", "kept")]);
    shows(&page, 200, &["AI agent: 4 of 10", ">kept</textarea>"]);
    assert_eq!(site.place.json(&["show", "ci"])["note"], serde_json::Value::Null);
}

#[test]
fn what_is_wrong_comes_back_beside_its_field_and_changes_nothing() {
    let site = Site::start();
    site.place.run(&["project", "set", "default", "--max-lifetime", "30d"]).ok();
    let id = site.create(&["ci"]);
    let mut anna = site.as_user("anna");
    let edit = format!("{KEYS}/{id}/edit");
    shows(&anna.get(&edit), 200, &["Keys of this project live 30d at most."]);
    let late = [("expires", "date"), ("expires_on", "2099-01-31"), ("note", "typed")];
    shows(&anna.post_form(&edit, &with(&late)), 422, &["id=\"expires-error\"", ">typed</textarea>"]);
    let past = [("expires", "date"), ("expires_on", "2020-01-31")];
    shows(&anna.post_form(&edit, &with(&past)), 422, &["is in the past"]);
    let nobody = [("expires", "keep"), ("account", "acc_000000000000")];
    shows(&anna.post_form(&edit, &with(&nobody)), 404, &["id=\"account-error\""]);
    let token = site.place.create(&["other"]);
    let secret = [("expires", "keep"), ("note", token.as_str())];
    let page = anna.post_form(&edit, &with(&secret));
    shows(&page, 422, &["id=\"note-error\""]);
    assert!(!page.body.contains(&token), "no token is shown again");
    assert_eq!(site.place.json(&["show", "ci"])["note"], serde_json::Value::Null);
}

#[test]
fn a_form_that_is_older_than_another_change_does_not_undo_it() {
    let site = Site::start();
    let id = site.create(&["ci"]);
    let mut anna = site.as_user("anna");
    let edit = format!("{KEYS}/{id}/edit");
    let revision = hidden(&anna.get(&edit), "revision").replace("&#34;", "\"");
    site.place.run(&["set", "ci", "--remove-scope", "platform:write"]).ok();
    let fields = with(&[("revision", &revision), ("expires", "keep"), ("note", "mine")]);
    let page = anna.post_form(&edit, &fields);
    shows(&page, 412, &["somebody changed this key in the meantime", ">mine</textarea>"]);
    assert_eq!(site.place.json(&["show", "ci"])["note"], serde_json::Value::Null);
}
