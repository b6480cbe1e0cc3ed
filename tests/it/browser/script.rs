//! What script adds: presets that set the rows, undo in place, copying on plain HTTP.

use super::{PASSWORD, Site};
use crate::harness::{Browser, Look};

#[test]
fn presets_set_the_rows_and_the_rows_name_their_preset() {
    let site = Site::start();
    let browser = site.browse(Look::default());
    browser.click(".page-head a.button");
    browser.read("[data-summary]", "Defaults: 6 of 10");
    browser.click("dialog details.scopes > summary");
    browser.click("dialog input[value=ai-agent]");
    browser.read("[data-summary]", "AI agent: 4 of 10");
    browser.read("fieldset[data-resource=credentials] em:not([hidden])", "stored credentials");
    browser.click("dialog input[name='level.keys'][value=read]");
    browser.read("[data-summary]", "Custom: 5 of 10");
    assert_eq!(browser.run("return document.querySelectorAll('[name=preset]:checked').length"), 0);
    browser.click("dialog input[name='level.keys'][value=off]");
    browser.read("[data-summary]", "AI agent: 4 of 10");
    browser.click("dialog input[name='level.credentials'][value=off]");
    browser.fill("dialog #name", "custom");
    browser.click("dialog button[value=generate]");
    browser.read(".chips", "actions:execute");
    assert!(!browser.text(".chips").contains("credentials"));
}

#[test]
fn an_unused_key_goes_off_in_place_and_comes_back_with_undo() {
    let site = Site::start();
    site.place.create(&["first"]);
    site.place.create(&["second"]);
    let browser = site.browse(Look::default());
    browser.run("window.stays = true");
    browser.click("tbody tr:last-child .switch");
    browser.read("[data-toast]", "Disabled first. It is refused from now on.");
    browser.read("tbody tr:last-child .c-status", "Disabled");
    assert_eq!(browser.path(), "/p/default/keys");
    browser.click("[data-toast] button");
    browser.read("tbody tr:last-child .c-status", "Active");
    assert_eq!(browser.run("return window.stays"), true, "the page was loaded anew");
}

#[test]
fn a_token_is_copied_on_a_plain_address_that_is_no_secure_context() {
    let site = Site::start();
    let browser = Browser::start(&site.server.url.replace("127.0.0.1", "keys.lan"), Look::default());
    browser.go("/p/default/keys/new");
    browser.sign_in("anna", PASSWORD);
    browser.fill("#name", "on-the-lan");
    browser.click("button[value=generate]");
    let token = browser.text("#token");
    assert_eq!(browser.run("return isSecureContext"), false);
    browser.click("[data-copy=token]");
    browser.read("[data-copy=token]", "Copied");
    assert_eq!(pasted(&browser), token);
    // A dialog makes everything outside of it inert; the same button works inside one.
    browser.run(
        "const d = document.body.appendChild(document.createElement('dialog')); \
         d.append(document.querySelector('.snippet')); d.showModal()",
    );
    browser.click("dialog [data-copy=curl]");
    browser.read("dialog [data-copy=curl]", "Copied");
    browser.run("document.querySelector('dialog').close()");
    assert!(pasted(&browser).starts_with(&format!("curl -u {token}:")));
}

/// What a person gets who pastes now.
fn pasted(browser: &Browser) -> String {
    const CTRL_V: &str = "\u{e009}v\u{e000}";
    browser.run(
        "document.querySelector('#pasted')?.remove(); \
         const t = document.querySelector('main').appendChild(document.createElement('textarea')); \
         t.id = 'pasted'; t.focus()",
    );
    browser.press(CTRL_V);
    browser.run("return document.querySelector('#pasted').value").as_str().unwrap().to_owned()
}

#[test]
fn the_page_of_a_new_key_notices_the_first_request() {
    let site = Site::start();
    let browser = site.browse(Look::default());
    browser.go("/p/default/keys/new");
    browser.fill("#name", "fresh");
    browser.click("button[value=generate]");
    browser.read("[data-first-use]", "Waiting for the first request");
    let token = browser.text("#token");
    site.server.client().get_as(&token, "/v1/accounts");
    browser.read("[data-first-use]", "Working: first request from 127.0.0.1");
}

#[test]
fn a_dialog_gives_the_focus_back_and_escape_closes_it() {
    const ESCAPE: &str = "\u{e00c}";
    let site = Site::start();
    let browser = site.browse(Look::default());
    browser.click(".page-head a.button");
    browser.see("dialog #name");
    assert_eq!(browser.run("return document.activeElement.id"), "name");
    browser.press(ESCAPE);
    browser.see_no("dialog");
    assert_eq!(browser.run("return document.activeElement.textContent"), "Create API key");
}

#[test]
fn a_form_on_a_page_of_its_own_stays_there_with_its_mistakes() {
    let site = Site::start();
    let browser = site.browse(Look::default());
    browser.go("/p/default/keys/new");
    browser.click("button[value=generate]");
    browser.read("main #name-error", "name is empty");
    assert_eq!(
        browser.run("return [document.activeElement.id, document.querySelectorAll('dialog').length]"),
        serde_json::json!(["name", 0])
    );
}

#[test]
fn a_filter_applies_at_once_and_back_takes_it_off_again() {
    let site = Site::start();
    site.place.create(&["on"]);
    site.place.create(&["off"]);
    site.place.run(&["disable", "off"]).ok();
    let browser = site.browse(Look::default());
    browser.click("[name=status] option[value=disabled]");
    browser.see_no("tbody tr:nth-child(2)");
    browser.read("tbody .name", "off");
    assert_eq!(browser.path(), "/p/default/keys?status=disabled");
    browser.run("history.back()");
    browser.see("tbody tr:nth-child(2)");
    assert_eq!(browser.path(), "/p/default/keys");
}

#[test]
fn a_server_that_does_not_answer_is_told_and_nothing_looks_done() {
    let Site { place, server } = Site::start();
    place.create(&["still-on"]);
    let browser = Browser::start(&server.url, Look::default());
    browser.go("/");
    browser.sign_in("anna", PASSWORD);
    browser.see(".switch");
    server.kill();
    browser.click(".switch");
    browser.read(".notice.bad", "The server did not answer");
    assert_eq!(browser.attribute(".switch", "aria-checked").as_deref(), Some("true"));
}
