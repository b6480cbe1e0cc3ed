//! Every address that keysrv serves, and the only file in which a path is spelled.
//!
//! A constant is the pattern under which a handler is registered; the functions of `links` fill the
//! patterns, for links, forms and redirects.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig};

use super::head::Head;
use super::problem::Problem;
use super::resource::Address;
use super::{admin, api, gate, hot, proxy, statics};

mod links;

pub use links::*;

/// Leads to the keys of the project last used, or to signing in.
pub const HOME: &str = "/";
/// The one-time link that makes the first user.
pub const SETUP: &str = "/setup/{code}";
/// Signs a person in.
pub const SIGN_IN: &str = "/sign-in";
/// Ends a session; POST alone.
pub const SIGN_OUT: &str = "/sign-out";
/// What a project's keys do, and which deserve a look.
pub const OVERVIEW: &str = "/p/{project}/overview";
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
/// Asks for a key's limits, and sets them.
pub const KEY_LIMITS: &str = "/p/{project}/keys/{id}/limits";
/// Asks for what may change about a key, and changes it.
pub const KEY_EDIT: &str = "/p/{project}/keys/{id}/edit";
/// Ends a key's old secret before its time; POST alone.
pub const KEY_ROTATE_END: &str = "/p/{project}/keys/{id}/rotate/end";
/// Tells every check that a request with a key goes through.
pub const KEY_EXPLAIN: &str = "/p/{project}/keys/{id}/explain";
/// Takes away the scopes that nobody asked for, or gives them back; POST alone.
pub const KEY_NARROW: &str = "/p/{project}/keys/{id}/narrow";
/// Tells whether a key was used yet, as a piece of a page.
pub const KEY_FIRST_USE: &str = "/p/{project}/keys/{id}/first-use";
/// Asks whether to delete a key, and does it.
pub const KEY_DELETE: &str = "/p/{project}/keys/{id}/delete";
/// Asks whether to disable or delete the keys that were selected, and does it.
pub const KEYS_SELECTED: &str = "/p/{project}/selected-keys";
/// The table of a project's accounts.
pub const ACCOUNTS: &str = "/p/{project}/accounts";
/// The form that makes an account.
pub const ACCOUNT_NEW: &str = "/p/{project}/accounts/new";
/// Everything about one account.
pub const ACCOUNT: &str = "/p/{project}/accounts/{id}";
/// Asks for the limits that an account's keys share, and sets them.
pub const ACCOUNT_LIMITS: &str = "/p/{project}/accounts/{id}/limits";
/// Switches an account on; POST alone.
pub const ACCOUNT_ENABLE: &str = "/p/{project}/accounts/{id}/enable";
/// Asks whether to switch an account and its keys off, and does it.
pub const ACCOUNT_DISABLE: &str = "/p/{project}/accounts/{id}/disable";
/// Asks whether to delete an account with its keys, and does it.
pub const ACCOUNT_DELETE: &str = "/p/{project}/accounts/{id}/delete";
/// A project's catalogue of scopes.
pub const SCOPES: &str = "/p/{project}/scopes";
/// The form that adds a scope.
pub const SCOPE_NEW: &str = "/p/{project}/new-scope";
/// The form for one scope.
pub const SCOPE: &str = "/p/{project}/scopes/{id}";
/// Asks whether to remove a scope, and does it.
pub const SCOPE_REMOVE: &str = "/p/{project}/scopes/{id}/remove";
/// The form that adds a preset.
pub const PRESET_NEW: &str = "/p/{project}/new-preset";
/// The form for one preset.
pub const PRESET: &str = "/p/{project}/presets/{id}";
/// Asks whether to remove a preset, and does it.
pub const PRESET_REMOVE: &str = "/p/{project}/presets/{id}/remove";
/// What the addresses of projects and of the server start with, where most forms are.
pub const FORMS: [&str; 2] = ["/p/", "/server/"];
/// A project's route rules.
pub const ROUTE_RULES: &str = "/p/{project}/routes";
/// The form that adds a rule.
pub const ROUTE_RULE_NEW: &str = "/p/{project}/new-route";
/// Asks whether to remove a rule, and does it.
pub const ROUTE_RULE_REMOVE: &str = "/p/{project}/remove-route";
/// The configuration of a proxy that asks the rules.
pub const PROXY_CONFIG: &str = "/p/{project}/proxy";
/// A project's settings.
pub const SETTINGS: &str = "/p/{project}/settings";
/// The form that makes another project.
pub const PROJECT_NEW: &str = "/server/new-project";
/// The people who may sign in.
pub const USERS: &str = "/server/users";
/// The form that adds one.
pub const USER_NEW: &str = "/server/new-user";
/// One of them, by name.
pub const USER: &str = "/server/users/{id}";
/// Gives a user another role; POST alone.
pub const USER_ROLE: &str = "/server/users/{id}/role";
/// Gives a user another password; POST alone.
pub const USER_PASSWORD: &str = "/server/users/{id}/password";
/// Ends a user's sessions; POST alone.
pub const USER_SIGN_OUT: &str = "/server/users/{id}/sign-out";
/// Asks whether to delete a user, and does it.
pub const USER_DELETE: &str = "/server/users/{id}/delete";
/// The signed-in person.
pub const ME: &str = "/me";
/// Changes the signed-in person's password; POST alone.
pub const ME_PASSWORD: &str = "/me/password";
/// Ends the signed-in person's other sessions; POST alone.
pub const ME_SESSIONS: &str = "/me/sessions";
/// Who changed what.
pub const AUDIT: &str = "/server/audit";
/// The audit log as a file.
pub const AUDIT_EXPORT: &str = "/server/audit-export";
/// The backups that are kept; POST makes one.
pub const BACKUPS: &str = "/server/backups";
/// Reads a backup as a restore would; POST alone.
pub const BACKUP_PROVE: &str = "/server/backups/{id}/prove";
/// Asks for the password, and hands a backup out.
pub const BACKUP_DOWNLOAD: &str = "/server/backups/{id}/download";
/// Asks whether to delete a backup, and does it.
pub const BACKUP_DELETE: &str = "/server/backups/{id}/delete";
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
/// The uses of an account's keys together.
pub const API_ACCOUNT_USAGE: &str = "/v1/accounts/{id}/usage";
/// Lists and makes keys, for callers with a key.
pub const API_KEYS: &str = "/v1/keys";
/// One key.
pub const API_KEY: &str = "/v1/keys/{id}";
/// Gives a key a new secret.
pub const API_KEY_ROTATE: &str = "/v1/keys/{id}/rotate";
/// Ends a key's old secret before its time.
pub const API_KEY_ROTATE_END: &str = "/v1/keys/{id}/rotate/end";
/// How often a key was used.
pub const API_KEY_USAGE: &str = "/v1/keys/{id}/usage";
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
/// The page of the API.
pub const DOCS: &str = "/docs";
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
    // Tried one after the other, and those with an id in them slowly: what is asked all the time stands first.
    config
        .service(Address::new(API_VERIFY).get(hot::routed(api::verify::verify)).post(api::verify::verify_token))
        .service(Address::new(AUTH_NGINX).any(hot::routed(proxy::nginx::ask)))
        .service(Address::new(AUTH_FORWARD).any(hot::routed(proxy::forward::ask)))
        .service(Address::new(AUTH_ENVOY).any(hot::routed(proxy::envoy::ask)))
        .service(Address::new(API_EXPLAIN).post(api::verify::explain_token))
        .service(Address::new(API_WHOAMI).get(api::verify::whoami).delete(api::verify::delete_whoami))
        .service(Address::new(API_ACCOUNTS).get(api::accounts::list).post(api::accounts::create))
        .service(
            Address::new(API_ACCOUNT)
                .get(api::accounts::get)
                .patch(api::accounts::change)
                .delete(api::accounts::delete),
        )
        .service(Address::new(API_ACCOUNT_USAGE).get(api::usage::list_of_account))
        .service(Address::new(API_KEYS).get(api::keys::list).post(api::keys::create))
        .service(
            Address::new(API_KEY).get(api::keys::get).patch(api::keys::change).delete(api::keys::delete),
        )
        .service(Address::new(API_KEY_ROTATE).post(api::keys::rotate))
        .service(Address::new(API_KEY_ROTATE_END).post(api::keys::end_old_secret))
        .service(Address::new(API_KEY_USAGE).get(api::usage::list))
        .service(Address::new(API_SCOPES).get(api::scopes::list))
        .service(Address::new(API_AUDIT).get(api::audit::list))
        .service(Address::new(API_ROUTES).get(api::routes::list))
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
    use admin::routes as rules;
    use admin::{
        accounts, audit, backups, docs, home, keys, limits, me, overview, page, projects, scopes, settings,
        setup, sign_in, users,
    };
    config
        .service(Address::new(HOME).get(page(home::home)))
        .service(Address::new(SETUP).get(setup::ask).post(setup::set_up))
        .service(Address::new(SIGN_IN).get(sign_in::ask).post(sign_in::sign_in))
        .service(Address::new(SIGN_OUT).post(sign_in::sign_out))
        .service(Address::new(OVERVIEW).get(page(overview::show)))
        .service(Address::new(KEYS).get(page(keys::list::list)))
        .service(Address::new(KEY_NEW).get(page(keys::create::ask)).post(page(keys::create::create)))
        .service(Address::new(KEY).get(page(keys::show::show)))
        .service(Address::new(KEY_TOKEN).get(page(keys::token::token)))
        .service(Address::new(KEY_ENABLE).post(page(keys::change::enable)))
        .service(
            Address::new(KEY_DISABLE).get(page(keys::change::ask_disable)).post(page(keys::change::disable)),
        )
        .service(Address::new(KEY_EDIT).get(page(keys::edit::ask)).post(page(keys::edit::save)))
        .service(Address::new(KEY_EXPLAIN).get(page(keys::explain::explain)))
        .service(Address::new(KEY_NARROW).post(page(keys::narrow::narrow)))
        .service(Address::new(KEY_FIRST_USE).get(page(keys::first_use::first_use)))
        .service(Address::new(KEY_LIMITS).get(page(limits::ask_key)).post(page(limits::set_key)))
        .service(Address::new(ACCOUNT_LIMITS).get(page(limits::ask_account)).post(page(limits::set_account)))
        .service(Address::new(KEY_ROTATE_END).post(page(keys::change::end_old_secret)))
        .service(
            Address::new(KEY_ROTATE).get(page(keys::change::ask_rotate)).post(page(keys::change::rotate)),
        )
        .service(
            Address::new(KEY_DELETE).get(page(keys::change::ask_delete)).post(page(keys::change::delete)),
        )
        .service(Address::new(KEYS_SELECTED).get(page(keys::bulk::ask)).post(page(keys::bulk::change)))
        .service(Address::new(ACCOUNTS).get(page(accounts::list::list)))
        .service(
            Address::new(ACCOUNT_NEW)
                .get(page(accounts::change::ask_new))
                .post(page(accounts::change::create)),
        )
        .service(Address::new(ACCOUNT).get(page(accounts::show::show)))
        .service(Address::new(ACCOUNT_ENABLE).post(page(accounts::change::enable)))
        .service(
            Address::new(ACCOUNT_DISABLE)
                .get(page(accounts::change::ask_disable))
                .post(page(accounts::change::disable)),
        )
        .service(
            Address::new(ACCOUNT_DELETE)
                .get(page(accounts::change::ask_delete))
                .post(page(accounts::change::delete)),
        )
        .service(Address::new(SCOPES).get(page(scopes::list::list)))
        .service(
            Address::new(SCOPE_NEW).get(page(scopes::change::ask_new)).post(page(scopes::change::create)),
        )
        .service(Address::new(SCOPE).get(page(scopes::change::ask)).post(page(scopes::change::change)))
        .service(
            Address::new(SCOPE_REMOVE)
                .get(page(scopes::change::ask_remove))
                .post(page(scopes::change::remove)),
        )
        .service(
            Address::new(PRESET_NEW).get(page(scopes::preset::ask_new)).post(page(scopes::preset::create)),
        )
        .service(Address::new(PRESET).get(page(scopes::preset::ask)).post(page(scopes::preset::change)))
        .service(
            Address::new(PRESET_REMOVE)
                .get(page(scopes::preset::ask_remove))
                .post(page(scopes::preset::remove)),
        )
        .service(Address::new(ROUTE_RULES).get(page(rules::list::list)))
        .service(
            Address::new(ROUTE_RULE_NEW).get(page(rules::change::ask_new)).post(page(rules::change::add)),
        )
        .service(
            Address::new(ROUTE_RULE_REMOVE)
                .get(page(rules::change::ask_remove))
                .post(page(rules::change::remove)),
        )
        .service(Address::new(PROXY_CONFIG).get(page(rules::proxy::show)))
        .service(Address::new(SETTINGS).get(page(settings::show)).post(page(settings::change)))
        .service(Address::new(PROJECT_NEW).get(page(projects::ask)).post(page(projects::create)))
        .service(Address::new(USERS).get(page(users::list::list)))
        .service(Address::new(USER_NEW).get(page(users::new::ask)).post(page(users::new::create)))
        .service(Address::new(USER).get(page(users::show::show)))
        .service(Address::new(USER_ROLE).post(page(users::change::role)))
        .service(Address::new(USER_PASSWORD).post(page(users::change::password)))
        .service(Address::new(USER_SIGN_OUT).post(page(users::change::sign_out)))
        .service(
            Address::new(USER_DELETE).get(page(users::change::ask_delete)).post(page(users::change::delete)),
        )
        .service(Address::new(ME).get(page(me::show)))
        .service(Address::new(ME_PASSWORD).post(page(me::password)))
        .service(Address::new(ME_SESSIONS).post(page(me::end_others)))
        .service(Address::new(DOCS).get(docs::docs))
        .service(Address::new(AUDIT).get(page(audit::list)))
        .service(Address::new(AUDIT_EXPORT).get(audit::export::export))
        .service(Address::new(BACKUPS).get(page(backups::list::list)).post(page(backups::change::make)))
        .service(Address::new(BACKUP_PROVE).post(page(backups::change::prove)))
        .service(
            Address::new(BACKUP_DOWNLOAD).get(page(backups::download::ask)).post(backups::download::download),
        )
        .service(
            Address::new(BACKUP_DELETE)
                .get(page(backups::change::ask_delete))
                .post(page(backups::change::delete)),
        )
        .service(Address::new(STATIC).get(statics::serve));
}

/// What the addresses of [`fn@hot`] begin with.
pub const HOT_BEGINNINGS: [&str; 2] = [API_VERIFY, AUTH];

/// What answers a request without the router; `None` for every other one.
pub fn hot(head: &Head<'_>) -> Option<hot::Handler> {
    if !gate::has_room(head.path, head.query) {
        return None;
    }
    match head.path {
        API_VERIFY if head.method == Method::GET.as_str() => Some(api::verify::verify),
        AUTH_NGINX => Some(proxy::nginx::ask),
        AUTH_FORWARD => Some(proxy::forward::ask),
        path if split_envoy(path).is_some_and(|(project, _)| !project.is_empty()) => Some(proxy::envoy::ask),
        _ => None,
    }
}

/// The project and the client's path in an address under [`AUTH_ENVOY`], as they arrived.
pub fn split_envoy(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(AUTH_ENVOY.split('{').next()?)?;
    rest.split_at_checked(rest.find('/')?)
}

#[cfg(test)]
mod tests;
