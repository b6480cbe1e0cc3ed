//! The pages in a real browser: what a person does and sees, with script and without.

mod hostile;
mod journey;
mod keyboard;
mod looks;
mod mishaps;
mod picture;
mod quality;
mod script;

use crate::harness::{Browser, Look, Place, Script, Server, wait_until};

const PASSWORD: &str = "a quiet lake at night";

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

    /// A browser on the page of keys, signed in.
    fn browse(&self, look: Look) -> Browser {
        let browser = Browser::start(&self.server.url, look);
        browser.go("/");
        browser.sign_in("anna", PASSWORD);
        browser.read("h1", "API keys");
        if look.script == Script::On {
            // A click does not wait for the stylesheet, without which everything stands elsewhere.
            wait_until("the page is whole", || browser.run("return document.readyState") == "complete");
        }
        browser
    }
}
