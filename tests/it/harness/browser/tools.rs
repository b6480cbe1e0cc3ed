//! What `WebDriver` itself has no words for: the developer tools' commands, and the console.

use serde_json::{Value, json};

use super::Browser;

impl Browser {
    /// Sends a command of the Chrome `DevTools` protocol; answers with its result.
    pub fn tools(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Lays the page out for a screen of this size, in CSS pixels.
    pub fn screen(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// What the console has complained about since it was asked last, refusals of the content security
    /// policy among it.
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", &json!({ "type": "browser" }));
        let text = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        let entries = entries.as_array().unwrap().iter();
        entries.filter(|entry| entry["level"] == "SEVERE").map(text).collect()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}/session/{}/{path}", self.port, self.session());
        let mut answer = ureq::post(&url).content_type("application/json").send(body.to_string()).unwrap();
        let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        answer["value"].clone()
    }
}
