//! The page of the API: everybody may read it, and its commands work as they stand.

use std::process::Command;

use keysrv::model::code::Code;

use crate::harness::{Place, Server};

/// The commands on the page by the name of what they try.
fn commands(page: &str) -> Vec<(String, String)> {
    let commands = page.split("<pre id=\"curl-").skip(1).map(|rest| {
        let (id, rest) = rest.split_once('"').unwrap();
        let code = rest.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
        (id.to_owned(), unescaped(code))
    });
    commands.collect()
}

fn unescaped(html: &str) -> String {
    let pairs = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    pairs.iter().fold(html.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

/// The status that the command is answered with.
fn status(command: &str, key: &str, id: &str) -> String {
    let silent = command.replacen("curl", "curl -s -o /dev/null -w '%{http_code}'", 1);
    let output = Command::new("sh").args(["-c", &silent]).env("KEY", key).env("ID", id).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_command_on_the_page_works_as_it_stands() {
    let place = Place::new();
    let token = place.token_for_everything();
    let account = place.json(&["account", "create", "Somebody"])["id"].as_str().unwrap().to_owned();
    let server = Server::start(&place);
    let page = server.client().get("/docs").body;
    let commands = commands(&page);
    assert!(commands.len() > 20, "{commands:?}");
    for (n, (what, command)) in commands.iter().enumerate() {
        let key = place.json(&["create", &format!("key-{n}")])["key"]["id"].as_str().unwrap().to_owned();
        if what == "end_old_secret" {
            place.create_by(&["rotate", &key, "--overlap", "24h"]);
        }
        let id = if command.contains("/v1/accounts/") { &account } else { &key };
        if what == "end_old_secret" {
            place.run(&["rotate", &key, "--overlap", "24h"]).ok();
        }
        // What deletes itself is another key than the one that tries everything else.
        let own = if what == "delete_self" { place.create(&["spare"]) } else { token.clone() };
        let told =
            page.split(&format!("id=\"{what}\"")).nth(1).and_then(|rest| rest.split("Answers <code>").nth(1));
        let expected = told.map_or("200", |rest| &rest[..3]);
        assert_eq!(status(command, &own, id), expected, "{what}: {command}");
    }
    server.stop();
}

#[test]
fn the_page_tells_of_every_code_what_to_do() {
    let place = Place::new();
    let server = Server::start(&place);
    let answer = server.client().get("/docs");
    assert_eq!(answer.status, 200);
    for code in Code::all() {
        let row =
            answer.body.split(&format!("id=\"code-{code}\"")).nth(1).unwrap_or_else(|| panic!("{code}"));
        let row = unescaped(&row.split("<dt").next().unwrap().replace("<code>", "`").replace("</code>", "`"));
        assert!(row.contains(&code.fix()[1..]), "{code}: {row}");
    }
    server.stop();
}

#[test]
fn commands_name_the_address_that_people_use() {
    let place = Place::new();
    let server = Server::start_with(&place, &["--base-url", "https://keys.example.com"], &[]);
    let page = server.client().get("/docs").body;
    assert!(page.contains("https://keys.example.com/v1/whoami"));
    assert!(!page.contains(server.address()));
    server.stop();
    let server = Server::start(&place);
    let page = server.client().get("/docs").body;
    assert!(page.contains(&format!("{}/v1/whoami", server.url)));
    server.stop();
}
