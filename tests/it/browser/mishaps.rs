//! What goes wrong in a person's day: a double click, the Back button, a second tab, a session that ends
//! in the middle of a form.

use super::journey::WITHOUT_SCRIPT;
use super::{PASSWORD, Site};
use crate::harness::Look;

fn keys(site: &Site) -> usize {
    site.place.json(&["list"])["data"].as_array().unwrap().len()
}

#[test]
fn a_double_click_makes_one_key_and_back_makes_no_second() {
    let site = Site::start();
    let browser = site.browse(Look::default());
    browser.go("/p/default/keys/new");
    browser.fill("#name", "clicked-twice");
    browser.run("const b = document.querySelector('button[value=generate]'); b.click(); b.click()");
    browser.read("h1", "Your new key: clicked-twice");
    assert_eq!(keys(&site), 1);
    let token = browser.text("#token");
    browser.run("history.back()");
    browser.see("#name, .c-name");
    assert!(!browser.source().contains(&token), "the token stays in no page behind");
    assert_eq!(keys(&site), 1);
    browser.run("history.forward()");
    browser.read("h1", "Already shown: clicked-twice");
    assert_eq!(keys(&site), 1);
}

#[test]
fn a_session_that_ends_in_the_middle_of_a_form_loses_nothing_that_was_typed() {
    let site = Site::start();
    let browser = site.browse(Look::default());
    browser.click(".page-head a.button");
    browser.fill("dialog #name", "typed-with-care");
    site.place.run_with(&["user", "passwd", "anna", "--password-stdin"], PASSWORD, &[]).ok();
    browser.click("dialog button[value=generate]");
    browser.read("dialog .notice", "You are signed out");
    assert_eq!(browser.run("return document.querySelector('#name').value"), "typed-with-care");
    assert_eq!(keys(&site), 0);

    // In another tab, as the message says.
    assert_eq!(browser.attribute("dialog .notice a", "target").as_deref(), Some("_blank"));
    browser.run_to_end(&format!(
        "const done = arguments[arguments.length - 1]; \
         fetch('/sign-in', {{ method: 'POST', body: new URLSearchParams({{ name: 'anna', password: {PASSWORD:?} }}) }}).then(() => done())"
    ));
    browser.click("dialog button[value=generate]");
    browser.read("h1", "Your new key: typed-with-care");
    assert_eq!(keys(&site), 1);
}

#[test]
fn a_session_that_ends_in_the_middle_of_a_form_loses_nothing_without_script_either() {
    let site = Site::start();
    let browser = site.browse(WITHOUT_SCRIPT);
    browser.go("/p/default/keys/new");
    browser.fill("#name", "typed-with-care");
    site.place.run_with(&["user", "passwd", "anna", "--password-stdin"], PASSWORD, &[]).ok();
    browser.click("button[value=generate]");
    browser.read(".notice", "Your session has ended");
    browser.fill("#user", "anna");
    browser.fill("#password", PASSWORD);
    browser.click("button.wide");
    browser.read("h1", "Send it again?");
    browser.read("dl", "typed-with-care");
    assert_eq!(keys(&site), 0);
    browser.click("button.wide");
    browser.read("h1", "Your new key: typed-with-care");
    assert_eq!(keys(&site), 1);
}

#[test]
fn a_key_that_another_tab_deleted_is_told_and_the_page_stays() {
    let site = Site::start();
    site.place.create(&["stays"]);
    site.place.create(&["goes"]);
    let browser = site.browse(Look::default());
    site.place.run(&["disable", "goes"]).ok();
    browser.reload();
    site.place.run(&["delete", "goes", "--yes"]).ok();
    browser.click("tbody tr:first-child .switch");
    browser.read(".notice.bad", "there is no key");
    browser.read("tbody", "stays");
    assert_eq!(browser.path(), "/p/default/keys");
    browser.click("tbody tr:first-child .c-more summary");
    browser.click("tbody tr:first-child .menu-list a[href$='/rotate']");
    browser.read(".notice.bad", "there is no key");
}

#[test]
fn two_tabs_that_change_one_key_both_tell_what_holds() {
    let site = Site::start();
    site.place.create(&["shared"]);
    let (here, there) = (site.browse(Look::default()), site.browse(Look::default()));
    here.click(".switch");
    here.read("[data-toast]", "Disabled shared");
    there.click(".switch");
    there.read("[data-toast]", "Disabled shared");
    assert_eq!(there.attribute(".switch", "aria-checked").as_deref(), Some("false"));
    let events = site.place.json(&["audit", "--action", "key.disabled"]);
    assert_eq!(events["data"].as_array().unwrap().len(), 1, "what is so already is no event");
}

#[test]
fn selected_keys_are_counted_named_and_disabled_in_place() {
    let site = Site::start();
    for name in ["one", "two", "three"] {
        site.place.create(&[name]);
    }
    let browser = site.browse(Look::default());
    assert_eq!(
        browser.run("return getComputedStyle(document.querySelector('.selected-bar')).display"),
        "none"
    );
    browser.click("[data-select-all]");
    let checked = "return document.querySelectorAll('tbody :checked').length";
    assert_eq!(browser.run(checked), 3);
    browser.click("tbody tr:first-child .c-check input");
    assert_eq!(browser.run(checked), 2);
    browser.click(".selected-bar button[value=disable]");
    browser.read("dialog h1", "Disable 2 keys?");
    browser.click("dialog footer button");
    browser.read("[data-toast]", "Disabled 2 keys");
    browser.read("tbody tr:first-child .c-status", "Active");
    browser.read("tbody tr:last-child .c-status", "Disabled");
    assert_eq!(browser.path(), "/p/default/keys");
}

#[test]
fn a_search_that_finds_nothing_goes_back_with_the_back_button() {
    let site = Site::start();
    site.place.create(&["found"]);
    let browser = site.browse(Look::default());
    browser.fill("[name=q]", "nothing");
    browser.press("\u{e007}");
    browser.read(".empty h2", "No key matches");
    browser.run("history.back()");
    browser.read("tbody .name", "found");
}
