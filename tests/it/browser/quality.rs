//! Promises about every page at once: no sideways scroll on any screen, nothing said in the console,
//! hostile text that stays text, a first visit that is small.

use serde_json::json;

use super::looks::{furnish, make_backup, pages};
use super::{PASSWORD, Site};
use crate::harness::{Browser, Look, Scheme, Screen, Script};

/// A phone, a tablet, a large screen, and a laptop's window at 200 % zoom, in CSS pixels.
const SCREENS: [(u32, u32); 4] = [(360, 740), (768, 1024), (1600, 900), (640, 400)];
const FIRST_VISIT_BYTES_MAX: u64 = 60_000;
const FIRST_VISIT_REQUESTS_MAX: u64 = 4;

/// What reaches over the edge of the page and stands in nothing that scrolls by itself.
const OVER_THE_EDGE: &str = "
    const wide = document.documentElement.clientWidth;
    const holds = (e) => e && e !== document.body && (getComputedStyle(e).overflowX !== 'visible'
        || getComputedStyle(e).position === 'fixed' || holds(e.parentElement));
    const over = [...document.body.querySelectorAll('*')].filter((e) => {
        const box = e.getBoundingClientRect();
        return e.checkVisibility() && box.width > 0 && (box.right > wide + 1 || box.left < -1) && !holds(e);
    }).map((e) => e.outerHTML.slice(0, 120));
    if (document.documentElement.scrollWidth > wide) over.push('the page scrolls');
    return over";

/// Requires that nothing reaches over the edge of the page that is shown.
#[track_caller]
pub(super) fn fits(browser: &Browser, page: &str) {
    assert_eq!(browser.run(OVER_THE_EDGE), json!([]), "{page} is too wide");
}

#[test]
fn no_page_scrolls_sideways_on_any_screen_and_none_complains_in_the_console() {
    let site = Site::start();
    let (id, account) = furnish(&site);
    let browser = site.browse(Look::default());
    browser.go("/server/backups");
    let backup = make_backup(&browser);
    let mut said = Vec::new();
    for page in pages(&id, &account, &backup) {
        browser.go(&page);
        for (width, height) in SCREENS {
            browser.screen(width, height);
            fits(&browser, &format!("{page} at {width} pixels"));
        }
        // That a page is not there is what this one says itself.
        let of_page = |line: &String| !line.contains("the server responded with a status of");
        said.extend(browser.console().into_iter().filter(of_page).map(|line| format!("{page}: {line}")));
    }
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn the_first_visit_of_a_page_is_small_and_takes_few_requests() {
    let site = Site::start();
    furnish(&site);
    let browser = site.browse(Look::default());
    browser.tools("Network.enable", json!({}));
    for page in ["/p/default/keys", "/p/default/scopes", "/server/audit", "/docs"] {
        browser.tools("Network.clearBrowserCache", json!({}));
        browser.go(page);
        let visit = browser.run(
            "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]; \
             return [all.reduce((sum, e) => sum + e.transferSize, 0), all.length]",
        );
        let (bytes, requests) = (visit[0].as_u64().unwrap(), visit[1].as_u64().unwrap());
        assert!((1..=FIRST_VISIT_BYTES_MAX).contains(&bytes), "{page}: {bytes} bytes");
        assert!((2..=FIRST_VISIT_REQUESTS_MAX).contains(&requests), "{page}: {requests} requests");
    }
}

#[test]
fn who_asks_for_less_motion_gets_none() {
    let site = Site::start();
    site.place.create(&["moves"]);
    let browser = site.browse(Look { script: Script::On, scheme: Scheme::Light, screen: Screen::Wide });
    assert_eq!(browser.run("return matchMedia('(prefers-reduced-motion: reduce)').matches"), true);
    browser.click(".page-head a.button");
    browser.see("dialog #name");
    let moving = browser.run(
        "return [...document.querySelectorAll('*')].filter((e) => { \
            const s = getComputedStyle(e); \
            return [s.transitionDuration, s.animationDuration].some((d) => d.split(', ').some((t) => parseFloat(t) > 0.001)); \
         }).map((e) => e.outerHTML.slice(0, 100))",
    );
    assert_eq!(moving, json!([]));
}

#[test]
fn a_token_page_on_a_phone_is_signed_into_and_fits() {
    let site = Site::start();
    let look = Look { script: Script::On, scheme: Scheme::Light, screen: Screen::Phone };
    let browser = Browser::start(&site.server.url, look);
    browser.go("/p/default/keys/new");
    browser.sign_in("anna", PASSWORD);
    browser.fill("#name", &"龍".repeat(64));
    browser.click("button[value=generate]");
    browser.see("#token");
    fits(&browser, "the token");
}
