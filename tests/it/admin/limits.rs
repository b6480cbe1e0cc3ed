//! Limits on the pages.

use super::{KEYS, Site, location, shows};

#[test]
fn limits_are_set_shown_and_reset_without_script() {
    let site = Site::start();
    let token = site.place.create(&["ci"]);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap().to_string();
    let mut anna = site.as_user("anna");
    let limits = format!("{KEYS}/{id}/limits");
    shows(&anna.get(&format!("{KEYS}/{id}")), 200, &["<dt>Rate</dt><dd>No limit", "<dd>Anywhere"]);
    shows(&anna.get(&limits), 200, &["Limits of ci", "placeholder=\"No limit\"", "Save limits"]);
    let fields = [
        ("rate_requests", "100"),
        ("rate_seconds", "60"),
        ("rate_mode", "enforce"),
        ("quota_requests", "4"),
        ("quota_per", "month"),
        ("quota_mode", "enforce"),
        ("allowed_ips", "127.0.0.0/8\r\n::1, 2001:db8::/32"),
        ("ips_mode", "watch"),
        ("step", "save"),
    ];
    assert_eq!(location(&anna.post_form(&limits, &fields)), format!("{KEYS}/{id}#limits"));
    for _ in 0..3 {
        assert_eq!(site.server.client().get_as(&token, "/v1/verify").status, 200);
    }
    let shown =
        ["100 requests per 60 seconds", "4 requests per month", "75 % used", "width=\"75\"", "3 used"];
    let page = anna.get(&format!("{KEYS}/{id}"));
    shows(&page, 200, &shown);
    shows(&page, 200, &["127.0.0.0/8", "::1/128", "2001:db8::/32", "only watched"]);
    shows(
        &anna.get(&limits),
        200,
        &["value=\"100\"", "127.0.0.0/8\n::1\n2001:db8::/32", "Start its count anew"],
    );
    location(&anna.post_form(&limits, &[("step", "reset"), ("rate_requests", "ignored")]));
    let key = site.place.json(&["show", "ci"]);
    assert_eq!((&key["quota_usage"]["used"], &key["rate_limit"]["requests"]), (&0.into(), &100.into()));
    shows(&anna.get(&format!("{KEYS}/{id}")), 200, &["Reset quota", "0 % used"]);
}

#[test]
fn what_is_wrong_comes_back_beside_its_field_and_changes_nothing() {
    let site = Site::start();
    let id = site.create(&["ci"]);
    let mut anna = site.as_user("anna");
    let fields = [
        ("rate_requests", "100"),
        ("quota_requests", "many"),
        ("quota_per", "month"),
        ("allowed_ips", "10.0.0.0/33"),
        ("quota_mode", "watch"),
    ];
    let page = anna.post_form(&format!("{KEYS}/{id}/limits"), &fields);
    let errors = ["id=\"rate_limit-error\"", "id=\"quota-error\"", "id=\"allowed_ips-error\""];
    shows(&page, 422, &errors);
    shows(&page, 422, &["value=\"many\"", ">10.0.0.0/33</textarea>", "value=\"watch\" selected"]);
    let key = site.place.json(&["show", "ci"]);
    assert_eq!((key["rate_limit"].is_null(), key["quota"].is_null()), (true, true));
}

#[test]
fn what_a_watched_limit_would_have_refused_is_on_the_keys_page() {
    let site = Site::start();
    let token = site.place.create(&["ci", "--quota", "1/month", "--quota-mode", "watch"]);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap().to_string();
    for _ in 0..3 {
        assert_eq!(site.server.client().get_as(&token, "/v1/verify").status, 200);
    }
    let mut vera = site.as_user("vera");
    let page = vera.get(&format!("{KEYS}/{id}"));
    shows(&page, 200, &["The quota would have refused <b>2 requests</b> in the last 24 hours"]);
    assert!(!page.body.contains("/limits\""), "a viewer changes nothing");
}

#[test]
fn the_limits_that_an_accounts_keys_share_are_set_and_shown_with_each_key() {
    let site = Site::start();
    let account = site.place.json(&["account", "create", "Acme"])["id"].as_str().unwrap().to_owned();
    let id = site.create(&["ci", "--account", &account]);
    let mut anna = site.as_user("anna");
    let limits = format!("/p/default/accounts/{account}/limits");
    shows(&anna.get("/p/default/accounts"), 200, &[&limits]);
    let page = anna.get(&limits);
    shows(&page, 200, &["Limits of Acme", "All keys of the account share them"]);
    assert!(!page.body.contains("allowed_ips"));
    let fields =
        [("quota_requests", "10"), ("quota_per", "day"), ("rate_requests", ""), ("rate_seconds", "")];
    assert_eq!(location(&anna.post_form(&limits, &fields)), format!("/p/default/accounts#account-{account}"));
    shows(
        &anna.get(&format!("{KEYS}/{id}")),
        200,
        &["Shared with the other keys of Acme", "10 requests per day"],
    );
}
