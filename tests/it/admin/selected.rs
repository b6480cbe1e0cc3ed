//! Several keys of the table at once.

use super::{KEYS, Site, hidden, location, shows};

const SELECTED: &str = "/p/default/selected-keys";

/// The message after a change.
fn done(site: &Site, address: &str) -> String {
    let page = site.as_user("anna").get(address);
    let toast = page.body.split("data-toast>").nth(1).unwrap_or_else(|| panic!("{}", page.body));
    toast.split("</p>").next().unwrap().replace("<p>", "").trim().to_owned()
}

#[test]
fn selected_keys_are_named_before_they_are_disabled_and_then_deleted() {
    let site = Site::start();
    let (one, two, three) = (site.create(&["one"]), site.create(&["two"]), site.create(&["three"]));
    let mut anna = site.as_user("anna");
    shows(&anna.get(KEYS), 200, &[&format!("name=\"key\" value=\"{one}\""), "value=\"delete\""]);
    let ask = anna.get(&format!("{SELECTED}?key={one}&key={two}&do=disable&back=sort%3Dname"));
    shows(&ask, 200, &["Disable 2 keys?", "<b>one</b>", "<b>two</b>", "It has never been used."]);
    assert!(!ask.body.contains("three"));
    assert_eq!(hidden(&ask, "do"), "disable");

    let fields = [
        ("key", one.as_str()),
        ("key", &two),
        ("do", "disable"),
        ("reason", "leaked"),
        ("back", "sort=name"),
    ];
    let after = location(&anna.post_form(SELECTED, &fields));
    assert_eq!(after, "/p/default/keys?sort=name&done=disabled&it=2");
    assert_eq!(done(&site, &after), "Disabled <b>2 keys</b>. They are refused from now on.");
    let shown = |name: &str| site.place.json(&["show", name]);
    assert_eq!(
        (shown("one")["disabled_reason"].as_str(), shown("two")["status"].as_str()),
        (Some("leaked"), Some("disabled"))
    );
    assert_eq!(shown("three")["status"], "active");

    let fields = [("key", one.as_str()), ("key", &two), ("key", &three), ("do", "delete")];
    let ask = anna.get(&format!("{SELECTED}?key={one}&key={three}&do=delete"));
    shows(&ask, 200, &["Delete 2 keys?", "Disabled already.", "can’t be undone"]);
    let after = location(&anna.post_form(SELECTED, &fields));
    assert_eq!(done(&site, &after), "Deleted <b>3 keys</b>. They are refused for good.");
    shows(&anna.get(KEYS), 200, &["No keys yet"]);
    let events = site.place.json(&["audit", "--action", "key."]);
    let actions: Vec<&str> =
        events["data"].as_array().unwrap().iter().filter_map(|event| event["action"].as_str()).collect();
    assert_eq!(actions[..5], ["key.deleted", "key.deleted", "key.deleted", "key.disabled", "key.disabled"]);
}

#[test]
fn keys_that_were_disabled_together_are_enabled_again_with_one_click() {
    let site = Site::start();
    let (one, two) = (site.create(&["one"]), site.create(&["two"]));
    let off = site.create(&["off"]);
    site.place.run(&["disable", "off"]).ok();
    let mut anna = site.as_user("anna");
    let fields = [("key", one.as_str()), ("key", &two), ("key", &off), ("do", "disable"), ("back", "q=o")];
    let after = location(&anna.post_form(SELECTED, &fields));
    let page = anna.get(&after);
    shows(&page, 200, &["Disabled <b>2 keys</b>", ">Undo<"]);
    let toast = page.body.split("data-toast>").nth(1).unwrap().split("</form>").next().unwrap();
    assert!(toast.contains(&one) && toast.contains(&two) && !toast.contains(&off), "{toast}");
    shows(&anna.get(&format!("{SELECTED}?key={one}&do=enable")), 422, &["nothing to ask about"]);
    let mut vera = site.as_user("vera");
    assert!(!vera.get(&after).body.contains(">Undo<"), "nobody undoes what another has done");
    let undo = [("key", one.as_str()), ("key", &two), ("do", "enable"), ("back", "q=o")];
    let undone = location(&anna.post_form(SELECTED, &undo));
    assert_eq!(undone, "/p/default/keys?q=o&done=enabled&it=2");
    shows(&anna.get(&undone), 200, &["Enabled <b>2 keys</b>. They work again."]);
    let status = |name: &str| site.place.json(&["show", name])["status"].as_str().unwrap().to_owned();
    assert_eq!(
        (status("one"), status("two"), status("off")),
        ("active".into(), "active".into(), "disabled".into())
    );
    // What does not hold any more is not offered.
    assert!(!anna.get(&after).body.contains(">Undo<"));
}

#[test]
fn keys_that_were_gone_or_off_meanwhile_are_passed_over_and_told() {
    let site = Site::start();
    let (on, off, gone) = (site.create(&["on"]), site.create(&["off"]), site.create(&["gone"]));
    site.place.run(&["disable", "off"]).ok();
    site.place.run(&["delete", "gone", "--yes"]).ok();
    let mut anna = site.as_user("anna");
    let ask = anna.get(&format!("{SELECTED}?key={on}&key={off}&key={gone}&do=disable"));
    shows(&ask, 200, &["Disable 2 keys?", "1 key is gone already."]);
    let fields = [("key", on.as_str()), ("key", &off), ("key", &gone), ("do", "disable")];
    let after = location(&anna.post_form(SELECTED, &fields));
    assert_eq!(done(&site, &after), "Disabled <b>1 key</b>. They are refused from now on.");
}

#[test]
fn nothing_selected_or_nothing_to_do_changes_nothing() {
    let site = Site::start();
    let id = site.create(&["one"]);
    let mut anna = site.as_user("anna");
    shows(&anna.get(&format!("{SELECTED}?do=delete")), 422, &["select at least one"]);
    shows(&anna.get(&format!("{SELECTED}?key={id}&do=sell")), 422, &["is not `disable` or `delete`"]);
    shows(&anna.post_form(SELECTED, &[("do", "delete")]), 422, &["select at least one"]);
    shows(&anna.post_form(SELECTED, &[("key", "x"), ("do", "delete")]), 422, &["key"]);
    shows(
        &site.as_user("vera").post_form(SELECTED, &[("key", &id), ("do", "delete")]),
        403,
        &["You may not"],
    );
    let page = site.as_user("vera").get(KEYS);
    assert!(!page.body.contains("name=\"key\""), "a viewer has nothing to select");
    assert_eq!(site.place.json(&["show", "one"])["status"], "active");
}
