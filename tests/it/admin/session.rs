//! A session that ends while somebody fills in a form: without script nothing that was typed is lost.

use super::{KEYS, PASSWORD, Site, hidden, location, shows};
use crate::harness::{Answer, Client};

const NEW_PASSWORD: &str = "brown bread rolls";

/// Sends a form as a browser without script does: it wants a page.
fn send(client: &mut Client, site: &Site, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", site.server.url.as_str()),
        ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
        ("referer", &format!("{}{path}", site.server.url)),
    ];
    client.send("POST", path, &headers, Some(&body))
}

/// Ends all sessions of a user.
fn end_sessions(site: &Site, name: &str) {
    site.place.run_with(&["user", "passwd", name, "--password-stdin"], NEW_PASSWORD, &[]).ok();
}

#[test]
fn what_was_typed_goes_through_the_sign_in_and_is_sent_again_by_hand() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let new_key = format!("{KEYS}/new");
    let nonce = hidden(&anna.get(&new_key), "nonce");
    end_sessions(&site, "anna");
    let fields = [("nonce", nonce.as_str()), ("name", "typed <with> care"), ("level.keys", "read+write")];
    let page = send(&mut anna, &site, &new_key, &fields);
    shows(&page, 200, &["Your session has ended", "nothing was changed", "id=\"password\""]);
    let (to, kept) = (hidden(&page, "kept_to"), hidden(&page, "kept"));
    let kept = kept.replace("&#38;", "&").replace("&amp;", "&");
    assert_eq!(to, new_key);

    let again = [("kept_to", to.as_str()), ("kept", kept.as_str()), ("name", "anna"), ("password", "wrong")];
    let page = send(&mut anna, &site, "/sign-in", &again);
    shows(&page, 422, &["id=\"error\"", "name=\"kept\"", "typed+%3Cwith%3E+care"]);
    let again =
        [("kept_to", to.as_str()), ("kept", kept.as_str()), ("name", "anna"), ("password", NEW_PASSWORD)];
    let page = send(&mut anna, &site, "/sign-in", &again);
    shows(&page, 200, &["Send it again?", "<dt>Name</dt>", &format!("action=\"{new_key}\"")]);
    assert!(!page.body.contains(NEW_PASSWORD) && !page.body.contains("<with>"), "{}", page.body);
    assert_eq!(site.place.json(&["list"])["data"].as_array().unwrap().len(), 0, "nothing is sent by itself");

    let made = location(&send(&mut anna, &site, &to, &fields));
    shows(&anna.get(&made), 200, &["Your new key: typed &#60;with&#62; care"]);
}

#[test]
fn a_password_a_token_and_what_was_not_typed_are_not_carried() {
    let site = Site::start();
    let mut stranger = site.server.client();
    let token = site.place.create(&["ci"]);
    for (path, fields) in [
        ("/server/new-user", [("name", "bob"), ("password", "brown bread rolls")]),
        ("/p/default/keys/new", [("name", "a"), ("note", token.as_str())]),
        ("/p/default/settings", [("step", "save"), ("back", "q=a")]),
        ("/me/password", [("current", PASSWORD), ("password", NEW_PASSWORD)]),
    ] {
        let answer = send(&mut stranger, &site, path, &fields);
        assert!(location(&answer).starts_with("/sign-in?next="), "{path}");
    }
}

#[test]
fn a_form_from_elsewhere_is_not_carried_and_nothing_leads_elsewhere() {
    let site = Site::start();
    let mut anna = site.server.client();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://evil.example"),
        ("accept", "text/html"),
    ];
    let refused = anna.send("POST", "/p/default/keys/new", &headers, Some("name=a"));
    shows(&refused, 403, &[]);
    assert!(!refused.body.contains("kept"), "{}", refused.body);
    for to in ["https://evil.example/p/", "//evil.example/p/", "/sign-out", "/me/sessions"] {
        let fields = [("name", "anna"), ("password", PASSWORD), ("kept_to", to), ("kept", "name=a")];
        assert_eq!(location(&send(&mut anna, &site, "/sign-in", &fields)), "/", "{to}");
    }
}

#[test]
fn whoever_signs_in_instead_may_only_what_they_may() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    end_sessions(&site, "anna");
    let page = send(&mut anna, &site, "/p/default/new-scope", &[("scope", "reports:read")]);
    let (to, kept) = (hidden(&page, "kept_to"), hidden(&page, "kept"));
    let fields = [("kept_to", to.as_str()), ("kept", &kept), ("name", "vera"), ("password", PASSWORD)];
    shows(&send(&mut anna, &site, "/sign-in", &fields), 200, &["Send it again?", "reports:read"]);
    let refused = send(&mut anna, &site, &to, &[("scope", "reports:read")]);
    shows(&refused, 403, &["You may not do this"]);
}
