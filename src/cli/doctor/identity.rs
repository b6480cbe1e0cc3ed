//! The check of what reaches the API about who calls: keysrv's word alone, and no token.

use super::Doctor;
use super::keys::Made;
use crate::cli::exit::Failure;

const NAMES: [&str; 8] = [
    "X-Keysrv-Key-Id",
    "X-Keysrv-Key-Name",
    "X-Keysrv-Project",
    "X-Keysrv-Account-Id",
    "X-Keysrv-Account-External-Id",
    "X-Keysrv-Scopes",
    "X-Keysrv-Expires-At",
    "X-Keysrv-Secret-Ends-At",
];

const FORGED: &str = "let the proxy set every `X-Keysrv-` header to what keysrv answered, in place of what a client \
                      may send";
const UNDERSCORE: &str = "let the proxy drop headers with `_` in their names, which many servers read as `-`: nginx, \
                          `underscores_in_headers off` in the first server of that address";
const MISSING: &str = "hand on every `X-Keysrv-` header of keysrv's answer to the API";
const CONNECTION: &str = "delete the client's `Connection` header before anything else: what it names is dropped on \
                          the way";
const TOKEN: &str = "delete `Authorization` and `X-API-Key` on the way to the API";
const BLIND: &str = "what reaches the API is seen with --stand-in or --echo alone";

impl Doctor<'_> {
    pub(super) fn identity(&mut self) -> Result<(), Failure> {
        if !self.sight.is_there() {
            self.report.skip("identity", BLIND);
            self.report.skip("token", BLIND);
            return Ok(());
        }
        let key = self.keys.good()?;
        self.forged(&key)?;
        self.underscores(&key)?;
        self.connection(&key)?;
        self.token(&key)?;
        self.report.done("identity");
        Ok(())
    }

    /// What reached the API of a request with these headers, in small letters.
    fn seen(&self, key: &Made, headers: &[(&str, &str)]) -> Result<String, Failure> {
        let asked = self.ask(Some(&key.token), &self.path.clone(), headers)?;
        Ok(asked.look.text.unwrap_or_default().to_ascii_lowercase())
    }

    fn forged(&mut self, key: &Made) -> Result<(), Failure> {
        let forged: Vec<String> = (0..NAMES.len()).map(|n| format!("forged-{n}-")).collect();
        let headers: Vec<_> = NAMES.into_iter().zip(forged.iter().map(String::as_str)).collect();
        let seen = self.seen(key, &headers)?;
        for (name, value) in headers.iter().filter(|(_, value)| seen.contains(value)) {
            let detail = format!("the client's own `{name}: {value}` reaches the API");
            self.report.find("identity", detail, FORGED);
        }
        if !seen.contains(&key.id.as_str().to_ascii_lowercase()) {
            self.report.find("identity", "the API does not learn which key calls", MISSING);
        }
        Ok(())
    }

    fn underscores(&mut self, key: &Made) -> Result<(), Failure> {
        let aliases: Vec<String> =
            NAMES.iter().flat_map(|name| [name.replace('-', "_"), name.replacen('-', "_", 1)]).collect();
        let headers: Vec<_> = aliases.iter().map(|name| (name.as_str(), "forged-alias")).collect();
        if self.seen(key, &headers)?.contains("forged-alias") {
            let detail = "the client's own `X_Keysrv_Key_Id` reaches the API";
            self.report.find("identity", detail, UNDERSCORE);
        }
        Ok(())
    }

    fn connection(&mut self, key: &Made) -> Result<(), Failure> {
        let named = format!("close, {}", NAMES.join(", "));
        let asked = self.ask(Some(&key.token), &self.path.clone(), &[("Connection", &named)])?;
        let Some(seen) = asked.look.text.map(|text| text.to_ascii_lowercase()) else { return Ok(()) };
        if !seen.contains(&key.id.as_str().to_ascii_lowercase()) {
            let detail = "a client that names the `X-Keysrv-` headers in `Connection` has them dropped";
            self.report.find("identity", detail, CONNECTION);
        }
        Ok(())
    }

    fn token(&mut self, key: &Made) -> Result<(), Failure> {
        if self.seen(key, &[("X-API-Key", &key.token)])?.contains(&key.token.to_ascii_lowercase()) {
            self.report.find("token", "the API gets the caller's token", TOKEN);
        }
        self.report.done("token");
        Ok(())
    }
}
