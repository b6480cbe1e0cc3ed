//! Tokens and passwords that are known to the test go through every door there is, the right ones
//! and the wrong ones, while the server logs everything it can; then they are searched for.
//!
//! The one place where a token may be found is the answer that shows it: of the command that made
//! it, or of one page. Passwords and session cookies may be found nowhere.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::harness::{Answer, Client, Place, Server, client::basic};

const SETUP_PASSWORD: &str = "CanaryOfSetup4711quartz";
const SHELL_PASSWORD: &str = "CanaryOfShell0815quartz";
const WRONG_PASSWORD: &str = "CanaryOfWrong1234quartz";

/// Everything that came back or lies around, each with the name of where it was found.
#[derive(Default)]
struct Haystack(Vec<(String, Vec<u8>)>);

impl Haystack {
    fn add(&mut self, what: &str, bytes: impl Into<Vec<u8>>) {
        self.0.push((what.to_owned(), bytes.into()));
    }

    fn add_answer(&mut self, what: &str, answer: &Answer) {
        let shown = answer.headers.iter().filter(|(name, _)| name != "set-cookie");
        let headers: Vec<String> = shown.map(|(name, value)| format!("{name}: {value}")).collect();
        self.add(what, format!("{}\n\n{}", headers.join("\n"), answer.body));
    }

    fn add_folder(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                self.add(&entry.path().display().to_string(), std::fs::read(entry.path()).unwrap());
            }
        }
    }

    /// Where `needle` is found, as it is or in the form that Basic gives it.
    fn find(&self, needle: &str) -> Vec<&str> {
        let forms = [needle.to_owned(), STANDARD.encode(format!("{needle}:"))];
        let holds = |bytes: &[u8]| {
            forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
        };
        self.0.iter().filter(|(_, bytes)| holds(bytes)).map(|(what, _)| what.as_str()).collect()
    }
}

/// The server with all that it says, and a person who has a session.
struct World {
    place: Place,
    server: Server,
    person: Client,
    hay: Haystack,
}

impl World {
    fn new() -> Self {
        let place = Place::empty();
        let server = Server::start_with(&place, &["--log-level", "trace", "--log-format", "json"], &[]);
        let mut person = server.client();
        let setup = server.setup_path();
        let answer = person.post_form(&setup, &[("name", "anna"), ("password", SETUP_PASSWORD)]);
        assert_eq!(answer.status, 303, "{answer:?}");
        person.sign_in("anna", SETUP_PASSWORD);
        let mut world = Self { place, server, person, hay: Haystack::default() };
        world.hay.add_answer("setup", &answer);
        world
    }

    fn run(&mut self, args: &[&str], stdin: &str) {
        let outcome = self.place.run_with(args, stdin, &[]);
        self.hay.add(&format!("{args:?}"), format!("{}\n{}", outcome.stdout, outcome.stderr));
    }

    fn get(&mut self, path: &str) {
        let answer = self.person.get(path);
        self.hay.add_answer(path, &answer);
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.person.post_form(path, fields);
        self.hay.add_answer(path, &answer);
        answer
    }

    fn ask(&mut self, what: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) {
        let answer = self.server.client().send(method, path, headers, body);
        self.hay.add_answer(what, &answer);
    }

    /// Makes a key by the form; answers with its token from the page that shows it.
    fn create_by_page(&mut self, name: &str) -> String {
        let answer = self.post("/p/default/keys/new", &[("name", name), ("nonce", name)]);
        let shown = answer.header("location").unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        let page = self.person.get(&shown);
        self.hay.add_answer("the page that shows it once", &page);
        self.get(&shown);
        let words = page.body.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let tokens: Vec<&str> =
            words.filter(|word| keysrv::crypto::token::read_key_id(word).is_some()).collect();
        tokens.first().unwrap_or_else(|| panic!("no token in {page:?}")).to_string()
    }

    /// Presents a token in every way that a caller may, and in those that nobody should.
    fn present(&mut self, token: &str) {
        let bearer = format!("Bearer {token}");
        let as_password = format!("Basic {}", STANDARD.encode(format!("x:{token}")));
        let forward_auth = ["/auth/nginx", "/auth/forward", "/auth/envoy/default/a"];
        let others = ["/v1/verify", "/v1/verify?scope=keys:write", "/v1/whoami", "/v1/accounts", "/nothing"];
        for path in others.into_iter().chain(forward_auth) {
            self.ask("Basic", "GET", path, &[("authorization", &basic(token))], None);
            self.ask("Bearer", "GET", path, &[("authorization", &bearer)], None);
            self.ask("X-API-Key", "GET", path, &[("x-api-key", token)], None);
            self.ask("as the password", "GET", path, &[("authorization", &as_password)], None);
            self.ask("as a scheme", "GET", path, &[("authorization", token)], None);
        }
        let json = &[("content-type", "application/json")];
        let body = format!(r#"{{"token":"{token}"}}"#);
        self.ask("JSON", "POST", "/v1/verify", json, Some(&body));
        self.ask("JSON that breaks off", "POST", "/v1/verify", json, Some(&body[..body.len() - 1]));
        self.ask(
            "JSON of a wrong shape",
            "POST",
            "/v1/verify",
            json,
            Some(&format!(r#"{{"scopes":"{token}"}}"#)),
        );
        self.ask("JSON with it as a field", "POST", "/v1/verify", json, Some(&format!(r#"{{"{token}":1}}"#)));
        let addresses = ["/v1/verify?token=", "/v1/accounts?q=", "/v1/accounts?cursor=", "/v1/", "/static/"];
        let for_proxies =
            ["/auth/envoy/default/", "/auth/envoy/", "/auth/forward?scope=", "/auth/nginx?project="];
        for path in addresses.into_iter().chain(for_proxies) {
            self.ask("in an address", "GET", &format!("{path}{token}"), &[], None);
        }
        for name in ["x-original-uri", "x-forwarded-uri", "x-original-method", "x-forwarded-for"] {
            let headers = [("authorization", basic(token)), (name, format!("/{token}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            self.ask("as what a proxy says", "GET", "/auth/nginx", &headers, None);
            self.ask("as what a proxy says", "GET", "/auth/forward", &headers, None);
        }
        self.ask("as a cookie", "GET", "/p/default/keys", &[("cookie", &format!("keysrv={token}"))], None);
        let raw = self.server.client().raw(format!("{token}\r\n\r\n").as_bytes());
        self.hay.add("no HTTP at all", raw);
    }

    /// Types a token where something else belongs, on the pages and in the shell.
    fn mistype(&mut self, token: &str) {
        for path in
            ["/p/default/keys?q=", "/p/default/keys?cursor=", "/server/audit?action=", "/p/", "/setup/"]
        {
            self.get(&format!("{path}{token}"));
        }
        self.get(&format!("/p/default/keys/{token}"));
        for (path, field) in [
            ("/p/default/keys/new", "name"),
            ("/p/default/keys/new", "account"),
            ("/p/default/accounts/new", "name"),
            ("/p/default/accounts/new", "external_id"),
            ("/sign-in", "name"),
            ("/sign-in", "password"),
            ("/sign-in?next=", "next"),
        ] {
            self.post(path, &[(field, token), ("nonce", "mistyped")]);
        }
        for args in [
            ["show", token].as_slice(),
            &["disable", token],
            &["delete", token, "--yes"],
            &["create", token],
            &["create", "x", "--note", token],
            &["create", "x", "--scope", token],
            &["create", "x", "--account", token],
            &["account", "create", token],
            &["account", "create", "x", "--external-id", token],
            &["project", "create", token],
            &["user", "add", token, "--password-stdin"],
            &["list", "--q", token],
            &["--project", token, "list"],
            &["audit", "--target", token],
            &["disable", "by-shell", "--reason", token],
            &["route", "add", "GET", &format!("/{token}")],
            &["route", "add", token, "/a"],
            &["route", "add", "GET", "/a", token],
            &["route", "remove", "GET", &format!("/{token}")],
            &["route", "test", token, &format!("/{token}")],
            &["verify", token],
            &[token],
        ] {
            self.run(args, SHELL_PASSWORD);
        }
    }
}

#[test]
fn a_token_is_found_where_it_was_shown_once_and_a_password_nowhere() {
    let mut world = World::new();
    let by_shell = world.place.create(&["by-shell"]);
    let by_page = world.create_by_page("by-page");
    let rotated = world.place.create_by(&["rotate", "by-shell", "--overlap", "1h"]);
    let disabled = world.place.create(&["off"]);
    world.run(&["disable", "off"], "");
    let tokens = [by_shell, by_page.clone(), rotated, disabled];
    for token in &tokens {
        world.present(token);
        world.run(&["verify", "--json"], token);
        world.mistype(token);
    }
    world.run(&["user", "add", "bert", "--password-stdin"], SHELL_PASSWORD);
    world.run(&["user", "passwd", "bert", "--password-stdin"], SHELL_PASSWORD);
    world.run(&["user", "add", "carl", "--password-stdin"], "short");
    for fields in
        [[("name", "anna"), ("password", WRONG_PASSWORD)], [("name", "nobody"), ("password", WRONG_PASSWORD)]]
    {
        world.post("/sign-in", &fields);
    }
    let cookies: Vec<String> =
        world.person.cookies().values().filter(|value| value.len() > 30).cloned().collect();
    assert_eq!(cookies.len(), 1, "one session");
    for path in ["/p/default/keys", "/p/default/accounts", "/server/audit", "/p/default/keys/new", "/readyz"]
    {
        world.get(path);
    }
    for args in
        [["list", "--json"], ["audit", "--json"], ["user", "list"], ["config", "show"], ["check", "--json"]]
    {
        world.run(&args, "");
    }
    world.run(&["backup", "copy.db"], "");
    // While it runs, so that the log of the database is there to look into.
    world.hay.add_folder(&world.place.data());
    let World { place, server, mut hay, .. } = world;
    for file in ["environ", "cmdline"] {
        hay.add(file, std::fs::read(format!("/proc/{}/{file}", server.id())).unwrap());
    }
    let log = server.stop();
    assert!(log.lines().count() > 10, "the log is talkative: {log}");
    hay.add("the log", log);
    hay.add_folder(&place.data());
    hay.add_folder(place.path());

    assert!(!hay.find("by-shell").is_empty(), "what is there is found");
    assert!(hay.0.iter().any(|(what, _)| what.ends_with("keysrv.db-wal")), "the log of the database");
    for token in &tokens {
        let (start, secret) = token.split_at(token.len() - 38);
        assert_eq!(start.len(), "ks_".len() + 12 + 1, "{start}");
        let expected: &[&str] = if *token == by_page { &["the page that shows it once"] } else { &[] };
        assert_eq!(hay.find(&secret[..32]), expected, "the secret of {start}");
        assert_eq!(hay.find(token), expected, "{start}");
    }
    for secret in [SETUP_PASSWORD, SHELL_PASSWORD, WRONG_PASSWORD, cookies[0].as_str()] {
        assert_eq!(hay.find(secret), Vec::<&str>::new(), "{secret}");
    }
}
