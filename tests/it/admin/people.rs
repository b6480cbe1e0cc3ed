//! Who may see and do what on the pages, and how people come and go.

use super::{KEYS, PASSWORD, Site, location, shows};

#[test]
fn a_viewer_sees_everything_and_changes_nothing() {
    let site = Site::start();
    let id = site.create(&["watched"]);
    let account = site.place.json(&["account", "create", "Acme"]);
    let account = account["id"].as_str().unwrap().to_owned();
    let mut vera = site.as_user("vera");
    let page = vera.get(KEYS);
    shows(
        &page,
        200,
        &["watched", "You are a viewer", "vera (viewer)", "disabled title=\"A viewer changes nothing\""],
    );
    assert!(!page.body.contains("Create API key"));
    let page = vera.get(&format!("{KEYS}/{id}"));
    assert!(!page.body.contains("Danger zone") && !page.body.contains("Rotate"), "{}", page.body);
    shows(&vera.get("/server/audit"), 200, &["Created key"]);

    let questions = [
        format!("{KEYS}/new"),
        format!("{KEYS}/{id}/disable"),
        format!("{KEYS}/{id}/rotate"),
        format!("{KEYS}/{id}/delete"),
        "/p/default/accounts/new".to_owned(),
        format!("/p/default/accounts/{account}/disable"),
    ];
    for path in questions {
        shows(&vera.get(&path), 403, &["You may not do this"]);
    }

    let before = site.place.json(&["audit"])["data"].as_array().unwrap().len();
    let changes = [
        (format!("{KEYS}/new"), vec![("name", "mine"), ("step", "generate")]),
        (format!("{KEYS}/{id}/disable"), vec![("sure", "yes")]),
        (format!("{KEYS}/{id}/enable"), vec![]),
        (format!("{KEYS}/{id}/rotate"), vec![]),
        (format!("{KEYS}/{id}/delete"), vec![]),
        ("/p/default/accounts/new".to_owned(), vec![("name", "Mine")]),
        (format!("/p/default/accounts/{account}/disable"), vec![("sure", "yes")]),
        (format!("/p/default/accounts/{account}/enable"), vec![]),
    ];
    for (path, fields) in changes {
        shows(&vera.post_form(&path, &fields), 403, &["You may not do this", "vera"]);
    }
    assert_eq!(site.place.json(&["audit"])["data"].as_array().unwrap().len(), before);
}

#[test]
fn nobody_sees_a_page_without_signing_in_and_goes_on_to_it_afterwards() {
    let site = Site::start();
    let mut nobody = site.server.client();
    let sign_in = location(&nobody.get("/p/default/keys?status=disabled"));
    assert_eq!(sign_in, "/sign-in?next=%2Fp%2Fdefault%2Fkeys%3Fstatus%3Ddisabled");
    shows(&nobody.get(&sign_in), 200, &["value=\"/p/default/keys?status=disabled\""]);
    let fields = [("name", "ANNA"), ("password", PASSWORD), ("next", "/p/default/keys?status=disabled")];
    assert_eq!(location(&nobody.post_form("/sign-in", &fields)), "/p/default/keys?status=disabled");
    assert_eq!(location(&nobody.get("/sign-in")), "/");
}

#[test]
fn signing_in_leads_to_no_other_server() {
    let site = Site::start();
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let fields = [("name", "anna"), ("password", PASSWORD), ("next", next)];
        assert_eq!(location(&site.server.client().post_form("/sign-in", &fields)), "/", "{next}");
    }
}

#[test]
fn a_wrong_password_keeps_the_name_and_asks_for_no_basic_credentials() {
    let site = Site::start();
    let mut client = site.server.client();
    let answer =
        client.post_form("/sign-in", &[("name", "anna"), ("password", "wrong"), ("next", "/server/audit")]);
    shows(&answer, 422, &["the name or the password is wrong", "value=\"anna\"", "value=\"/server/audit\""]);
    assert_eq!(answer.header("www-authenticate"), None);
    let unknown =
        client.post_form("/sign-in", &[("name", "nobody"), ("password", "wrong"), ("next", "/server/audit")]);
    assert_eq!(unknown.body.replace("nobody", "anna"), answer.body);
}

#[test]
fn a_session_that_ended_during_a_form_leads_back_to_the_page_of_the_form() {
    let site = Site::start();
    let (origin, referer) = (site.server.url.clone(), format!("{}/p/default/keys/new", site.server.url));
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", origin.as_str()),
        ("referer", referer.as_str()),
    ];
    let answer = site.server.client().send("POST", "/p/default/keys/new", &headers, Some("name=x"));
    assert_eq!(location(&answer), "/sign-in?next=%2Fp%2Fdefault%2Fkeys%2Fnew");
}

#[test]
fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let cookies: Vec<String> = anna.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let cookies = cookies.join("; ");
    assert_eq!(location(&anna.post_form("/sign-out", &[])), "/sign-in");
    let kept = site.server.client().send("GET", KEYS, &[("cookie", cookies.as_str())], None);
    assert!(location(&kept).starts_with("/sign-in"));
    assert_eq!(anna.get("/sign-out").status, 405);
}

#[test]
fn a_password_over_an_open_network_is_warned_about() {
    const WARNING: &str = "This connection is not encrypted";
    let site = Site::start();
    let from = |headers: &[(&str, &str)]| site.server.client().send("GET", "/sign-in", headers, None).body;
    assert!(!from(&[]).contains(WARNING));
    assert!(from(&[("x-forwarded-for", "192.168.1.7")]).contains(WARNING));
    assert!(!from(&[("x-forwarded-for", "192.168.1.7"), ("x-forwarded-proto", "https")]).contains(WARNING));
}

#[test]
fn the_setup_link_works_once_and_says_so_afterwards() {
    let place = crate::harness::Place::empty();
    let server = crate::harness::Server::start(&place);
    let link = server.setup_path();
    let mut client = server.client();
    shows(&client.get("/sign-in?next=%2F"), 200, &["Nobody can sign in yet", "keysrv user add"]);
    shows(&client.get("/setup/wrong"), 404, &["no longer holds", "prints a fresh link"]);
    let weak = client.post_form(&link, &[("name", "Anna"), ("password", "short")]);
    shows(&weak, 422, &["value=\"Anna\"", "id=\"password-error\""]);
    let bad_name = client.post_form(&link, &[("name", "an na"), ("password", PASSWORD)]);
    shows(&bad_name, 422, &["id=\"user-error\""]);
    assert_eq!(location(&client.post_form(&link, &[("name", "Anna"), ("password", PASSWORD)])), "/");
    shows(&client.get(KEYS), 200, &["anna"]);
    shows(&client.post_form(&link, &[("name", "eve"), ("password", PASSWORD)]), 404, &["worked only once"]);
    shows(&server.client().get(&link), 404, &["no longer holds"]);
}
