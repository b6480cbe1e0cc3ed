//! Users, and what people do about themselves.

use super::{KEYS, PASSWORD, Site, location, shows};

const NEW_PASSWORD: &str = "brown bread rolls";

#[test]
fn a_user_is_added_changed_and_deleted() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let form = [("name", "Otto"), ("role", "viewer"), ("password", NEW_PASSWORD)];
    assert_eq!(location(&anna.post_form("/server/new-user", &form)), "/server/users/otto");
    let mut otto = site.server.client();
    otto.sign_in("otto", NEW_PASSWORD);
    shows(&otto.get(KEYS), 200, &["otto (viewer)"]);
    shows(&anna.get("/server/users"), 200, &["otto", "Viewer", "You"]);

    let done = anna.post_form("/server/users/otto/role", &[("role", "admin")]);
    shows(&anna.get(&location(&done)), 200, &["Changed the role of", "<dd>Admin</dd>"]);
    shows(&otto.get(&format!("{KEYS}/new")), 200, &["Generate"]);

    shows(&anna.get("/server/users/otto"), 200, &["End all sessions"]);
    let done = anna.post_form("/server/users/otto/sign-out", &[]);
    shows(&anna.get(&location(&done)), 200, &["Ended the sessions of", "Not signed in anywhere"]);
    assert!(location(&otto.get(KEYS)).starts_with("/sign-in"));

    anna.post_form("/server/users/otto/password", &[("password", "another long one")]);
    otto.sign_in("otto", "another long one");
    shows(&anna.get("/server/users/otto/delete"), 200, &["Delete otto?"]);
    assert_eq!(location(&anna.post_form("/server/users/otto/delete", &[])), "/server/users");
    assert!(location(&otto.get(KEYS)).starts_with("/sign-in"));
    shows(&anna.get("/server/users/otto"), 404, &["there is no user"]);
}

#[test]
fn a_form_for_a_user_comes_back_with_what_is_wrong_and_never_with_the_password() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let mut send = |name: &str, password: &str| {
        anna.post_form("/server/new-user", &[("name", name), ("role", "admin"), ("password", password)])
    };
    shows(&send("an na", NEW_PASSWORD), 422, &["id=\"user-error\"", "value=\"an na\""]);
    shows(&send("vera", NEW_PASSWORD), 409, &["id=\"user-error\"", "already"]);
    let weak = send("otto", "short");
    shows(&weak, 422, &["id=\"password-error\"", "value=\"otto\"", "value=\"admin\" selected"]);
    assert!(!weak.body.contains("value=\"short\""));
}

#[test]
fn the_last_admin_stays_one() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let demoted = anna.post_form("/server/users/anna/role", &[("role", "viewer")]);
    shows(&demoted, 409, &["is the last admin", "id=\"role-error\""]);
    shows(&anna.post_form("/server/users/anna/delete", &[]), 409, &["is the last admin"]);
}

#[test]
fn a_viewer_sees_who_there_is_and_changes_nobody_but_themselves() {
    let site = Site::start();
    let mut vera = site.as_user("vera");
    let page = vera.get("/server/users");
    shows(&page, 200, &["anna", "You are a viewer"]);
    assert!(!page.body.contains("/server/users/anna") && !page.body.contains("Add user"));
    shows(&vera.get("/server/users/anna"), 403, &["You may not do this"]);
    shows(&vera.post_form("/server/users/vera/role", &[("role", "admin")]), 403, &["You may not do this"]);
}

#[test]
fn a_changed_password_ends_every_session_and_the_old_one_opens_nothing() {
    let site = Site::start();
    let (mut vera, mut elsewhere) = (site.as_user("vera"), site.as_user("vera"));
    let mut change =
        |current: &str, new: &str| vera.post_form("/me/password", &[("current", current), ("password", new)]);
    shows(&change("wrong", NEW_PASSWORD), 422, &["this is not your password"]);
    shows(&change(PASSWORD, "short"), 422, &["id=\"password-error\""]);
    assert_eq!(location(&change(PASSWORD, NEW_PASSWORD)), "/sign-in?next=%2Fme");
    assert!(location(&vera.get("/me")).starts_with("/sign-in"));
    assert!(location(&elsewhere.get("/me")).starts_with("/sign-in"));
    let sign_in = |password: &str| {
        site.server.client().post_form("/sign-in", &[("name", "vera"), ("password", password)]).status
    };
    assert_eq!((sign_in(PASSWORD), sign_in(NEW_PASSWORD)), (422, 303));
}

#[test]
fn a_stolen_session_does_not_guess_the_password_for_ever() {
    let site = Site::start();
    let mut vera = site.as_user("vera");
    let mut guess =
        || vera.post_form("/me/password", &[("current", "guess"), ("password", NEW_PASSWORD)]).status;
    let statuses: Vec<u16> = (0..12).map(|_| guess()).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

#[test]
fn other_browsers_are_signed_out_and_this_one_is_not() {
    let site = Site::start();
    let (mut here, mut there) = (site.as_user("vera"), site.as_user("vera"));
    shows(&here.get("/me"), 200, &["This browser", "Another browser", "End 1 session"]);
    let done = here.post_form("/me/sessions", &[]);
    let page = here.get(&location(&done));
    shows(&page, 200, &["Ended the other sessions of", "This browser"]);
    assert!(!page.body.contains("Another browser"));
    assert!(location(&there.get("/me")).starts_with("/sign-in"));
    assert_eq!(site.place.json(&["audit"])["data"][0]["action"], "user.sessions_ended");
}
