//! The pages over HTTP, as a browser without script asks for them.

mod accounts;
mod audit;
mod backups;
mod change;
mod create;
mod edit;
mod limits;
mod list;
mod people;
mod project;
mod routes;
mod selected;
mod session;
mod usage;
mod users;
mod watch;

use crate::harness::{Answer, Client, Place, Server};

const PASSWORD: &str = "a quiet lake at night";
const KEYS: &str = "/p/default/keys";

/// A server with an admin `anna` and a viewer `vera`.
struct Site {
    place: Place,
    server: Server,
}

impl Site {
    fn start() -> Self {
        let place = Place::new();
        place.add_user("anna", "admin", PASSWORD);
        place.add_user("vera", "viewer", PASSWORD);
        let server = Server::start(&place);
        Self { place, server }
    }

    /// Somebody who has signed in.
    fn as_user(&self, name: &str) -> Client {
        let mut client = self.server.client();
        client.sign_in(name, PASSWORD);
        client
    }

    /// Makes a key in the shell; answers with its id.
    fn create(&self, args: &[&str]) -> String {
        let token = self.place.create(args);
        keysrv::crypto::token::read_key_id(&token).unwrap().to_string()
    }
}

/// The value of a hidden field of a page.
#[track_caller]
fn hidden(page: &Answer, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let at = page.body.find(&start).unwrap_or_else(|| panic!("no field {name}: {}", page.body));
    page.body[at + start.len()..].split('"').next().unwrap().to_owned()
}

/// Where a redirect leads.
#[track_caller]
fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").unwrap().to_owned()
}

/// Requires that a page with this status contains all of these.
#[track_caller]
fn shows(answer: &Answer, status: u16, texts: &[&str]) {
    assert_eq!(answer.status, status, "{}", answer.body);
    for text in texts {
        assert!(answer.body.contains(text), "no `{text}` in {}", answer.body);
    }
}
