//! What the pages watch: the overview, refusals of a key, scopes that nobody asks for, the first request.

use super::{KEYS, Site, location, shows};
use crate::harness::client::basic;

fn id_of(token: &str) -> String {
    keysrv::crypto::token::read_key_id(token).unwrap().to_string()
}

#[test]
fn the_overview_counts_keys_by_state_and_leads_to_those_that_deserve_a_look() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    shows(&anna.get("/p/default/overview"), 200, &["Nothing to see yet", "Nobody has presented a key"]);
    site.create(&["works"]);
    site.create(&["ends", "--expires", "3d"]);
    site.create(&["wide", "--scope", "keys:write"]);
    site.create(&["off"]);
    site.place.run(&["disable", "off"]).ok();
    let page = anna.get("/p/default/overview");
    shows(&page, 200, &["aria-label=\"3 Active\"", "aria-label=\"1 Disabled\"", "aria-label=\"0 Expired\""]);
    shows(&page, 200, &["1 key expiring within 14 days", "1 key with keys:write and no end"]);
    let wide = "/p/default/keys?status=active&scope=keys%3Awrite&expires_within=never";
    shows(&page, 200, &[&wide.replace('&', "&#38;")]);
    shows(&anna.get(wide), 200, &["value=\"never\" selected", ">wide</a>"]);
    shows(&site.as_user("vera").get("/p/default/overview"), 200, &["3 Active"]);
    assert_eq!(site.server.client().get("/p/default/overview").status, 303);
}

#[test]
fn an_old_secret_that_is_still_used_is_pointed_out() {
    let site = Site::start();
    let old = site.place.create(&["slow-mover"]);
    site.place.create_by(&["rotate", "slow-mover", "--overlap", "24h"]);
    let mut anna = site.as_user("anna");
    let told = "The old secret of slow-mover is still in use";
    assert!(!anna.get("/p/default/overview").body.contains(told));
    assert_eq!(site.server.client().get_as(&old, "/v1/verify").status, 200);
    shows(&anna.get("/p/default/overview"), 200, &[told]);
}

#[test]
fn strangers_are_told_by_network_and_never_by_what_they_presented() {
    let site = Site::start();
    let token = site.place.create(&["gone"]);
    site.place.run(&["delete", "gone", "--yes"]).ok();
    let mut caller = site.server.client();
    assert_eq!(caller.get_as(&token, "/v1/verify").status, 401);
    assert_eq!(caller.get_as("what-is-this", "/v1/verify").status, 401);
    let page = site.as_user("vera").get("/p/default/overview");
    shows(
        &page,
        200,
        &["Refused in 24 hours: 2.", "<th scope=\"row\">127.0.0.0/24</th><td>1</td><td>1</td>"],
    );
    assert!(!page.body.contains("what-is-this") && !page.body.contains(&token));
}

#[test]
fn a_keys_page_tells_its_refusals_with_the_request_that_a_proxy_named() {
    let site = Site::start();
    let token = site.place.create(&["worker", "--scope", "platform:read"]);
    site.place.run(&["route", "add", "--preset", "example"]).ok();
    let mut caller = site.server.client();
    assert_eq!(caller.get_as(&token, "/v1/verify?scope=keys:write").status, 403);
    let auth = basic(&token);
    let target = format!("/no/rule/for/this?page=2&key={token}");
    let about =
        [("authorization", auth.as_str()), ("x-original-method", "POST"), ("x-original-uri", &target)];
    assert_eq!(caller.send("GET", "/auth/nginx", &about, None).status, 403);
    let page = site.as_user("vera").get(&format!("{KEYS}/{}", id_of(&token)));
    let told =
        ["Refused lately", "<code>POST /no/rule/for/this</code>", "<code>no_route</code>", "from 127.0.0.1"];
    shows(&page, 200, &told);
    shows(&page, 200, &["<code>insufficient_scope</code>", "The key lacks a scope"]);
    assert!(!page.body.contains(&token) && !page.body.contains("page=2"));
}

#[test]
fn a_key_is_narrowed_to_what_it_was_asked_for_and_widened_again() {
    let site = Site::start();
    let token = site.place.create(&["worker", "--scope", "platform:read", "--scope", "actions:execute"]);
    let page = format!("{KEYS}/{}", id_of(&token));
    let mut anna = site.as_user("anna");
    assert_eq!(site.server.client().get_as(&token, "/v1/verify").status, 200);
    shows(&anna.get(&page), 200, &["None of these scopes was asked for in the last 90 days"]);
    let narrow = format!("{page}/narrow");
    let refused = anna.post_form(&narrow, &[]);
    shows(&refused, 422, &["was asked for no scope in 90 days"]);
    assert_eq!(site.server.client().get_as(&token, "/v1/verify?scope=platform:read").status, 200);
    shows(&anna.get(&page), 200, &["Narrow this key", "Never asked for"]);
    let vera = site.as_user("vera").get(&page);
    shows(&vera, 200, &["Never asked for"]);
    assert!(!vera.body.contains("Narrow this key"));
    let after = location(&anna.post_form(&narrow, &[]));
    let narrowed = anna.get(&after);
    shows(&narrowed, 200, &["Narrowed <b>worker</b>", "narrow?undo=yes", "Undo"]);
    assert_eq!(site.place.json(&["show", "worker"])["scopes"], serde_json::json!(["platform:read"]));
    assert_eq!(site.server.client().get_as(&token, "/v1/verify?scope=actions:execute").status, 403);
    let after = location(&anna.post_form(&format!("{narrow}?undo=yes"), &[]));
    shows(&anna.get(&after), 200, &["Widened <b>worker</b>"]);
    let both = serde_json::json!(["actions:execute", "platform:read"]);
    assert_eq!(site.place.json(&["show", "worker"])["scopes"], both);
    shows(&anna.post_form(&format!("{narrow}?undo=yes"), &[]), 422, &["lost no scope by its newest change"]);
}

#[test]
fn the_first_request_is_told_when_it_has_come() {
    let site = Site::start();
    let token = site.place.create(&["worker"]);
    let first_use = format!("{KEYS}/{}/first-use", id_of(&token));
    let mut vera = site.as_user("vera");
    assert_eq!(vera.get(&first_use).body.trim(), "");
    assert_eq!(site.server.client().get_as(&token, "/v1/verify?scope=keys:write").status, 403);
    shows(&vera.get(&first_use), 200, &["A request was refused: The key lacks a scope"]);
    assert_eq!(site.server.client().get_as(&token, "/v1/verify").status, 200);
    shows(&vera.get(&first_use), 200, &["Working: first request from 127.0.0.1"]);
}

#[test]
fn an_accounts_page_shows_its_keys_and_their_requests_together() {
    let site = Site::start();
    let account = site.place.json(&["account", "create", "Acme GmbH", "--external-id", "cust-1"]);
    let account = account["id"].as_str().unwrap();
    let tokens = ["one", "two"].map(|name| site.place.create(&[name, "--account", account]));
    site.create(&["another"]);
    for token in &tokens {
        assert_eq!(site.server.client().get_as(token, "/v1/verify").status, 200);
    }
    let page = format!("/p/default/accounts/{account}");
    let mut anna = site.as_user("anna");
    shows(&anna.get("/p/default/accounts"), 200, &[&format!("class=\"name\" href=\"{page}\"")]);
    let shown = anna.get(&page);
    shows(&shown, 200, &["Acme GmbH", "cust-1", ">one</a>", ">two</a>", "2 keys", "<b>2</b> accepted"]);
    assert!(!shown.body.contains(">another</a>"));
    let question = location(&anna.post_form(&format!("{page}/disable"), &[("back", "account")]));
    shows(&anna.get(&question), 200, &[&format!("href=\"{page}\"")]);
    let sure = [("back", "account"), ("sure", "yes")];
    assert_eq!(location(&anna.post_form(&format!("{page}/disable"), &sure)), page);
    shows(&anna.get(&page), 200, &["Disabled", "aria-checked=\"false\""]);
    shows(&anna.get("/p/default/accounts/acc_000000000000"), 404, &["there is no account"]);
}
