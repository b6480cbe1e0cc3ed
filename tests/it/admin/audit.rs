//! The page of the audit log: its filters, and the log as a file.

use std::sync::Arc;

use keysrv::app::App;
use keysrv::clock::SystemClock;
use keysrv::model::key::KeyRef;
use keysrv::model::principal::Principal;
use keysrv::model::project::ProjectName;

use super::{Site, location, shows};

/// A site where the shell made two keys and anna deleted one.
fn site() -> (Site, String) {
    let site = Site::start();
    site.create(&["kept"]);
    let gone = site.create(&["gone"]);
    let mut anna = site.as_user("anna");
    location(&anna.post_form(&format!("/p/default/keys/{gone}/delete"), &[]));
    (site, gone)
}

#[test]
fn the_log_is_filtered_by_who_what_to_what_and_when() {
    let (site, gone) = site();
    let mut anna = site.as_user("anna");
    let mut rows = |query: &str| {
        let page = anna.get(&format!("/server/audit?{query}"));
        assert_eq!(page.status, 200, "{query}: {}", page.body);
        page.body.matches("id=\"event-").count()
    };
    assert_eq!(rows(&format!("target={gone}")), 2);
    assert_eq!(rows("target=gone"), 2, "a thing is found by its name, too");
    assert_eq!(rows("by=anna&what=key"), 1);
    assert_eq!(rows("who=user&what=key"), 1);
    assert_eq!(rows("what=key"), 3);
    assert_eq!(rows("what=key&from=1h"), 3);
    assert_eq!(rows("what=key&to=1h"), 0);
    assert_eq!(rows("what=key&from=2000-01-01&to=2000-12-31"), 0);
    let page = anna.get("/server/audit?what=key&from=2000-01-01&by=anna");
    shows(&page, 200, &["type=\"date\" name=\"from\" value=\"2000-01-01\"", "value=\"anna\"", "Clear"]);
    shows(&page, 200, &["/server/audit-export?by=anna&#38;what=key&#38;from=2000-01-01&#38;format=csv"]);
    shows(&anna.get("/server/audit?from=1h"), 200, &["type=\"text\" name=\"from\" value=\"1h\""]);
    shows(&anna.get("/server/audit?from=tomorrow"), 422, &["tomorrow", "is not a time"]);
}

fn fill_more_than_a_page(site: &Site) {
    let app = App::open(&site.place.data(), Arc::new(SystemClock)).unwrap();
    let (who, project) = (Principal::Operator("test".to_owned()), ProjectName::default());
    let key = KeyRef::parse("kept").unwrap();
    for _ in 0..105 {
        app.disable_key(&who, &project, &key, None).unwrap();
        app.enable_key(&who, &project, &key).unwrap();
    }
}

#[test]
fn the_log_is_exported_as_the_filters_show_it_on_all_pages() {
    let (site, gone) = site();
    fill_more_than_a_page(&site);
    let mut vera = site.as_user("vera");
    let file = vera.get("/server/audit-export?format=json");
    let events = file.json();
    let data = events["data"].as_array().unwrap();
    assert_eq!(events["is_cut"], false);
    assert!(data.len() > 200, "more than one page: {}", data.len());
    let whole = site.place.json(&["audit"]);
    assert_eq!(events["data"], whole["data"], "the same events as in the shell");

    let file = vera.get(&format!("/server/audit-export?format=csv&target={gone}"));
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let disposition = file.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"keysrv-audit-"), "{disposition}");
    let lines: Vec<&str> = file.body.split("\r\n").collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].starts_with("n,at,project,actor_kind"));
    assert!(lines[1].contains(",user,") && lines[1].contains(",key.deleted,key,"), "{}", lines[1]);
    assert!(lines[2].contains(",key.created,"));

    shows(&vera.get("/server/audit-export"), 422, &["format"]);
    shows(&vera.get("/server/audit-export?format=csv&from=x"), 422, &["is not a time"]);
}

#[test]
fn a_name_that_a_spreadsheet_would_run_is_text_in_the_file() {
    let site = Site::start();
    site.place.run(&["account", "create", "=HYPERLINK(\"http://evil.example\")"]).ok();
    let file = site.as_user("anna").get("/server/audit-export?format=csv&what=account");
    let row = file.body.split("\r\n").nth(1).unwrap();
    assert!(row.contains(",\"'=HYPERLINK(\"\"http://evil.example\"\")\","), "{row}");
}
