//! Switching keys, deleting and rotating them.

use super::{KEYS, Site, hidden, location, shows};

#[test]
fn an_unused_key_is_switched_off_at_once_and_its_row_comes_back_with_undo() {
    let site = Site::start();
    let id = site.create(&["idle"]);
    let mut anna = site.as_user("anna");
    let back = "q=idle&sort=name";
    let after = location(&anna.post_form(&format!("{KEYS}/{id}/disable"), &[("back", back)]));
    assert_eq!(after, format!("{KEYS}?{back}&done=disabled&it={id}#key-{id}"));
    let page = anna.get(after.split('#').next().unwrap());
    shows(&page, 200, &["Disabled <b>idle</b>", "Undo", &format!("id=\"key-{id}\""), "value=\"idle\""]);
    assert_eq!(site.place.json(&["show", "idle"])["enabled"], false);
    location(&anna.post_form(&format!("{KEYS}/{id}/enable"), &[("back", back)]));
    assert_eq!(site.place.json(&["show", "idle"])["enabled"], true);
}

#[test]
fn a_key_in_use_is_asked_about_before_it_is_switched_off() {
    let site = Site::start();
    let token = site.place.create(&["busy"]);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap().to_string();
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);
    let mut anna = site.as_user("anna");
    let disable = format!("{KEYS}/{id}/disable");
    let question = location(&anna.post_form(&disable, &[("back", "status=active")]));
    assert_eq!(question, format!("{disable}?back=status%3Dactive"));
    let page = anna.get(&question);
    shows(&page, 200, &["Disable busy?", "It was last used just now, from 127.0.0.1."]);
    assert_eq!(site.place.json(&["show", "busy"])["enabled"], true);
    let fields = [("sure", "yes"), ("back", &hidden(&page, "back"))];
    assert!(
        location(&anna.post_form(&disable, &fields))
            .starts_with(&format!("{KEYS}?status=active&done=disabled"))
    );
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").code(), "disabled");
}

#[test]
fn the_message_after_a_change_tells_only_what_is_so() {
    let site = Site::start();
    let id = site.create(&["alive"]);
    let mut anna = site.as_user("anna");
    for lie in ["disabled", "deleted", "blessed"] {
        let page = anna.get(&format!("{KEYS}?done={lie}&it={id}"));
        assert!(!page.body.contains("data-toast"), "{lie}");
    }
    shows(&anna.get(&format!("{KEYS}?done=enabled&it={id}")), 200, &["Enabled <b>alive</b>"]);
}

#[test]
fn a_deleted_key_is_gone_and_the_message_knows_its_name() {
    let site = Site::start();
    let id = site.create(&["short-lived"]);
    let mut anna = site.as_user("anna");
    shows(&anna.get(&format!("{KEYS}/{id}/delete")), 200, &["It has never been used.", "Disable instead"]);
    let after = location(&anna.post_form(&format!("{KEYS}/{id}/delete"), &[]));
    shows(&anna.get(after.split('#').next().unwrap()), 200, &["Deleted <b>short-lived</b>"]);
    shows(&anna.get(&format!("{KEYS}/{id}")), 404, &["there is no key", "Back to API keys"]);
    shows(&anna.get("/server/audit"), 200, &["Deleted key <b>short-lived</b>"]);
}

#[test]
fn a_rotation_that_is_sent_twice_rotates_once() {
    let site = Site::start();
    let token = site.place.create(&["turning"]);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap().to_string();
    let mut anna = site.as_user("anna");
    let rotate = format!("{KEYS}/{id}/rotate");
    let nonce = hidden(&anna.get(&rotate), "nonce");
    let fields = [("nonce", nonce.as_str()), ("overlap", "24h")];
    let page = location(&anna.post_form(&rotate, &fields));
    assert_eq!(location(&anna.post_form(&rotate, &fields)), page);
    shows(&anna.get(&page), 200, &["New secret of turning", "The old secret works too, and ends in"]);
    shows(&anna.get(&page), 200, &["Already shown: turning"]);
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);
    let rotations = site.place.json(&["audit"]).to_string().matches("key.rotated").count();
    assert_eq!(rotations, 1);
}

#[test]
fn an_overlap_that_is_none_changes_nothing() {
    let site = Site::start();
    let id = site.create(&["still"]);
    let mut anna = site.as_user("anna");
    let fields = [("nonce", "1"), ("overlap", "forever")];
    shows(&anna.post_form(&format!("{KEYS}/{id}/rotate"), &fields), 422, &["overlap `forever`"]);
    assert_eq!(site.place.json(&["show", "still"])["secrets"].as_array().unwrap().len(), 1);
}

#[test]
fn the_page_of_a_key_explains_what_happens_to_a_request() {
    let site = Site::start();
    let id = site.create(&["ci"]);
    site.place.run(&["disable", "ci"]).ok();
    let mut vera = site.as_user("vera");
    let explain = format!("{KEYS}/{id}/explain");
    shows(&vera.get(&format!("{KEYS}/{id}")), 200, &[&explain]);
    let page = vera.get(&format!("{explain}?scopes=keys:read+actions:execute&ip=203.0.113.7"));
    shows(&page, 200, &["The request is refused", "Enable the key.", "lacks <code>keys:read</code>"]);
    let wrong = vera.get(&format!("{explain}?scopes=&ip=nowhere"));
    shows(&wrong, 200, &["ip `nowhere` is not an IP address"]);
    assert!(!wrong.body.contains("The request is"), "{}", wrong.body);
    site.place.run(&["route", "add", "GET", "/unified/*", "unified:read"]).ok();
    let routed = vera.get(&format!("{explain}?method=GET&path=/unified/hris"));
    shows(&routed, 200, &["The route rule <code>GET /unified/*</code> decides", "value=\"/unified/hris\""]);
    shows(&vera.get(&format!("{explain}?method=POST&path=/unified/hris")), 200, &["<code>no_route</code>"]);
    shows(&vera.get(&format!("{explain}?method=POST")), 200, &["id=\"path-error\""]);
    assert_eq!(site.place.json(&["show", "ci"])["last_refused_at"], serde_json::Value::Null);
}

#[test]
fn why_a_key_is_disabled_or_deleted_is_asked_and_shown() {
    let site = Site::start();
    let id = site.create(&["ci"]);
    site.place.run(&["project", "set", "default", "--show-reason", "on"]).ok();
    let mut anna = site.as_user("anna");
    shows(
        &anna.get(&format!("{KEYS}/{id}/disable")),
        200,
        &["name=\"reason\"", "Whoever uses the key reads it."],
    );
    let fields = [("sure", "yes"), ("back", "key"), ("reason", "leaked in a build log")];
    location(&anna.post_form(&format!("{KEYS}/{id}/disable"), &fields));
    shows(&anna.get(&format!("{KEYS}/{id}")), 200, &["leaked in a build log"]);
    assert_eq!(site.place.json(&["show", "ci"])["disabled_reason"], "leaked in a build log");
    location(&anna.post_form(&format!("{KEYS}/{id}/delete"), &[("reason", "no longer needed")]));
    assert_eq!(site.place.json(&["audit"])["data"][0]["detail"]["reason"], "no longer needed");
}

#[test]
fn the_page_shows_both_secrets_and_ends_the_old_one() {
    let site = Site::start();
    let token = site.place.create(&["ci"]);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap().to_string();
    let mut anna = site.as_user("anna");
    let page = anna.get(&format!("{KEYS}/{id}/rotate"));
    shows(&page, 200, &["After another time…", "Once it was not seen for 24 hours"]);
    let fields = [
        ("nonce", hidden(&page, "nonce")),
        ("overlap", "other".to_owned()),
        ("overlap_other", "36h".to_owned()),
        ("end_when_quiet", "24h".to_owned()),
    ];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    location(&anna.post_form(&format!("{KEYS}/{id}/rotate"), &fields));
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);
    let page = anna.get(&format!("{KEYS}/{id}"));
    shows(
        &page,
        200,
        &[
            "1 request since the rotation",
            "from 127.0.0.1",
            "Not yet safe to end",
            "the old secret for 1d",
            "End the old secret",
        ],
    );
    let vera = site.as_user("vera").get(&format!("{KEYS}/{id}"));
    assert!(!vera.body.contains("End the old secret"), "{}", vera.body);
    location(&anna.post_form(&format!("{KEYS}/{id}/rotate/end"), &[]));
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").code(), "rotated");
    assert!(!anna.get(&format!("{KEYS}/{id}")).body.contains("End the old secret"));
}
