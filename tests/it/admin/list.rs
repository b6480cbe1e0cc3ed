//! The table of keys: search, filters, order, pages, and what each says when there is nothing.

use super::{KEYS, Site, shows};
use crate::harness::{Answer, Client};

/// The names of the rows, in order.
fn names(page: &Answer) -> Vec<String> {
    let rows = page.body.split("class=\"name\"").skip(1);
    rows.map(|row| row.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned()).collect()
}

fn next(page: &Answer) -> Option<String> {
    let link = page.body.split("rel=\"next\"").next().filter(|before| before.len() < page.body.len())?;
    Some(link.rsplit("href=\"").next()?.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

fn all(client: &mut Client, path: &str) -> Vec<String> {
    let (mut found, mut path) = (Vec::new(), Some(path.to_owned()));
    while let Some(asked) = path {
        let page = client.get(&asked);
        assert_eq!(page.status, 200, "{asked}");
        found.extend(names(&page));
        path = next(&page);
    }
    found
}

#[test]
fn every_key_is_on_one_of_the_pages_once_in_every_order() {
    let site = Site::start();
    site.place.create(&["key", "--count", "120"]);
    let mut anna = site.as_user("anna");
    shows(&anna.get(KEYS), 200, &["120 keys · 120 never used"]);
    for sort in ["", "?sort=name", "?sort=last_used"] {
        let mut found = all(&mut anna, &format!("{KEYS}{sort}"));
        assert_eq!(found.len(), 120, "{sort}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 120, "{sort}");
    }
    assert_eq!(names(&anna.get(KEYS)).first().map(String::as_str), Some("key-120"));
    assert_eq!(names(&anna.get("/p/default/keys?sort=name")).first().map(String::as_str), Some("key-1"));
}

#[test]
fn filters_keep_what_they_name() {
    let site = Site::start();
    let account = site.place.json(&["account", "create", "Acme", "--external-id", "cust-1"]);
    let account = account["id"].as_str().unwrap().to_owned();
    site.create(&["plain"]);
    site.create(&["agent", "--preset", "ai-agent", "--account", &account]);
    site.create(&["off"]);
    site.place.run(&["disable", "off"]).ok();
    let mut anna = site.as_user("anna");
    let mut find = |query: &str| names(&anna.get(&format!("{KEYS}?sort=name&{query}")));
    assert_eq!(find("q=AG"), ["agent"]);
    assert_eq!(find("q=acme"), ["agent"]);
    assert_eq!(find("status=disabled"), ["off"]);
    assert_eq!(find("scope=credentials%3Aread"), ["agent"]);
    assert_eq!(find("account=cust-1"), ["agent"]);
    assert_eq!(find("unused_for=never"), ["agent", "off", "plain"]);
    assert_eq!(find("unused_for=1s&status=expired"), Vec::<String>::new());
}

#[test]
fn nothing_found_and_nothing_there_are_different_pages() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    shows(&anna.get(KEYS), 200, &["No keys yet", "keysrv create my-agent-key"]);
    site.create(&["one"]);
    shows(&anna.get("/p/default/keys?q=two"), 200, &["No key matches", "Show all keys"]);
    site.place.run(&["project", "create", "staging"]).ok();
    shows(
        &anna.get("/p/staging/keys"),
        200,
        &["keysrv --project staging create", "Project</span> <b>staging"],
    );
}

#[test]
fn an_address_that_asks_for_nothing_known_says_what_is_wrong() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    shows(&anna.get("/p/default/keys?status=asleep"), 422, &["status `asleep` is not"]);
    shows(&anna.get("/p/default/keys?cursor=x"), 422, &["cursor"]);
    shows(&anna.get("/p/nowhere/keys"), 404, &["there is no project `nowhere`", "Request <code>"]);
    shows(&anna.get("/p/default/keys/short"), 404, &["there is no key `short`"]);
    shows(&anna.get("/p/default/nothing"), 404, &["There is nothing at this address"]);
}

#[test]
fn the_start_leads_to_the_project_that_was_looked_at_last() {
    let site = Site::start();
    site.place.run(&["project", "create", "staging"]).ok();
    let mut anna = site.as_user("anna");
    assert_eq!(anna.get("/").header("location"), Some(KEYS));
    anna.get("/p/staging/accounts");
    assert_eq!(anna.get("/").header("location"), Some("/p/staging/keys"));
    site.place.run(&["project", "delete", "staging", "--yes"]).ok();
    assert_eq!(anna.get("/").header("location"), Some(KEYS));
}
