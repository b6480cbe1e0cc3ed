//! The page of backups.

use super::{PASSWORD, Site, location, shows};

const BACKUPS: &str = "/server/backups";

/// The name in the address that a made backup leads to.
fn name(address: &str) -> String {
    address.split_once("&it=").unwrap().1.to_owned()
}

#[test]
fn a_backup_is_made_proven_fetched_and_deleted_and_a_restore_takes_it() {
    let site = Site::start();
    site.create(&["kept"]);
    let mut anna = site.as_user("anna");
    shows(&anna.get(BACKUPS), 200, &["No backups here", "keysrv backup FILE", "Make a backup now"]);
    let made = location(&anna.post_form(BACKUPS, &[]));
    shows(&anna.get(&made), 200, &["Made the backup", "Would restore", "1 key", "/download"]);
    let name = name(&made);

    let proven = location(&anna.post_form(&format!("{BACKUPS}/{name}/prove"), &[]));
    shows(&anna.get(&proven), 200, &["Proved the backup", "Would restore"]);

    let download = format!("{BACKUPS}/{name}/download");
    shows(&anna.get(&download), 200, &["Download this backup?", "Your password"]);
    shows(&anna.post_form(&download, &[("current", "guess")]), 422, &["this is not your password"]);
    let (file, kept) = fetch(&site, &mut anna, &download);
    assert_eq!(file.len(), kept.len());
    assert!(file == kept, "what arrives is what is kept");

    shows(&anna.get(&format!("{BACKUPS}/{name}/delete")), 200, &["Delete this backup?", "can’t be undone"]);
    let deleted = location(&anna.post_form(&format!("{BACKUPS}/{name}/delete"), &[]));
    shows(&anna.get(&deleted), 200, &["Deleted the backup", "No backups here"]);
    shows(&anna.get(&download), 404, &["there is no backup"]);

    let actions = site.place.json(&["audit"]);
    let actions: Vec<&str> =
        actions["data"].as_array().unwrap().iter().filter_map(|event| event["action"].as_str()).collect();
    let told = ["server.backup_deleted", "server.backup_downloaded", "user.sign_in_failed"];
    assert_eq!(actions[..3], told);
    assert_eq!(actions[3..5], ["server.backup_proven", "server.backed_up"]);
}

/// The file as it arrives, and as it is kept.
fn fetch(site: &Site, anna: &mut crate::harness::Client, path: &str) -> (Vec<u8>, Vec<u8>) {
    let (name, value) = anna.cookies().first_key_value().unwrap();
    let cookie = format!("{name}={value}");
    let mut answer = ureq::post(format!("{}{path}", site.server.url))
        .header("cookie", cookie)
        .header("origin", &site.server.url)
        .send_form([("current", PASSWORD)])
        .unwrap();
    let header = |name: &str| answer.headers().get(name).unwrap().to_str().unwrap().to_owned();
    let file = path.split('/').nth(3).unwrap();
    assert_eq!(header("content-disposition"), format!("attachment; filename=\"{file}\""));
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("cache-control"), "no-store");
    let arrived = answer.body_mut().read_to_vec().unwrap();
    (arrived, std::fs::read(site.place.data().join("backups").join(file)).unwrap())
}

#[test]
fn a_viewer_sees_backups_and_is_told_why_there_is_nothing_to_press() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let name = name(&location(&anna.post_form(BACKUPS, &[])));
    let mut vera = site.as_user("vera");
    let page = vera.get(BACKUPS);
    shows(&page, 200, &["Would restore", "You are a viewer"]);
    assert!(!page.body.contains("Make a backup now") && !page.body.contains("/download"));
    for path in [BACKUPS.to_owned(), format!("{BACKUPS}/{name}/prove"), format!("{BACKUPS}/{name}/delete")] {
        shows(&vera.post_form(&path, &[]), 403, &["You may not do this"]);
    }
    let fetched = vera.post_form(&format!("{BACKUPS}/{name}/download"), &[("current", PASSWORD)]);
    shows(&fetched, 403, &["You may not do this"]);
}

#[test]
fn a_name_that_is_none_leads_nowhere() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    for name in ["..%2F..%2Fkeysrv.db", "keysrv.db", "keysrv-20261101T000000000Z.db"] {
        shows(&anna.get(&format!("{BACKUPS}/{name}/download")), 404, &["there is no backup"]);
    }
}
