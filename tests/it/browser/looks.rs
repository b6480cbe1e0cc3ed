//! Every page as axe-core and a small screen see it, in light and dark.

use std::path::Path;

use super::quality::fits;
use super::{PASSWORD, Site};
use crate::harness::{Browser, Look, Place, Scheme, Screen, Script, Server};

/// Where `tests/run` puts the accessibility checker.
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/output/node_modules/axe-core/axe.min.js");

#[test]
fn axe_finds_nothing_on_any_page_in_the_light() {
    look_at_every_page(Look::default());
}

#[test]
fn axe_finds_nothing_on_any_page_in_the_dark() {
    look_at_every_page(Look { scheme: Scheme::Dark, ..Look::default() });
}

#[test]
fn axe_finds_nothing_on_a_phone_and_nothing_scrolls_sideways() {
    look_at_every_page(Look { scheme: Scheme::Dark, screen: Screen::Phone, script: Script::On });
}

fn look_at_every_page(look: Look) {
    let site = Site::start();
    let (id, account) = furnish(&site);
    let browser = Browser::start(&site.server.url, look);
    browser.go("/docs");
    check(&browser, "docs");
    browser.go("/sign-in");
    check(&browser, "sign-in");
    browser.sign_in("anna", PASSWORD);
    assert_eq!(is_dark(&browser), look.scheme == Scheme::Dark);
    browser.go("/server/backups");
    check(&browser, "no backups");
    let backup = make_backup(&browser);
    for page in pages(&id, &account, &backup) {
        browser.go(&page);
        check(&browser, &page);
        if open_everything(&browser) {
            check(&browser, &format!("{page} with everything open"));
        }
    }
    look_at_the_dialog_and_the_token(&browser);
}

/// Every page and state that an address shows, for a key, an account and a backup that are there.
pub(super) fn pages(id: &str, account: &str, backup: &str) -> Vec<String> {
    let key = format!("/p/default/keys/{id}");
    vec![
        "/p/empty/overview".to_owned(),
        "/p/default/overview".to_owned(),
        "/p/default/overview?usage=24h".to_owned(),
        "/p/empty/keys".to_owned(),
        "/p/empty/accounts".to_owned(),
        "/p/default/keys".to_owned(),
        format!("/p/default/keys?done=enabled&it={id}"),
        "/p/default/keys?q=nothing-is-called-this".to_owned(),
        "/p/default/keys?status=nonsense".to_owned(),
        "/p/default/keys/new".to_owned(),
        "/p/default/keys/new?preset=ai-agent".to_owned(),
        key.clone(),
        format!("{key}?usage=24h"),
        format!("{key}?usage=90d"),
        format!("{key}/token"),
        format!("{key}/disable"),
        format!("{key}/rotate"),
        format!("{key}/limits"),
        format!("{key}/edit"),
        format!("{key}/explain?scopes=keys:read&ip=nowhere&method=GET"),
        format!("{key}/explain?method=POST&path=/unified/hris&ip=203.0.113.7"),
        format!("{key}/delete"),
        "/p/default/accounts".to_owned(),
        "/p/default/accounts/new".to_owned(),
        format!("/p/default/accounts/{account}"),
        format!("/p/default/accounts/{account}/disable"),
        format!("/p/default/accounts/{account}/delete"),
        "/p/default/scopes".to_owned(),
        "/p/default/new-scope".to_owned(),
        "/p/default/scopes/actions%3Aexecute".to_owned(),
        "/p/default/scopes/platform%3Aread".to_owned(),
        "/p/default/scopes/actions%3Aexecute/remove".to_owned(),
        "/p/default/new-preset".to_owned(),
        "/p/default/presets/ai-agent".to_owned(),
        "/p/default/presets/ai-agent/remove".to_owned(),
        "/p/default/routes".to_owned(),
        "/p/default/routes?method=GET&path=/unified/a".to_owned(),
        "/p/empty/routes?method=GET&path=/a".to_owned(),
        "/p/default/new-route".to_owned(),
        "/p/default/remove-route?method=GET&pattern=%2Funified%2F*".to_owned(),
        "/p/default/proxy?kind=haproxy".to_owned(),
        "/p/default/settings?done=saved".to_owned(),
        format!("/p/default/accounts/{account}/limits"),
        "/server/new-project".to_owned(),
        format!("/p/default/selected-keys?key={id}&do=disable"),
        format!("/p/default/selected-keys?key={id}&do=delete"),
        "/server/audit?what=key&from=2026-01-01&by=nobody".to_owned(),
        "/server/users".to_owned(),
        "/server/new-user".to_owned(),
        "/server/users/anna?done=role".to_owned(),
        "/server/users/vera/delete".to_owned(),
        "/me?done=sessions".to_owned(),
        "/server/audit".to_owned(),
        "/server/backups".to_owned(),
        format!("/server/backups?done=made&it={backup}"),
        format!("/server/backups/{backup}/download"),
        format!("/server/backups/{backup}/delete"),
        "/no/such/page".to_owned(),
        "/setup/stale".to_owned(),
    ]
}

/// Makes a backup on the page of backups; answers with its name.
pub(super) fn make_backup(browser: &Browser) -> String {
    browser.click(".page-head form button");
    browser.read("[data-toast]", "Made the backup");
    let download = browser.attribute("tbody a[href$='/download']", "href").unwrap();
    download.split('/').nth(3).unwrap().to_owned()
}

fn look_at_the_dialog_and_the_token(browser: &Browser) {
    browser.go("/p/default/keys");
    browser.click(".page-head a.button");
    browser.click("dialog details.scopes > summary");
    check(browser, "the dialog");
    browser.click("dialog button[value=generate]");
    browser.see("dialog #name-error");
    check(browser, "the dialog with an error");
    browser.fill("dialog #name", "one-more");
    browser.click("dialog button[value=generate]");
    browser.see("#token");
    check(browser, "the token");
}

/// Keys of every status and accounts of both; answers with a key's id and an account's.
pub(super) fn furnish(site: &Site) -> (String, String) {
    let place = &site.place;
    let account = place.json(&["account", "create", "Acme GmbH", "--external-id", "cust-4711"]);
    let account = account["id"].as_str().unwrap().to_owned();
    let token = place.create(&["my-agent-key", "--preset", "ai-agent", "--account", &account]);
    let id = keysrv::crypto::token::read_key_id(&token).unwrap().to_string();
    place.run(&["account", "set", &account, "--rate", "1000/60", "--quota", "1000000/month"]).ok();
    let limits = ["--rate", "100/60", "--quota", "1/day", "--quota-mode", "watch", "--ip-mode", "watch"];
    let limits = [["set", "my-agent-key", "--allow-ip", "203.0.113.0/24"].as_slice(), &limits].concat();
    place.run(&limits).ok();
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);
    place.create_by(&["rotate", "my-agent-key", "--overlap", "24h"]);
    place.create(&["soon-over", "--expires", "3d"]);
    place.create(&["x".repeat(64).as_str(), "--scope", "keys:write", "--note", "Ask Dana first."]);
    for name in
        ["龍".repeat(64), "مفتاح-الإنتاج للمزامنة".to_owned(), "🔑🇩🇪 keys 👩‍👩‍👧‍👦".to_owned(), "W".repeat(64)]
    {
        place.create(&[name.as_str()]);
        place.run(&["account", "create", &name]).ok();
    }
    place.create(&["switched-off", "--preset", "none"]);
    place.run(&["disable", "switched-off"]).ok();
    place.run(&["project", "create", "empty"]).ok();
    place.run(&["route", "add", "--preset", "example"]).ok();
    (id, account)
}

/// Opens what is folded; whether there was anything that not every page has.
fn open_everything(browser: &Browser) -> bool {
    browser.run(
        "const closed = [...document.querySelectorAll('details:not(.nav-menu)')].filter((d) => !d.open); \
         closed.forEach((d) => { d.removeAttribute('name'); d.open = true; }); \
         return closed.some((d) => !d.matches('.project-menu'))",
    ) == true
}

fn is_dark(browser: &Browser) -> bool {
    browser.run("return matchMedia('(prefers-color-scheme: dark)').matches") == true
}

#[track_caller]
fn check(browser: &Browser, page: &str) {
    let axe = std::fs::read_to_string(Path::new(AXE))
        .unwrap_or_else(|error| panic!("{AXE}: {error}; `tests/run` brings it"));
    browser.run(&axe);
    let found = browser.run_to_end(
        "const done = arguments[arguments.length - 1]; \
         axe.run().then((r) => done(r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)))",
    );
    assert_eq!(found, serde_json::json!([]), "{page}");
    fits(browser, page);
}

#[test]
fn before_there_is_a_user_nothing_is_wrong_with_the_pages_either() {
    let place = Place::empty();
    let server = Server::start(&place);
    let browser = Browser::start(&server.url, Look::default());
    for page in ["/sign-in".to_owned(), server.setup_path()] {
        browser.go(&page);
        check(&browser, &page);
    }
}

#[test]
fn a_row_of_the_table_is_at_most_52_pixels_high() {
    let site = Site::start();
    furnish(&site);
    let browser = site.browse(Look::default());
    let highest = browser.run(
        "return Math.max(...[...document.querySelectorAll('tbody tr')].map((r) => r.getBoundingClientRect().height))",
    );
    assert!(highest.as_f64().unwrap() <= 52.0, "{highest}");
}
