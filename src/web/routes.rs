//! Every address that keysrv serves, and the only file in which a path is spelled.
//!
//! A constant is the pattern under which a handler is registered; the function beside it fills
//! the pattern, for links, forms and redirects. Values in a path are percent-encoded here.

use actix_web::HttpResponse;
use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::problem::Problem;
use super::resource::Address;
use super::{admin, api, proxy, statics};
use crate::model::account::AccountId;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;

/// RFC 3986 "unreserved" characters stand as they are.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Leads to the keys of the project last used, or to signing in.
pub const HOME: &str = "/";
/// The one-time link that makes the first user.
pub const SETUP: &str = "/setup/{code}";
/// Signs a person in.
pub const SIGN_IN: &str = "/sign-in";
/// Ends a session; POST alone.
pub const SIGN_OUT: &str = "/sign-out";
/// The table of a project's keys.
pub const KEYS: &str = "/p/{project}/keys";
/// The form that makes a key.
pub const KEY_NEW: &str = "/p/{project}/keys/new";
/// Everything about one key.
pub const KEY: &str = "/p/{project}/keys/{id}";
/// Shows a token, once.
pub const KEY_TOKEN: &str = "/p/{project}/keys/{id}/token";
/// Switches a key on; POST alone.
pub const KEY_ENABLE: &str = "/p/{project}/keys/{id}/enable";
/// Asks whether to switch a key off, and does it.
pub const KEY_DISABLE: &str = "/p/{project}/keys/{id}/disable";
/// Asks when the old secret ends, and makes a new one.
pub const KEY_ROTATE: &str = "/p/{project}/keys/{id}/rotate";
/// Tells every check that a request with a key goes through.
pub const KEY_EXPLAIN: &str = "/p/{project}/keys/{id}/explain";
/// Asks whether to delete a key, and does it.
pub const KEY_DELETE: &str = "/p/{project}/keys/{id}/delete";
/// The table of a project's accounts.
pub const ACCOUNTS: &str = "/p/{project}/accounts";
/// The form that makes an account.
pub const ACCOUNT_NEW: &str = "/p/{project}/accounts/new";
/// Switches an account on; POST alone.
pub const ACCOUNT_ENABLE: &str = "/p/{project}/accounts/{id}/enable";
/// Asks whether to switch an account and its keys off, and does it.
pub const ACCOUNT_DISABLE: &str = "/p/{project}/accounts/{id}/disable";
/// Who changed what.
pub const AUDIT: &str = "/server/audit";
/// A file that belongs to the pages; its name carries a hash of its content.
pub const STATIC: &str = "/static/{file}";
/// What every address of the API starts with.
const API: &str = "/v1/";
/// Says whether a key is good for something.
pub const API_VERIFY: &str = "/v1/verify";
/// Tells every check of a verification.
pub const API_EXPLAIN: &str = "/v1/explain";
/// Lists accounts, for callers with a key.
pub const API_ACCOUNTS: &str = "/v1/accounts";
/// One account.
pub const API_ACCOUNT: &str = "/v1/accounts/{id}";
/// Lists and makes keys, for callers with a key.
pub const API_KEYS: &str = "/v1/keys";
/// One key.
pub const API_KEY: &str = "/v1/keys/{id}";
/// Gives a key a new secret.
pub const API_KEY_ROTATE: &str = "/v1/keys/{id}/rotate";
/// The catalogue of scopes.
pub const API_SCOPES: &str = "/v1/scopes";
/// Who changed what, for callers with a key.
pub const API_AUDIT: &str = "/v1/audit";
/// Tells a caller about its own key.
pub const API_WHOAMI: &str = "/v1/whoami";
/// Lists the route rules, for callers with a key.
pub const API_ROUTES: &str = "/v1/routes";
/// What every address for proxies starts with.
const AUTH: &str = "/auth/";
/// Decides for nginx.
pub const AUTH_NGINX: &str = "/auth/nginx";
/// Decides for Traefik, Caddy, `HAProxy` and APISIX.
pub const AUTH_FORWARD: &str = "/auth/forward";
/// Decides for Envoy, which appends the path that a client asks for.
pub const AUTH_ENVOY: &str = "/auth/envoy/{project}/{path}";
/// Says that the process answers.
pub const ALIVE: &str = "/healthz";
/// Says whether the server can serve.
pub const READY: &str = "/readyz";
/// Counts and durations, for Prometheus.
pub const METRICS: &str = "/metrics";
/// The whole API as a document.
pub const OPENAPI: &str = "/openapi.json";

/// Who reads what an address answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// A program, with a key or with nothing.
    Api,
    /// A browser, which fetches a file for a page.
    Static,
    /// A person, with a session or with nothing.
    Page,
}

impl Surface {
    /// Whose address this is; what is nobody's is a person's.
    pub fn of(path: &str) -> Self {
        if [API, AUTH].iter().any(|start| path.starts_with(start))
            || path == API.trim_end_matches('/')
            || [ALIVE, READY, METRICS, OPENAPI].contains(&path)
        {
            return Self::Api;
        }
        let files = STATIC.split('{').next().unwrap_or(STATIC);
        if path.starts_with(files) { Self::Static } else { Self::Page }
    }
}

/// Puts a handler behind every address.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(Address::new(API_VERIFY).get(api::verify::verify).post(api::verify::verify_token))
        .service(Address::new(API_EXPLAIN).post(api::verify::explain_token))
        .service(Address::new(API_WHOAMI).get(api::verify::whoami).delete(api::verify::delete_whoami))
        .service(Address::new(API_ACCOUNTS).get(api::accounts::list).post(api::accounts::create))
        .service(
            Address::new(API_ACCOUNT)
                .get(api::accounts::get)
                .patch(api::accounts::change)
                .delete(api::accounts::delete),
        )
        .service(Address::new(API_KEYS).get(api::keys::list).post(api::keys::create))
        .service(
            Address::new(API_KEY).get(api::keys::get).patch(api::keys::change).delete(api::keys::delete),
        )
        .service(Address::new(API_KEY_ROTATE).post(api::keys::rotate))
        .service(Address::new(API_SCOPES).get(api::scopes::list))
        .service(Address::new(API_AUDIT).get(api::audit::list))
        .service(Address::new(API_ROUTES).get(api::routes::list))
        .service(Address::new(AUTH_NGINX).any(proxy::nginx::ask))
        .service(Address::new(AUTH_FORWARD).any(proxy::forward::ask))
        .service(Address::new(AUTH_ENVOY).any(proxy::envoy::ask))
        .service(Address::new(ALIVE).get(api::health::alive))
        .service(Address::new(READY).get(api::health::ready))
        .service(Address::new(METRICS).get(api::metrics::metrics))
        .service(Address::new(OPENAPI).get(api::openapi::openapi))
        // Whatever no address above is. Answers to programs are short and asked for all the time, so
        // that only what a browser reads is compressed.
        .service(web::scope("").wrap(Compress::default()).configure(pages).default_service(web::to(nothing)));
}

async fn nothing() -> Result<HttpResponse, Problem> {
    Err(Problem::no_such_path())
}

/// The pages. Where `new` and an id fit the same place, `new` stands first.
fn pages(config: &mut ServiceConfig) {
    use admin::{accounts, audit, home, keys, page, setup, sign_in};
    config
        .service(Address::new(HOME).get(page(home::home)))
        .service(Address::new(SETUP).get(setup::ask).post(setup::set_up))
        .service(Address::new(SIGN_IN).get(sign_in::ask).post(sign_in::sign_in))
        .service(Address::new(SIGN_OUT).post(sign_in::sign_out))
        .service(Address::new(KEYS).get(page(keys::list::list)))
        .service(Address::new(KEY_NEW).get(page(keys::create::ask)).post(page(keys::create::create)))
        .service(Address::new(KEY).get(page(keys::show::show)))
        .service(Address::new(KEY_TOKEN).get(page(keys::token::token)))
        .service(Address::new(KEY_ENABLE).post(page(keys::change::enable)))
        .service(
            Address::new(KEY_DISABLE).get(page(keys::change::ask_disable)).post(page(keys::change::disable)),
        )
        .service(Address::new(KEY_EXPLAIN).get(page(keys::explain::explain)))
        .service(
            Address::new(KEY_ROTATE).get(page(keys::change::ask_rotate)).post(page(keys::change::rotate)),
        )
        .service(
            Address::new(KEY_DELETE).get(page(keys::change::ask_delete)).post(page(keys::change::delete)),
        )
        .service(Address::new(ACCOUNTS).get(page(accounts::list::list)))
        .service(
            Address::new(ACCOUNT_NEW)
                .get(page(accounts::change::ask_new))
                .post(page(accounts::change::create)),
        )
        .service(Address::new(ACCOUNT_ENABLE).post(page(accounts::change::enable)))
        .service(
            Address::new(ACCOUNT_DISABLE)
                .get(page(accounts::change::ask_disable))
                .post(page(accounts::change::disable)),
        )
        .service(Address::new(AUDIT).get(page(audit::list)))
        .service(Address::new(STATIC).get(statics::serve));
}

/// The project and the client's path in an address under [`AUTH_ENVOY`], as they arrived.
pub fn split_envoy(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(AUTH_ENVOY.split('{').next()?)?;
    rest.split_at_checked(rest.find('/')?)
}

/// The one-time link of the first user.
pub fn setup(code: &str) -> String {
    fill(SETUP, &[code])
}

/// Where to sign in, and the page to go to afterwards.
pub fn sign_in(next: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    format!("{SIGN_IN}?{}", query.finish())
}

/// A project's keys.
pub fn keys(project: &ProjectName) -> String {
    fill(KEYS, &[project.as_str()])
}

/// The form for a new key.
pub fn key_new(project: &ProjectName) -> String {
    fill(KEY_NEW, &[project.as_str()])
}

/// One key.
pub fn key(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY, &[project.as_str(), id.as_str()])
}

/// A key's token, shown once.
pub fn key_token(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_TOKEN, &[project.as_str(), id.as_str()])
}

/// Switches a key on.
pub fn key_enable(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_ENABLE, &[project.as_str(), id.as_str()])
}

/// Switches a key off.
pub fn key_disable(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_DISABLE, &[project.as_str(), id.as_str()])
}

/// Gives a key a new secret.
pub fn key_rotate(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_ROTATE, &[project.as_str(), id.as_str()])
}

/// Explains what happens to a request with a key.
pub fn key_explain(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_EXPLAIN, &[project.as_str(), id.as_str()])
}

/// Deletes a key.
pub fn key_delete(project: &ProjectName, id: &KeyId) -> String {
    fill(KEY_DELETE, &[project.as_str(), id.as_str()])
}

/// A project's accounts.
pub fn accounts(project: &ProjectName) -> String {
    fill(ACCOUNTS, &[project.as_str()])
}

/// The form for a new account.
pub fn account_new(project: &ProjectName) -> String {
    fill(ACCOUNT_NEW, &[project.as_str()])
}

/// Switches an account on.
pub fn account_enable(project: &ProjectName, id: &AccountId) -> String {
    fill(ACCOUNT_ENABLE, &[project.as_str(), id.as_str()])
}

/// Switches an account off.
pub fn account_disable(project: &ProjectName, id: &AccountId) -> String {
    fill(ACCOUNT_DISABLE, &[project.as_str(), id.as_str()])
}

/// One key, for programs.
pub fn api_key(id: &KeyId) -> String {
    fill(API_KEY, &[id.as_str()])
}

/// One account, for programs.
pub fn api_account(id: &AccountId) -> String {
    fill(API_ACCOUNT, &[id.as_str()])
}

/// A file that belongs to the pages.
pub fn static_file(name: &str) -> String {
    fill(STATIC, &[name])
}

/// Puts the values into the pattern's `{…}`, from left to right.
fn fill(pattern: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let segments: Vec<String> = pattern
        .split('/')
        .map(|segment| match segment.strip_prefix('{').and_then(|_| values.next()) {
            Some(value) => utf8_percent_encode(value, SEGMENT).to_string(),
            None => segment.to_owned(),
        })
        .collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_filled_from_left_to_right() {
        let id = KeyId::parse("8Qm2LxT0aZr4").unwrap();
        assert_eq!(key(&ProjectName::default(), &id), "/p/default/keys/8Qm2LxT0aZr4");
        assert_eq!(setup("a/../b ü"), "/setup/a%2F..%2Fb%20%C3%BC");
    }

    #[test]
    fn every_address_has_its_reader() {
        for (path, surface) in [
            ("/v1", Surface::Api),
            ("/v1/", Surface::Api),
            ("/v1/nothing", Surface::Api),
            ("/v1x", Surface::Page),
            (READY, Surface::Api),
            ("/static/app.css", Surface::Static),
            (SIGN_IN, Surface::Page),
            ("/nothing", Surface::Page),
        ] {
            assert_eq!(Surface::of(path), surface, "{path}");
        }
    }

    #[test]
    fn the_page_asked_for_goes_along_to_the_sign_in() {
        assert_eq!(sign_in("/p/default/keys?q=a&b"), "/sign-in?next=%2Fp%2Fdefault%2Fkeys%3Fq%3Da%26b");
    }
}
