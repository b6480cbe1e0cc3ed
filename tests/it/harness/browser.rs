//! A real Chromium behind chromedriver, on a profile of its own, driven step by step.
//!
//! Every step waits for what it needs, with a deadline, so that a test reads as what a person
//! does and sees. Both processes end with the test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

mod tools;

const PATIENCE: Duration = Duration::from_secs(15);
const STEP: Duration = Duration::from_millis(20);

/// How the person looks at the pages.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub script: Script,
    pub scheme: Scheme,
    pub screen: Screen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    Wide,
    Phone,
}

impl Default for Look {
    fn default() -> Self {
        Self { script: Script::On, scheme: Scheme::Light, screen: Screen::Wide }
    }
}

/// A browser, looking at one server.
pub struct Browser {
    runtime: Runtime,
    client: Option<Client>,
    driver: Child,
    port: u16,
    url: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser for the server at `url`.
    pub fn start(url: &str, look: Look) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (driver, port) = start_driver();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let capabilities = capabilities(look, profile.path());
        let connect = async {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities);
            builder.connect(&format!("http://127.0.0.1:{port}")).await
        };
        let client = runtime.block_on(connect).unwrap();
        Self { runtime, client: Some(client), driver, port, url: url.to_owned(), _profile: profile }
    }

    fn client(&self) -> &Client {
        self.client.as_ref().unwrap()
    }

    fn session(&self) -> String {
        self.runtime.block_on(self.client().session_id()).unwrap().unwrap()
    }

    /// Opens a page of the server.
    pub fn go(&self, path: &str) {
        self.runtime.block_on(self.client().goto(&format!("{}{path}", self.url))).unwrap();
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.runtime.block_on(self.client().refresh()).unwrap();
    }

    /// The address after the host.
    pub fn path(&self) -> String {
        let url = self.runtime.block_on(self.client().current_url()).unwrap();
        url.as_str().strip_prefix(&self.url).unwrap_or(url.as_str()).to_owned()
    }

    /// The whole document.
    pub fn source(&self) -> String {
        self.runtime.block_on(self.client().source()).unwrap()
    }

    /// Tries `step` until it succeeds; a page may be about to change.
    #[track_caller]
    fn until<T>(&self, what: &str, mut step: impl AsyncFnMut(&Client) -> Result<Option<T>, CmdError>) -> T {
        let end = Instant::now() + PATIENCE;
        let mut last = String::new();
        let found = self.runtime.block_on(async {
            while Instant::now() < end {
                match step(self.client()).await {
                    Ok(Some(found)) => return Some(found),
                    Ok(None) => {}
                    Err(error) => last = error.to_string(),
                }
                tokio::time::sleep(STEP).await;
            }
            None
        });
        found.unwrap_or_else(|| panic!("waited for {what} at {} {last}\n{}", self.path(), self.source()))
    }

    /// Waits until an element is there.
    #[track_caller]
    pub fn see(&self, css: &str) {
        self.until(css, async |client| found(client, css).await.map(|element| element.map(|_| ())));
    }

    /// Waits until no such element is there.
    #[track_caller]
    pub fn see_no(&self, css: &str) {
        self.until(&format!("no {css}"), async |client| {
            Ok(client.find_all(Locator::Css(css)).await?.is_empty().then_some(()))
        });
    }

    /// Waits until the element's text contains this.
    #[track_caller]
    pub fn read(&self, css: &str, text: &str) {
        self.until(&format!("`{text}` in {css}"), async |client| {
            let Some(element) = found(client, css).await? else { return Ok(None) };
            let seen = element.prop("textContent").await?.unwrap_or_default();
            Ok(seen.contains(text).then_some(()))
        });
    }

    /// The element's text.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.until(css, async |client| {
            let Some(element) = found(client, css).await? else { return Ok(None) };
            element.prop("textContent").await
        })
    }

    /// The value of an attribute, once the element is there.
    #[track_caller]
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.until(css, async |client| {
            let Some(element) = found(client, css).await? else { return Ok(None) };
            element.attr(name).await.map(Some)
        })
    }

    /// Clicks an element, once it can be clicked.
    #[track_caller]
    pub fn click(&self, css: &str) {
        self.until(css, async |client| {
            let Some(element) = found(client, css).await? else { return Ok(None) };
            element.click().await.map(Some)
        });
    }

    /// Types into a field, after what stands there is gone.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        self.until(css, async |client| {
            let Some(element) = found(client, css).await? else { return Ok(None) };
            element.clear().await?;
            element.send_keys(text).await.map(Some)
        });
    }

    /// Presses keys where the focus is.
    pub fn press(&self, keys: &str) {
        self.runtime.block_on(async { self.client().active_element().await?.send_keys(keys).await }).unwrap();
    }

    /// Runs a script in the page; answers with what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.runtime.block_on(self.client().execute(script, vec![])).unwrap()
    }

    /// Runs a script that calls its last argument when it is done.
    pub fn run_to_end(&self, script: &str) -> Value {
        self.runtime.block_on(self.client().execute_async(script, vec![])).unwrap()
    }

    /// The window as a PNG.
    pub fn picture(&self) -> Vec<u8> {
        self.runtime.block_on(self.client().screenshot()).unwrap()
    }

    /// Makes the window this large, in pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.runtime.block_on(self.client().set_window_size(width, height)).unwrap();
    }

    /// Signs in on the page that is shown.
    #[track_caller]
    pub fn sign_in(&self, name: &str, password: &str) {
        self.fill("#user", name);
        self.fill("#password", password);
        self.click("main form button");
        self.see_no("#password");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            let _closed = self.runtime.block_on(client.close());
        }
        let _ended_already = self.driver.kill();
        let _reaped = self.driver.wait();
    }
}

async fn found(client: &Client, css: &str) -> Result<Option<Element>, CmdError> {
    Ok(client.find_all(Locator::Css(css)).await?.into_iter().next())
}

/// Starts a driver on a port of its own. Two that start at once may pick one port, and the later
/// ends then without having named it; it tries again.
fn start_driver() -> (Child, u16) {
    let started = (0..5).find_map(|_| try_start_driver());
    started.expect("chromedriver named no port, five times")
}

fn try_start_driver() -> Option<(Child, u16)> {
    let mut driver = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is not installed; `tests/run` installs it");
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    let port = lines
        .map_while(Result::ok)
        .find_map(|line| line.rsplit_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
    if port.is_none() {
        driver.wait().unwrap();
    }
    Some((driver, port?))
}

fn capabilities(look: Look, profile: &std::path::Path) -> serde_json::Map<String, Value> {
    let mut args: Vec<String> = [
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "disable-dev-shm-usage",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "force-prefers-reduced-motion",
        "hide-scrollbars",
        "window-size=1280,800",
        // A name that is no secure context, as a LAN address is none.
        "host-resolver-rules=MAP keys.lan 127.0.0.1",
    ]
    .map(|arg| format!("--{arg}"))
    .to_vec();
    args.push(format!("--user-data-dir={}", profile.display()));
    args.push(format!("--blink-settings=preferredColorScheme={}", u8::from(look.scheme == Scheme::Light)));
    let mut options = json!({ "args": args });
    if look.script == Script::Off {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    if look.screen == Screen::Phone {
        let metrics = json!({ "width": 360, "height": 740, "pixelRatio": 2.0, "touch": true });
        options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
    }
    let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" } });
    capabilities.as_object().cloned().unwrap()
}
