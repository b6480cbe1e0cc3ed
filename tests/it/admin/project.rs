//! A project's catalogue and settings.

use serde_json::json;

use super::{Site, location, shows};

#[test]
fn a_scope_is_added_changed_and_removed() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let form = [
        ("scope", "reports:read"),
        ("resource_label", "Reports"),
        ("description", "Monthly reports."),
        ("action_label", "Read"),
        ("default", "on"),
        ("preset.read-only", "on"),
    ];
    let after = location(&anna.post_form("/p/default/new-scope", &form));
    assert_eq!(after, "/p/default/scopes#reports:read");
    shows(&anna.get("/p/default/scopes"), 200, &["Reports", "Monthly reports.", "id=\"reports:read\""]);
    let page = anna.get("/p/default/scopes/reports%3Aread");
    shows(&page, 200, &["value=\"Reports\"", "name=\"default\" value=\"on\" checked"]);
    shows(&page, 200, &["name=\"preset.read-only\" value=\"on\" checked"]);
    assert!(!page.body.contains("name=\"preset.ai-agent\" value=\"on\" checked"));

    let change = [("resource_label", "Accounting"), ("preset.ai-agent", "on")];
    location(&anna.post_form("/p/default/scopes/reports%3Aread", &change));
    let page = anna.get("/p/default/scopes/reports%3Aread");
    shows(&page, 200, &["value=\"Accounting\"", "value=\"Monthly reports.\""]);
    assert!(!page.body.contains("name=\"default\" value=\"on\" checked"));
    assert!(!page.body.contains("name=\"preset.read-only\" value=\"on\" checked"));

    shows(&anna.get("/p/default/scopes/reports%3Aread/remove"), 200, &["No key holds it."]);
    let gone = anna.post_form("/p/default/scopes/reports%3Aread/remove", &[]);
    assert_eq!(location(&gone), "/p/default/scopes");
    shows(&anna.get("/p/default/scopes/reports%3Aread"), 404, &["there is no scope"]);
}

#[test]
fn the_catalogue_tells_who_holds_a_scope_and_a_held_one_stays() {
    let site = Site::start();
    site.create(&["ci", "--scope", "credentials:read"]);
    let mut anna = site.as_user("anna");
    shows(&anna.get("/p/default/scopes"), 200, &["keys?scope=credentials%3Aread\">1 key</a>"]);
    let scope = "/p/default/scopes/credentials%3Aread";
    shows(&anna.get(&format!("{scope}/remove")), 200, &["1 key holds it"]);
    shows(&anna.post_form(&format!("{scope}/remove"), &[]), 409, &["1 key holds the scope"]);
}

#[test]
fn a_scope_with_mistakes_comes_back_as_it_was_typed() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let form = [("scope", "Reports read"), ("description", "Kept"), ("preset.ai-agent", "on")];
    let page = anna.post_form("/p/default/new-scope", &form);
    shows(&page, 422, &["id=\"scopes-error\"", "value=\"Reports read\"", "value=\"Kept\""]);
    shows(&page, 422, &["name=\"preset.ai-agent\" value=\"on\" checked"]);
    let taken = anna.post_form("/p/default/new-scope", &[("scope", "actions:execute")]);
    shows(&taken, 409, &["id=\"scopes-error\"", "already"]);
    let own = anna.post_form("/p/default/new-scope", &[("scope", "keys:delete")]);
    shows(&own, 409, &["role=\"alert\"", "guards keysrv"]);
}

#[test]
fn a_preset_is_added_offered_changed_and_removed() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    shows(&anna.get("/p/default/scopes"), 200, &["Add preset", "href=\"/p/default/presets/ai-agent\""]);
    let form = [
        ("label", "Build server"),
        ("name", "build-server"),
        ("grant", "connectors:write"),
        ("grant", "connectors:read"),
        ("reason.connectors", "To push what was built."),
    ];
    let after = location(&anna.post_form("/p/default/new-preset", &form));
    assert_eq!(after, "/p/default/scopes#preset-build-server");
    let page = anna.get("/p/default/keys/new?preset=build-server");
    shows(&page, 200, &["Build server: 2 of 10", "To push what was built."]);
    assert_eq!(
        site.place.json(&["create", "ci", "--preset", "build-server"])["key"]["scopes"],
        json!(["connectors:read", "connectors:write"])
    );

    let preset = "/p/default/presets/build-server";
    let page = anna.get(preset);
    shows(&page, 200, &["value=\"Build server\"", "value=\"connectors:write\" checked"]);
    shows(&page, 200, &["name=\"reason.connectors\" value=\"To push what was built.\""]);
    location(&anna.post_form(preset, &[("label", "Builder"), ("grant", "actions:execute")]));
    let page = anna.get(preset);
    shows(&page, 200, &["value=\"Builder\"", "value=\"actions:execute\" checked"]);
    assert!(!page.body.contains("value=\"connectors:write\" checked"));
    assert_eq!(site.place.json(&["audit"])["data"][0]["action"], "preset.changed");

    shows(&anna.get(&format!("{preset}/remove")), 200, &["Remove the preset Builder?"]);
    assert_eq!(location(&anna.post_form(&format!("{preset}/remove"), &[])), "/p/default/scopes");
    shows(&anna.get(preset), 404, &["there is no preset"]);
    let scopes = site.place.json(&["show", "ci"])["scopes"].clone();
    assert_eq!(scopes, json!(["connectors:read", "connectors:write"]), "a key keeps what it was given");
}

#[test]
fn a_preset_with_mistakes_comes_back_as_it_was_typed() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let form = [("label", "Kept"), ("name", "Build!"), ("grant", "keys:read"), ("reason.keys", "Also kept")];
    let page = anna.post_form("/p/default/new-preset", &form);
    shows(&page, 422, &["id=\"name-error\"", "value=\"Build!\"", "value=\"Kept\"", "value=\"Also kept\""]);
    shows(&page, 422, &["value=\"keys:read\" checked"]);
    for (name, status) in [("none", 422), ("ai-agent", 409)] {
        shows(&anna.post_form("/p/default/new-preset", &[("name", name)]), status, &["id=\"name-error\""]);
    }
    let form = [("label", "Typed"), ("grant", "gone:read")];
    let page = anna.post_form("/p/default/presets/ai-agent", &form);
    shows(&page, 422, &["id=\"scopes-error\"", "value=\"Typed\"", "gone:read"]);
    let long = "x".repeat(201);
    let form = [("grant", "keys:read"), ("reason.keys", long.as_str())];
    shows(&anna.post_form("/p/default/presets/ai-agent", &form), 422, &["id=\"reason-error\""]);
    assert_eq!(site.place.json(&["audit"])["data"][0]["action"], "user.signed_in", "nothing was changed");
}

#[test]
fn settings_are_saved_and_count_for_the_next_key() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let form = [
        ("prefix", "acme_live"),
        ("timezone", "Europe/Berlin"),
        ("max_lifetime", "90d"),
        ("disable_unused", "180d"),
        ("show_reason", "on"),
    ];
    let after = location(&anna.post_form("/p/default/settings", &form));
    assert_eq!(after, "/p/default/settings?done=saved");
    let page = anna.get(&after);
    shows(&page, 200, &["Saved the settings of", "value=\"acme_live\"", "value=\"Europe/Berlin\""]);
    shows(&page, 200, &["value=\"90d\" selected", "value=\"180d\" selected", "value=\"on\" checked"]);
    assert!(site.place.create(&["ci"]).starts_with("acme_live_"));
    assert_ne!(site.place.json(&["show", "ci"])["expires_at"], json!(null));
    assert_eq!(site.place.json(&["project", "show", "default"])["show_reason"], true);
}

#[test]
fn a_setting_from_the_shell_is_shown_and_survives_the_form() {
    let site = Site::start();
    site.place.run(&["project", "set", "default", "--max-lifetime", "45d"]).ok();
    let mut anna = site.as_user("anna");
    shows(&anna.get("/p/default/settings"), 200, &["<option value=\"45d\" selected>45d</option>"]);
}

#[test]
fn settings_with_mistakes_come_back_as_they_were_typed() {
    let site = Site::start();
    site.place.run(&["project", "create", "staging"]).ok();
    let mut anna = site.as_user("anna");
    let form = [
        ("name", "Staging!"),
        ("prefix", "X"),
        ("timezone", "Mars/Olympus"),
        ("max_lifetime", "none"),
        ("disable_unused", "none"),
    ];
    let page = anna.post_form("/p/staging/settings", &form);
    let errors = ["id=\"name-error\"", "id=\"prefix-error\"", "id=\"timezone-error\""];
    shows(&page, 422, &errors);
    shows(&page, 422, &["value=\"Staging!\"", "value=\"X\"", "value=\"Mars/Olympus\""]);
    let mut form = form;
    (form[0].1, form[1].1, form[2].1) = ("default", "ks", "UTC");
    shows(&anna.post_form("/p/staging/settings", &form), 409, &["id=\"name-error\""]);
    form[0].1 = "test";
    let after = location(&anna.post_form("/p/staging/settings", &form));
    assert_eq!(after, "/p/test/settings?done=saved");
}

#[test]
fn a_viewer_sees_catalogue_and_settings_and_changes_neither() {
    let site = Site::start();
    let mut vera = site.as_user("vera");
    let page = vera.get("/p/default/scopes");
    shows(&page, 200, &["You are a viewer", "Platform API"]);
    assert!(!page.body.contains("Add scope") && !page.body.contains("Add preset"));
    shows(&page, 200, &["<b>AI agent</b>"]);
    shows(&vera.post_form("/p/default/new-preset", &[("name", "a")]), 403, &["You may not do this"]);
    let page = vera.get("/p/default/settings");
    shows(&page, 200, &["You are a viewer", "<fieldset class=\"bare\" disabled>"]);
    assert!(!page.body.contains("Save settings"));
    shows(&vera.post_form("/p/default/settings", &[("prefix", "x")]), 403, &["You may not do this"]);
    shows(&vera.post_form("/p/default/new-scope", &[("scope", "a:b")]), 403, &["You may not do this"]);
}

#[test]
fn a_project_is_made_on_a_page_and_switched_to() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    shows(&anna.get("/p/default/keys"), 200, &["New project…"]);
    shows(&anna.get("/server/new-project"), 200, &["New project", "value=\"ks\""]);
    let bad = [("name", "Staging 1"), ("prefix", "x"), ("catalogue", "empty")];
    let page = anna.post_form("/server/new-project", &bad);
    shows(
        &page,
        422,
        &["id=\"name-error\"", "id=\"prefix-error\"", "value=\"Staging 1\"", "value=\"empty\" selected"],
    );
    let good = [("name", "staging"), ("prefix", "acme_test"), ("catalogue", "empty")];
    assert_eq!(location(&anna.post_form("/server/new-project", &good)), "/p/staging/keys");
    shows(&anna.get("/p/staging/keys"), 200, &["No keys yet", "<b>staging</b>", "/p/default/keys"]);
    shows(&anna.post_form("/server/new-project", &good), 409, &["id=\"name-error\"", "already"]);
    assert_eq!(site.place.json(&["project", "show", "staging"])["prefix"], "acme_test");
    let mut vera = site.as_user("vera");
    assert!(!vera.get("/p/default/keys").body.contains("New project…"));
    shows(&vera.post_form("/server/new-project", &[("name", "mine")]), 403, &["You may not do this"]);
}

#[test]
fn whoever_is_refused_with_a_real_token_reads_whom_to_ask_and_a_stranger_does_not() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let settings = [
        ("prefix", "ks"),
        ("timezone", "UTC"),
        ("contact", " keys@acme.example "),
        ("max_lifetime", "none"),
        ("disable_unused", "none"),
    ];
    location(&anna.post_form("/p/default/settings", &settings));
    shows(&anna.get("/p/default/settings"), 200, &["value=\"keys@acme.example\""]);
    let token = site.place.create(&["ci", "--preset", "none"]);
    let fix = |token: &str, path: &str| {
        site.server.client().get_as(token, path).json()["fix"].as_str().unwrap_or_default().to_owned()
    };
    let wanted = "/v1/verify?scope=actions:execute";
    assert!(fix(&token, wanted).ends_with("for one: keys@acme.example"), "{}", fix(&token, wanted));
    site.place.run(&["disable", "ci"]).ok();
    assert_eq!(fix(&token, wanted), "ask who manages the keys to enable it: keys@acme.example");
    assert!(!fix("nonsense", wanted).contains("acme"));
    let long = "x".repeat(121);
    let mut bad = settings;
    bad[2].1 = &long;
    shows(&anna.post_form("/p/default/settings", &bad), 422, &["id=\"contact-error\"", &long]);
    site.place.run(&["project", "set", "default", "--contact", "none"]).ok();
    assert_eq!(site.place.json(&["project", "show", "default"])["contact"], serde_json::Value::Null);
}
