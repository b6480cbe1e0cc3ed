//! The pages of accounts.

use super::{Site, hidden, location, shows};

const ACCOUNTS: &str = "/p/default/accounts";

#[test]
fn an_account_is_made_and_its_mistakes_come_back_at_their_fields() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    shows(&anna.get(ACCOUNTS), 200, &["No accounts yet"]);
    let new = format!("{ACCOUNTS}/new");
    let fields = [("name", "Acme GmbH"), ("external_id", "cust-1")];
    location(&anna.post_form(&new, &fields));
    shows(&anna.get(ACCOUNTS), 200, &["Acme GmbH", "cust-1"]);
    let page = anna.post_form(&new, &[("name", ""), ("external_id", "acc_000000000000")]);
    shows(&page, 422, &["id=\"name-error\"", "id=\"external_id-error\"", "value=\"acc_000000000000\""]);
    shows(&anna.post_form(&new, &fields), 409, &["id=\"external_id-error\"", "value=\"Acme GmbH\""]);
}

#[test]
fn an_account_with_keys_is_asked_about_before_it_stops_them() {
    let site = Site::start();
    let account = site.place.json(&["account", "create", "Acme"]);
    let id = account["id"].as_str().unwrap().to_owned();
    let mut anna = site.as_user("anna");
    let (enable, disable) = (format!("{ACCOUNTS}/{id}/enable"), format!("{ACCOUNTS}/{id}/disable"));
    assert_eq!(location(&anna.post_form(&disable, &[])), format!("{ACCOUNTS}#account-{id}"));
    location(&anna.post_form(&enable, &[]));

    let token = site.place.create(&["held", "--account", &id]);
    let question = location(&anna.post_form(&disable, &[("back", "status=enabled")]));
    shows(&anna.get(&question), 200, &["Disable Acme?", "its 1 key"]);
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);
    let after = location(&anna.post_form(&disable, &[("sure", "yes"), ("back", "status=enabled")]));
    assert_eq!(after, format!("{ACCOUNTS}?status=enabled#account-{id}"));
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").code(), "account_disabled");
    shows(&anna.get("/p/default/keys"), 200, &["Account disabled"]);
}

#[test]
fn deleting_an_account_tells_which_keys_go_with_it_and_asks_again_when_there_are_more() {
    let site = Site::start();
    let account = site.place.json(&["account", "create", "Acme"]);
    let id = account["id"].as_str().unwrap().to_owned();
    let mut anna = site.as_user("anna");
    let delete = format!("{ACCOUNTS}/{id}/delete");
    shows(&anna.get(ACCOUNTS), 200, &[&delete]);
    shows(&anna.get(&delete), 200, &["Delete Acme?", "It has no keys."]);
    let token = site.place.create(&["ci", "--account", &id]);
    shows(&anna.get(&delete), 200, &["This deletes its 1 key: ci.", "Disable instead"]);
    site.place.create(&["k", "--count", "6", "--account", &id]);
    let page = anna.get(&delete);
    shows(&page, 200, &["This deletes its 7 keys: ", " and 2 more."]);
    assert_eq!(hidden(&page, "keys"), "7");
    let fewer = anna.post_form(&delete, &[("keys", "1")]);
    assert_eq!(location(&fewer), delete, "six came since the question");
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);
    assert_eq!(location(&anna.post_form(&delete, &[("keys", "7")])), ACCOUNTS);
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").code(), "not_found");
    assert_eq!(anna.get(&delete).status, 404);
}
