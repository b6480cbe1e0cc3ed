//! A key's whole life with the keyboard alone: nothing is clicked.

use super::{PASSWORD, Site};
use crate::harness::{Browser, Look};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const SPACE: &str = " ";
const RIGHT: &str = "\u{e014}";
/// More presses than any way through a page takes.
const TABS_MAX: usize = 80;

/// Presses Tab until the focus is on this.
#[track_caller]
fn tab_to(browser: &Browser, css: &str) {
    browser.see(css);
    for _ in 0..TABS_MAX {
        if browser.run(&format!("return document.activeElement.matches({css:?})")) == true {
            assert_eq!(browser.run(SEEN), true, "the focus on {css} is not seen");
            return;
        }
        browser.press(TAB);
    }
    panic!("{TABS_MAX} tabs do not reach {css} at {}", browser.path());
}

/// Whether the focus is drawn, and nothing lies over it.
const SEEN: &str = "
    const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
    const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 && (!over || e.contains(over) || over.contains(e));";

#[track_caller]
fn press_on(browser: &Browser, css: &str, key: &str) {
    tab_to(browser, css);
    browser.press(key);
}

#[test]
fn a_key_lives_its_life_by_keyboard_alone() {
    let site = Site::start();
    let browser = Browser::start(&site.server.url, Look::default());
    browser.go("/p/default/keys");
    tab_to(&browser, "#user");
    browser.press("anna");
    tab_to(&browser, "#password");
    browser.press(PASSWORD);
    browser.press(ENTER);
    browser.read("h1", "API keys");

    press_on(&browser, ".page-head a.button", ENTER);
    browser.see("dialog #name");
    assert_eq!(browser.run("return document.activeElement.id"), "name");
    browser.press("by-keyboard");
    press_on(&browser, "dialog details.scopes > summary", ENTER);
    tab_to(&browser, "dialog [name=preset]:checked");
    browser.press(RIGHT);
    browser.read("[data-summary]", "AI agent: 4 of 10");
    press_on(&browser, "dialog button[value=generate]", ENTER);
    browser.read("h1", "Your new key: by-keyboard");
    let token = browser.text("#token");
    press_on(&browser, "[data-copy=token]", ENTER);
    browser.read("#live", "Copied");
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").status, 200);
    press_on(&browser, ".page-head a.button", ENTER);

    press_on(&browser, ".switch", SPACE);
    browser.read("dialog h1", "Disable by-keyboard?");
    press_on(&browser, "dialog footer button", ENTER);
    browser.read("[data-toast]", "Disabled by-keyboard");
    press_on(&browser, "[data-toast] button", ENTER);
    browser.read("[data-toast]", "Enabled by-keyboard");

    press_on(&browser, "tbody .c-more summary", ENTER);
    press_on(&browser, "tbody .menu-list a[href$='/rotate']", ENTER);
    browser.read("dialog h1", "Rotate by-keyboard?");
    press_on(&browser, "dialog footer button", ENTER);
    browser.read("h1", "New secret of by-keyboard");
    press_on(&browser, ".page-head a.button", ENTER);

    press_on(&browser, "tbody .c-check input", SPACE);
    press_on(&browser, ".selected-bar button[value=delete]", ENTER);
    browser.read("dialog h1", "Delete 1 key?");
    press_on(&browser, "dialog footer button", ENTER);
    browser.read("[data-toast]", "Deleted 1 key");
    browser.read(".empty h2", "No keys yet");
    assert_eq!(site.server.client().get_as(&token, "/v1/accounts").code(), "not_found");
}
