//! Tokens and passwords go through every path at the most talkative log level; then they are
//! searched for in logs, database, backup and pages. The one answer that shows a token once is the
//! only place where it may stand.

use crate::harness::client::basic;
use crate::harness::{Client, Place, Server};

const PASSWORD: &str = "canary-password-of-anna";
const SECOND: &str = "canary-password-of-vera";

/// Everything that must be found nowhere, in the forms in which it could stand somewhere.
fn needles(tokens: &[String], cookies: &[String]) -> Vec<String> {
    let mut needles = vec![PASSWORD.to_owned(), SECOND.to_owned()];
    for token in tokens {
        needles.push(token[token.len() - 38..].to_owned());
        needles.push(basic(token).trim_start_matches("Basic ").to_owned());
    }
    needles.extend(cookies.iter().cloned());
    needles
}

#[track_caller]
fn require_absent(place: &str, haystack: &[u8], needles: &[String]) {
    for needle in needles {
        let found = haystack.windows(needle.len()).any(|bytes| bytes == needle.as_bytes());
        assert!(!found, "`{}…` stands in {place}", &needle[..6]);
    }
}

/// Uses tokens and passwords in every way, right and wrong; answers with all tokens and pages.
fn live(place: &Place, server: &Server) -> (Vec<String>, Vec<String>, Client) {
    let mut browser = server.client();
    let setup = server.setup_path();
    browser.get(&setup);
    browser.post_form(&setup, &[("name", "anna"), ("password", PASSWORD)]);
    place.add_user("vera", "viewer", SECOND);
    server.client().post_form("/sign-in", &[("name", "vera"), ("password", "canary-password-of-nobody")]);
    server.client().sign_in("vera", SECOND);
    if browser.cookies().is_empty() {
        browser.sign_in("anna", PASSWORD);
    }

    let mut tokens = vec![place.create(&["shell"])];
    tokens.push(place.create_by(&["rotate", "shell", "--overlap", "1h"]));
    let created = browser.post_form("/p/default/keys/new", &[("name", "page"), ("level.platform", "read")]);
    let shown = browser.get(created.header("location").unwrap());
    let again = browser.get(created.header("location").unwrap());
    tokens.push(find_token(&shown.body));
    assert!(!again.body.contains(tokens.last().unwrap()), "a reload shows the token again");

    let mut pages = vec![again.body];
    let mut client = server.client();
    for token in tokens.clone() {
        for path in [
            "/v1/verify",
            "/v1/verify?scope=keys:write",
            "/v1/whoami",
            "/v1/accounts",
            "/nowhere",
            "/v1/nowhere",
        ] {
            pages.push(client.get_as(&token, path).body);
            pages.push(client.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None).body);
            pages.push(client.send("GET", path, &[("x-api-key", &token)], None).body);
        }
        pages.push(client.get(&format!("/v1/verify?token={token}")).body);
        pages.push(
            client
                .post_json("/v1/verify", &format!("{{\"token\":\"{token}\",\"scopes\":[\"keys:read\"]}}"))
                .body,
        );
        pages.push(
            client
                .post_json("/v1/verify", &format!("{{\"token\":\"{token}\",\"nonsense\":\"{token}\"}}"))
                .body,
        );
        pages.push(client.post_json("/v1/verify", &format!("{{\"{token}\":1}}")).body);
        pages.push(
            browser.post_form("/p/default/keys/new", &[("name", &token), ("level.platform", "read")]).body,
        );
        pages.push(browser.get(&format!("/p/default/keys?q={token}")).body);
        pages.push(place.run(&["show", &token]).status(1).stderr);
        pages.push(place.run_with(&["verify", "--json"], &token, &[]).stdout);
    }
    for path in ["/p/default/keys", "/p/default/keys/new", "/p/default/accounts", "/server/audit"] {
        pages.push(browser.get(path).body);
    }
    (tokens, pages, browser)
}

fn find_token(body: &str) -> String {
    let words = body.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let token = words.into_iter().find(|word| keysrv::crypto::token::read_key_id(word).is_some());
    token.unwrap_or_else(|| panic!("no token is shown: {body}")).to_owned()
}

#[test]
fn tokens_and_passwords_are_found_nowhere() {
    let place = Place::empty();
    let server = Server::start_with(&place, &["--log-level", "trace", "--log-format", "json"], &[]);
    let (tokens, pages, browser) = live(&place, &server);
    // The other cookie remembers the project, which is no secret.
    let cookies: Vec<String> =
        browser.cookies().values().filter(|value| value.len() == 43).cloned().collect();
    assert!(tokens.len() == 3 && !cookies.is_empty());
    place.run(&["backup", "b.db"]).ok();
    let environment = std::fs::read(format!("/proc/{}/environ", server.id())).unwrap();
    let arguments = std::fs::read(format!("/proc/{}/cmdline", server.id())).unwrap();

    let needles = needles(&tokens, &cookies);
    for entry in std::fs::read_dir(place.data()).unwrap() {
        let path = entry.unwrap().path();
        require_absent(&path.display().to_string(), &std::fs::read(&path).unwrap(), &needles);
    }
    require_absent("the backup", &std::fs::read(place.path().join("b.db")).unwrap(), &needles);
    require_absent("the environment", &environment, &needles);
    require_absent("the arguments", &arguments, &needles);
    for page in &pages {
        require_absent(&format!("an answer: {page}"), page.as_bytes(), &needles);
    }
    let log = server.stop();
    assert!(log.len() > 10_000, "the log is talkative: {} bytes", log.len());
    require_absent("the log", log.as_bytes(), &needles);
}
