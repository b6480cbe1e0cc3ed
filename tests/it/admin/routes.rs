//! Route rules, the tester, and the configuration of a proxy.

use serde_json::json;

use super::{Site, location, shows};

const ROUTES: &str = "/p/default/routes";

#[test]
fn a_rule_is_added_tried_and_removed() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    shows(&anna.get(ROUTES), 200, &["No rules yet"]);
    shows(&anna.get(&format!("{ROUTES}?method=GET&path=/x")), 200, &["any valid key passes"]);
    let form =
        [("method", "GET"), ("pattern", "/unified/*"), ("scope", "unified:read"), ("scope", "keys:read")];
    assert_eq!(location(&anna.post_form("/p/default/new-route", &form)), ROUTES);
    let rules = site.place.json(&["route", "list"])["data"].clone();
    assert_eq!(rules[0]["scopes"], json!(["keys:read", "unified:read"]));
    let try_it = |path: &str| format!("{ROUTES}?method=GET&path={path}");
    shows(&anna.get(&try_it("/unified/a/b")), 200, &["GET /unified/*", "Needs keys:read unified:read."]);
    shows(&anna.get(&try_it("/unified/%2e%2e/b")), 200, &["notice bad"]);
    shows(&anna.get(&try_it("/other")), 200, &["notice bad"]);
    let question = "/p/default/remove-route?method=GET&pattern=%2Funified%2F*";
    shows(&anna.get(question), 200, &["Remove GET /unified/*?"]);
    let gone = anna.post_form("/p/default/remove-route", &[("method", "GET"), ("pattern", "/unified/*")]);
    assert_eq!(location(&gone), ROUTES);
    shows(&anna.get(question), 404, &["there is no route rule"]);
}

#[test]
fn the_examples_rules_are_added_at_once_and_stand_in_their_order() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    assert_eq!(location(&anna.post_form("/p/default/new-route", &[("preset", "example")])), ROUTES);
    let page = anna.get(ROUTES);
    let rules = site.place.json(&["route", "list"])["data"].as_array().unwrap().clone();
    assert!(rules.len() > 5, "{rules:?}");
    let shown = |rule: &serde_json::Value| {
        let pattern = rule["pattern"].as_str().unwrap();
        let method = rule["method"].as_str().unwrap();
        let method = if method == "*" {
            "<span class=\"quiet\">Any</span>".to_owned()
        } else {
            format!("<code>{method}</code>")
        };
        let row = format!(
            "{method}</td>\n<td role=\"cell\" class=\"c-name\" data-label=\"Path\"><code class=\"name\">{pattern}</code>"
        );
        page.body.find(&row).unwrap_or_else(|| panic!("no {row} in {}", page.body))
    };
    let places: Vec<usize> = rules.iter().map(shown).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_rule_with_mistakes_comes_back_as_it_was_filled_in() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let form = [("method", "POST"), ("pattern", "no slash"), ("scope", "unified:read")];
    let page = anna.post_form("/p/default/new-route", &form);
    shows(&page, 422, &["id=\"pattern-error\"", "value=\"no slash\"", "value=\"POST\" selected"]);
    shows(&page, 422, &["name=\"scope\" value=\"unified:read\" checked"]);
    location(&anna.post_form("/p/default/new-route", &[("method", "GET"), ("pattern", "/a")]));
    let other = [("method", "GET"), ("pattern", "/a"), ("scope", "unified:read")];
    shows(&anna.post_form("/p/default/new-route", &other), 409, &["GET /a"]);
}

#[test]
fn a_proxys_configuration_is_filled_in_for_this_server() {
    let site = Site::start();
    let mut vera = site.as_user("vera");
    let address = site.server.address().to_owned();
    for (kind, file) in [("nginx", "keysrv.conf"), ("haproxy", "keysrv.lua"), ("envoy", "envoy.yaml")] {
        let page = vera.get(&format!("/p/default/proxy?kind={kind}&upstream=http://10.1.2.3:4000"));
        shows(&page, 200, &[file, "10.1.2.3", address.rsplit(':').next().unwrap()]);
    }
    let wrong = vera.get("/p/default/proxy?kind=nginx&upstream=ftp://x");
    shows(&wrong, 200, &["id=\"upstream-error\"", "value=\"ftp://x\""]);
    assert!(!wrong.body.contains("keysrv.conf"));
}

#[test]
fn a_viewer_sees_rules_and_changes_none() {
    let site = Site::start();
    site.place.run(&["route", "add", "GET", "/a"]).ok();
    let mut vera = site.as_user("vera");
    let page = vera.get(ROUTES);
    shows(&page, 200, &["You are a viewer", "/a"]);
    assert!(!page.body.contains("Remove") && !page.body.contains("Add rule"));
    let form = [("method", "GET"), ("pattern", "/b")];
    shows(&vera.post_form("/p/default/new-route", &form), 403, &["You may not do this"]);
}
