//! A client that follows no redirect, hides no status, and keeps cookies like a browser.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A person's or a program's view of one server.
#[derive(Clone)]
pub struct Client {
    url: String,
    agent: ureq::Agent,
    cookies: BTreeMap<String, String>,
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Client {
    /// A client with no cookies.
    pub fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self { url: url.to_owned(), agent: config.into(), cookies: BTreeMap::new() }
    }

    /// The same person, with the same cookies, at a server's new address.
    pub fn moved_to(&self, url: &str) -> Self {
        Self { cookies: self.cookies.clone(), ..Self::new(url) }
    }

    /// Sends a request; `path` begins with a slash.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let answer = self.try_send(method, path, headers, body);
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Sends a request to a server that may be gone, or go before it has answered.
    pub fn try_send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        self.read(answer?)
    }

    fn read(&mut self, mut answer: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
        let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers: Vec<(String, String)> =
            answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let mut body = Vec::new();
        answer.body_mut().as_reader().read_to_end(&mut body)?;
        let answer = Answer {
            status: answer.status().as_u16(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        for (_, cookie) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(cookie);
        }
        Ok(answer)
    }

    fn keep(&mut self, cookie: &str) {
        let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
        if value.is_empty() || cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Gets a page or resource.
    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// Gets with a token as the Basic user name.
    pub fn get_as(&mut self, token: &str, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", &basic(token))], None)
    }

    /// Posts a form as a browser on this site would.
    pub fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post_form(path, fields).unwrap_or_else(|error| panic!("POST {path}: {error}"))
    }

    /// Posts a form to a server that may be gone, or go before it has answered.
    pub fn try_post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, ureq::Error> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let origin = self.url.clone();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin.as_str())];
        self.try_send("POST", path, &headers, Some(&body))
    }

    /// Posts JSON.
    pub fn post_json(&mut self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], Some(body))
    }

    /// Signs in; the cookie stays.
    #[track_caller]
    pub fn sign_in(&mut self, name: &str, password: &str) {
        let answer = self.post_form("/sign-in", &[("name", name), ("password", password)]);
        assert_eq!(answer.status, 303, "{answer:?}");
        assert!(!self.cookies.is_empty(), "{answer:?}");
    }

    /// The cookies that it would send.
    pub fn cookies(&self) -> &BTreeMap<String, String> {
        &self.cookies
    }

    /// Sends bytes as they are on a connection of their own; answers with all that comes back.
    pub fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // The server may answer and close before it has read everything.
        let _refused = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _reset = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The verdict in a verify answer or a problem document.
    #[track_caller]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

/// The value of `Authorization` with a token as the user name.
pub fn basic(token: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{token}:")))
}
