//! A key's life, from the setup link to its end, as a person lives it in the browser.

use super::{PASSWORD, Site};
use crate::harness::{Browser, Look, Place, Script, Server};

pub(super) const WITHOUT_SCRIPT: Look =
    Look { script: Script::Off, scheme: crate::harness::Scheme::Light, screen: crate::harness::Screen::Wide };

#[test]
fn a_key_lives_its_life_with_script() {
    live(Look::default());
}

#[test]
fn a_key_lives_its_life_without_script() {
    live(WITHOUT_SCRIPT);
}

fn live(look: Look) {
    let site = Site::start();
    let browser = site.browse(look);
    browser.read(".empty h2", "No keys yet");
    browser.click(".page-head a.button");
    browser.see("#name");
    let is_page = browser.path().ends_with("/new");
    assert_eq!(is_page, look.script == Script::Off, "with script the form opens in a dialog");

    browser.click("button[value=generate]");
    browser.read("#name-error", "name is empty");

    browser.fill("#name", "my-agent-key");
    browser.click("details.scopes > summary");
    browser.click("input[value=ai-agent]");
    browser.click("button[value=generate]");
    browser.read("h1", "Your new key: my-agent-key");
    let token = browser.text("#token");
    assert!(browser.text("#curl").contains(&format!("curl -u {token}:")));
    assert!(browser.text(".chips").contains("credentials:read"));
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);

    browser.reload();
    browser.read("h1", "Already shown: my-agent-key");
    assert!(!browser.source().contains(&token));
    browser.click(".page-head a.button");
    browser.read("tbody tr:first-child .name", "my-agent-key");
    browser.read(".c-scopes .line", "AI agent");
    browser.read("td.c-used", "127.0.0.1");
    assert!(browser.text(".count").starts_with("1 key"));

    switch_off_and_on(&site, &browser, &token);
    end(&site, &browser, &token);
}

fn switch_off_and_on(site: &Site, browser: &Browser, token: &str) {
    browser.click(".switch");
    browser.read("[data-sheet] h1", "Disable my-agent-key?");
    browser.read("[data-sheet]", "It was last used just now, from 127.0.0.1.");
    browser.click("[data-sheet] footer button");
    browser.read("[data-toast]", "Disabled my-agent-key");
    assert_eq!(browser.attribute(".switch", "aria-checked").as_deref(), Some("false"));
    assert_eq!(site.server.client().get_as(token, "/v1/accounts").code(), "disabled");
    browser.click("[data-toast] button");
    browser.read("[data-toast]", "Enabled my-agent-key");
    assert_eq!(site.server.client().get_as(token, "/v1/accounts").status, 200);
}

fn end(site: &Site, browser: &Browser, token: &str) {
    browser.click("tbody .name");
    browser.read("h1", "my-agent-key");
    browser.read(".log", "Current");
    browser.click(".actions a[href$='/rotate']");
    browser.read("[data-sheet] h1", "Rotate my-agent-key?");
    browser.click("[data-sheet] footer button");
    browser.read("h1", "New secret of my-agent-key");
    let second = browser.text("#token");
    assert_eq!(site.server.client().get_as(token, "/v1/accounts").code(), "rotated");
    assert_eq!(site.server.client().get_as(&second, "/v1/accounts").status, 200);

    browser.click(".page-head a.button");
    browser.click("tbody .name");
    browser.click(".danger-zone a.button");
    browser.read("[data-sheet] h1", "Delete my-agent-key?");
    browser.click("[data-sheet] footer button[data-variant=danger]");
    browser.read("[data-toast]", "Deleted my-agent-key");
    browser.read(".empty h2", "No keys yet");
    assert_eq!(site.server.client().get_as(&second, "/v1/accounts").code(), "not_found");
}

#[test]
fn the_setup_link_makes_the_first_user_and_then_no_other() {
    let place = Place::empty();
    let server = Server::start(&place);
    let link = server.setup_path();
    let browser = Browser::start(&server.url, Look::default());
    browser.go("/p/default/keys");
    browser.read("h1", "Nobody can sign in yet");

    browser.go(&link);
    browser.fill("#user", "anna");
    browser.fill("#password", "keysrv-keysrv");
    browser.click("main form button");
    browser.see("#password-error");
    assert_eq!(browser.attribute("#user", "value").as_deref(), Some("anna"));
    browser.fill("#password", PASSWORD);
    browser.click("main form button");
    browser.read("h1", "API keys");
    browser.read(".sidebar .signed-in", "anna");

    browser.go(&link);
    browser.read("h1", "This setup link no longer holds");
}

#[test]
fn after_signing_in_the_page_that_was_asked_for_is_shown() {
    let site = Site::start();
    let browser = Browser::start(&site.server.url, Look::default());
    browser.go("/p/default/keys?status=disabled");
    browser.read("h1", "Sign in");
    browser.fill("#user", "anna");
    browser.fill("#password", "something else entirely");
    browser.click("main form button");
    browser.read(".notice.bad", "the name or the password is wrong");
    browser.sign_in("anna", PASSWORD);
    assert_eq!(browser.path(), "/p/default/keys?status=disabled");
    browser.click(".sidebar .signed-in button");
    browser.read("h1", "Sign in");
    browser.go("/p/default/keys");
    browser.read("h1", "Sign in");
}
