//! Every address by every method, asked for by everybody: one table says who gets in.
//!
//! The table is compared with the addresses that the server registers, so that a new one fails
//! here until somebody has said who may use it.

use std::collections::{BTreeMap, BTreeSet};

use keysrv::crypto::token::{Token, read_key_id};
use keysrv::model::project::Prefix;
use keysrv::web::routes;

use crate::harness::client::basic;
use crate::harness::{Answer, Client, Place, Server, wait_until};

const PASSWORD: &str = "tall glass of oat milk";
const SIGN_IN_FIRST: &str = "303 /sign-in";

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Access {
    /// Everybody, and everybody gets the same.
    Everybody(&'static str),
    /// Whoever is signed in, once they are; the others are sent to the form.
    SignedIn(&'static str),
    /// Admins alone; for a viewer it is forbidden.
    Admins(&'static str),
    /// The form to sign in: whoever is signed in goes on.
    Strangers,
    /// A key of the project `default` that is accepted.
    Verified(&'static str),
    /// A key that is accepted, in its own project.
    Keys(&'static str),
    /// A key with a scope, which sees what its own project and account have.
    Lists,
    /// A key with a scope that may see this very thing.
    Reads,
    /// A key that holds what the new key gets.
    CreatesKey,
    /// A key that belongs to no account.
    CreatesAccount,
    /// A key that may see this very thing, and holds whatever it or its keys hold.
    Changes(&'static str),
    /// A real key, whatever its state.
    RealKeys(&'static str),
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Principal {
    Nobody,
    /// A cookie and a token that look right and are nobody's.
    Forger,
    /// A token with the id of a key and another secret.
    WrongSecret,
    Viewer,
    Admin,
    /// A key with every scope.
    Key,
    /// A key without scopes.
    BareKey,
    /// A key with the scopes of the API and none of those that the others hold besides.
    WeakKey,
    DisabledKey,
    ExpiredKey,
    /// A secret that a rotation ended, of a key with every scope.
    RotatedSecret,
    /// A key with every scope that may only be used from elsewhere.
    ElsewhereKey,
    /// A key with every scope that belongs to an account.
    BoundKey,
    /// A key with every scope of another project.
    OtherProjectsKey,
}

use Access::{
    Admins, Changes, CreatesAccount, CreatesKey, Everybody, Keys, Lists, Reads, RealKeys, SignedIn,
    Strangers, Verified,
};
use Principal::{
    Admin, BareKey, BoundKey, DisabledKey, ElsewhereKey, ExpiredKey, Forger, Key, Nobody, OtherProjectsKey,
    RotatedSecret, Viewer, WeakKey, WrongSecret,
};

const PRINCIPALS: [Principal; 14] = [
    Nobody,
    Forger,
    WrongSecret,
    Viewer,
    Admin,
    Key,
    BareKey,
    WeakKey,
    DisabledKey,
    ExpiredKey,
    RotatedSecret,
    ElsewhereKey,
    BoundKey,
    OtherProjectsKey,
];

/// Method, address, what is sent, who may. In a form `{nonce}` is the one of the page, `{who}` somebody else
/// each time: one name is not tried so often.
type Row = (&'static str, &'static str, &'static str, Access);

const TABLE: &[Row] = &[
    ("GET", routes::HOME, "", SignedIn("303 /p/default/keys")),
    ("GET", routes::SETUP, "", Everybody("404")),
    ("POST", routes::SETUP, "name=eve&password=a+long+enough+one", Everybody("404")),
    ("GET", routes::SIGN_IN, "", Strangers),
    ("POST", routes::SIGN_IN, "name={who}&password=wrong", Everybody("422")),
    ("POST", routes::SIGN_OUT, "", Everybody("303 /sign-in")),
    ("GET", routes::OVERVIEW, "", SignedIn("200")),
    ("GET", routes::KEYS, "", SignedIn("200")),
    ("GET", routes::KEY_NEW, "", Admins("200")),
    ("POST", routes::KEY_NEW, "name=made&nonce={nonce}", Admins("303 /p/default/keys/")),
    ("GET", routes::KEY, "", SignedIn("200")),
    ("GET", routes::KEY_TOKEN, "", SignedIn("200")),
    ("POST", routes::KEY_ENABLE, "", Admins("303 /p/default/keys")),
    ("GET", routes::KEY_DISABLE, "", Admins("200")),
    ("POST", routes::KEY_DISABLE, "sure=yes", Admins("303 /p/default/keys")),
    ("GET", routes::KEY_ROTATE, "", Admins("200")),
    ("POST", routes::KEY_ROTATE, "nonce={nonce}", Admins("303 /p/default/keys/")),
    ("POST", routes::KEY_ROTATE_END, "", Admins("409")),
    ("GET", routes::KEY_EXPLAIN, "", SignedIn("200")),
    ("POST", routes::KEY_NARROW, "", Admins("422")),
    ("GET", routes::KEY_FIRST_USE, "", SignedIn("200")),
    ("GET", routes::KEY_LIMITS, "", Admins("200")),
    ("POST", routes::KEY_LIMITS, "rate_requests=5&rate_seconds=60", Admins("303 /p/default/keys/")),
    ("GET", routes::KEY_EDIT, "", Admins("200")),
    ("POST", routes::KEY_EDIT, "expires=keep&note=x", Admins("303 /p/default/keys/")),
    ("GET", routes::KEY_DELETE, "", Admins("200")),
    ("POST", routes::KEY_DELETE, "", Admins("303 /p/default/keys")),
    ("GET", routes::KEYS_SELECTED, "", Admins("422")),
    (
        "POST",
        routes::KEYS_SELECTED,
        "key=8Qm2LxT0aZr4&do=delete",
        Admins("303 /p/default/keys?done=deleted&it=0"),
    ),
    ("GET", routes::ACCOUNTS, "", SignedIn("200")),
    ("GET", routes::ACCOUNT_NEW, "", Admins("200")),
    ("POST", routes::ACCOUNT_NEW, "name=Made", Admins("303 /p/default/accounts")),
    ("GET", routes::ACCOUNT, "", SignedIn("200")),
    ("GET", routes::ACCOUNT_LIMITS, "", Admins("200")),
    ("POST", routes::ACCOUNT_LIMITS, "quota_requests=5&quota_per=day", Admins("303 /p/default/accounts")),
    ("POST", routes::ACCOUNT_ENABLE, "", Admins("303 /p/default/accounts")),
    ("GET", routes::ACCOUNT_DISABLE, "", Admins("200")),
    ("POST", routes::ACCOUNT_DISABLE, "sure=yes", Admins("303 /p/default/accounts")),
    ("GET", routes::ACCOUNT_DELETE, "", Admins("200")),
    ("POST", routes::ACCOUNT_DELETE, "keys=9", Admins("303 /p/default/accounts")),
    ("GET", routes::SCOPES, "", SignedIn("200")),
    ("GET", routes::SCOPE_NEW, "", Admins("200")),
    ("POST", routes::SCOPE_NEW, "scope=reports:read", Admins("303 /p/default/scopes")),
    ("GET", routes::SCOPE, "", Admins("200")),
    ("POST", routes::SCOPE, "action_label=Read", Admins("303 /p/default/scopes")),
    ("GET", routes::SCOPE_REMOVE, "", Admins("200")),
    ("POST", routes::SCOPE_REMOVE, "", Admins("303 /p/default/scopes")),
    ("GET", routes::PRESET_NEW, "", Admins("200")),
    ("POST", routes::PRESET_NEW, "name=made", Admins("303 /p/default/scopes")),
    ("GET", routes::PRESET, "", Admins("200")),
    ("POST", routes::PRESET, "label=Made", Admins("303 /p/default/scopes")),
    ("GET", routes::PRESET_REMOVE, "", Admins("200")),
    ("POST", routes::PRESET_REMOVE, "", Admins("303 /p/default/scopes")),
    ("GET", routes::ROUTE_RULES, "", SignedIn("200")),
    ("GET", routes::ROUTE_RULE_NEW, "", Admins("200")),
    ("POST", routes::ROUTE_RULE_NEW, "method=GET&pattern=%2F%7Bwho%7D", Admins("422")),
    ("GET", routes::ROUTE_RULE_REMOVE, "", Admins("404")),
    ("POST", routes::ROUTE_RULE_REMOVE, "method=GET&pattern=%2Fnone", Admins("404")),
    ("GET", routes::PROXY_CONFIG, "", SignedIn("200")),
    ("GET", routes::SETTINGS, "", SignedIn("200")),
    (
        "POST",
        routes::SETTINGS,
        "prefix=acme&timezone=UTC&max_lifetime=none&disable_unused=none",
        Admins("303 /p/default/settings"),
    ),
    ("GET", routes::PROJECT_NEW, "", Admins("200")),
    ("POST", routes::PROJECT_NEW, "name=made-too", Admins("303 /p/made-too/keys")),
    ("GET", routes::USERS, "", SignedIn("200")),
    ("GET", routes::USER_NEW, "", Admins("200")),
    (
        "POST",
        routes::USER_NEW,
        "name=made-by-{who}&role=viewer&password=brown+bread+rolls",
        Admins("303 /server/users/made-by-admin"),
    ),
    ("GET", routes::USER, "", Admins("200")),
    ("POST", routes::USER_ROLE, "role=admin", Admins("303 /server/users/row-")),
    ("POST", routes::USER_PASSWORD, "password=brown+bread+rolls", Admins("303 /server/users/row-")),
    ("POST", routes::USER_SIGN_OUT, "", Admins("303 /server/users/row-")),
    ("GET", routes::USER_DELETE, "", Admins("200")),
    ("POST", routes::USER_DELETE, "", Admins("303 /server/users")),
    ("GET", routes::ME, "", SignedIn("200")),
    ("POST", routes::ME_PASSWORD, "current=wrong&password=brown+bread+rolls", SignedIn("422")),
    ("POST", routes::ME_SESSIONS, "", SignedIn("303 /me")),
    ("GET", routes::AUDIT, "", SignedIn("200")),
    ("GET", routes::AUDIT_EXPORT, "", SignedIn("422")),
    ("GET", routes::BACKUPS, "", SignedIn("200")),
    ("POST", routes::BACKUPS, "", Admins("303 /server/backups?done=made")),
    ("POST", routes::BACKUP_PROVE, "", Admins("303 /server/backups?done=proven")),
    ("GET", routes::BACKUP_DOWNLOAD, "", Admins("200")),
    ("POST", routes::BACKUP_DOWNLOAD, "current=wrong", Admins("422")),
    ("GET", routes::BACKUP_DELETE, "", Admins("200")),
    ("POST", routes::BACKUP_DELETE, "", Admins("303 /server/backups?done=deleted")),
    ("GET", routes::STATIC, "", Everybody("200")),
    ("GET", routes::API_VERIFY, "", Verified("200")),
    ("POST", routes::API_VERIFY, r#"{"token":"x"}"#, Everybody("200")),
    ("POST", routes::API_EXPLAIN, r#"{"token":"x"}"#, Everybody("200")),
    ("GET", routes::API_WHOAMI, "", RealKeys("200")),
    ("GET", routes::API_SCOPES, "", Keys("200")),
    ("GET", routes::API_ACCOUNTS, "", Lists),
    ("POST", routes::API_ACCOUNTS, r#"{"name":"Made"}"#, CreatesAccount),
    ("GET", routes::API_ACCOUNT, "", Reads),
    ("PATCH", routes::API_ACCOUNT, r#"{"enabled":false}"#, Changes("200")),
    ("DELETE", routes::API_ACCOUNT, "", Changes("204")),
    ("GET", routes::API_ACCOUNT_USAGE, "", Reads),
    ("GET", routes::API_KEYS, "", Lists),
    ("POST", routes::API_KEYS, r#"{"name":"made by {who}"}"#, CreatesKey),
    ("GET", routes::API_KEY, "", Reads),
    ("PATCH", routes::API_KEY, r#"{"enabled":false}"#, Changes("200")),
    ("DELETE", routes::API_KEY, "", Changes("204")),
    ("POST", routes::API_KEY_ROTATE, "{}", Changes("200")),
    ("POST", routes::API_KEY_ROTATE_END, "{}", Changes("409 in_use")),
    ("GET", routes::API_KEY_USAGE, "", Reads),
    ("GET", routes::API_AUDIT, "", Lists),
    ("GET", routes::API_ROUTES, "", Keys("200")),
    ("GET", routes::AUTH_NGINX, "", Verified("204")),
    ("POST", routes::AUTH_NGINX, "", Verified("204")),
    ("GET", routes::AUTH_FORWARD, "", Verified("200")),
    ("POST", routes::AUTH_FORWARD, "", Verified("200")),
    ("GET", routes::AUTH_ENVOY, "", Verified("200")),
    ("POST", routes::AUTH_ENVOY, "", Verified("200")),
    ("GET", routes::ALIVE, "", Everybody("200")),
    ("GET", routes::READY, "", Everybody("200")),
    ("GET", routes::METRICS, "", Everybody("200")),
    ("GET", routes::OPENAPI, "", Everybody("200")),
    ("GET", routes::DOCS, "", Everybody("200")),
    // Last: whoever may, is gone.
    ("DELETE", routes::API_WHOAMI, "", RealKeys("204")),
];

impl Access {
    /// The status, and where it leads or why not.
    fn answer(self, principal: Principal) -> &'static str {
        match (self, principal) {
            (Everybody(answer), _) | (SignedIn(answer), Viewer | Admin) | (Admins(answer), Admin) => answer,
            (Admins(_), Viewer) => "403",
            (SignedIn(_) | Admins(_), _) => SIGN_IN_FIRST,
            (Strangers, Viewer | Admin) => "303 /",
            (Strangers, _) => "200",
            (_, Nobody | Viewer | Admin) => "401 no_credentials",
            (_, Forger | WrongSecret) | (Verified(_), OtherProjectsKey) => "401 not_found",
            (_, RotatedSecret) => "401 rotated",
            (RealKeys(answer), _) => answer,
            (_, DisabledKey) => "401 disabled",
            (_, ExpiredKey) => "401 expired",
            (_, ElsewhereKey) => "403 ip_denied",
            (Verified(answer) | Keys(answer), _) => answer,
            (_, BareKey) | (CreatesKey | Changes(_), WeakKey) => "403 insufficient_scope",
            (CreatesKey, _) => "201 /v1/keys/",
            (CreatesAccount, BoundKey) => "403 account_bound",
            (CreatesAccount, _) => "201 /v1/accounts/",
            (Reads | Changes(_), BoundKey | OtherProjectsKey) => "404 no_such_resource",
            (Lists | Reads, _) => "200",
            (Changes(answer), _) => answer,
        }
    }
}

/// A server, and everybody's credentials.
struct World {
    place: Place,
    server: Server,
    people: BTreeMap<&'static str, Client>,
    tokens: BTreeMap<&'static str, String>,
    statics: String,
}

impl World {
    fn new() -> Self {
        let place = Place::new();
        place.add_user("anna", "admin", PASSWORD);
        place.add_user("vera", "viewer", PASSWORD);
        let server = Server::start(&place);
        let people = [("anna", "anna"), ("vera", "vera")].map(|(person, name)| {
            let mut client = server.client();
            client.sign_in(name, PASSWORD);
            (person, client)
        });
        let statics = stylesheet(&server.client().get(routes::SIGN_IN).body);
        let tokens = BTreeMap::from(tokens(&place));
        Self { place, server, people: people.into(), tokens, statics }
    }

    fn headers(&self, principal: Principal) -> Vec<(&'static str, String)> {
        let token = |name: &str| vec![("authorization", basic(&self.tokens[name]))];
        let cookie = |name: &str| {
            let (name, value) = self.people[name].cookies().first_key_value().unwrap();
            vec![("cookie", format!("{name}={value}"))]
        };
        match principal {
            Nobody => vec![],
            Viewer => cookie("vera"),
            Admin => cookie("anna"),
            Key => token("full"),
            BareKey => token("bare"),
            WeakKey => token("weak"),
            DisabledKey => token("disabled"),
            ExpiredKey => token("expired"),
            RotatedSecret => token("rotated"),
            ElsewhereKey => token("elsewhere"),
            BoundKey => token("bound"),
            WrongSecret => token("wrong"),
            OtherProjectsKey => token("other"),
            Forger => {
                let (name, value) = self.people["anna"].cookies().first_key_value().unwrap();
                let forged: String = value.chars().rev().collect();
                [vec![("cookie", format!("{name}={forged}"))], token("deleted")].concat()
            }
        }
    }

    fn send(&self, principal: Principal, (method, path): (&str, &str), body: &str) -> Answer {
        self.send_from(principal, (method, path), body, &[("origin", &self.server.url)])
    }

    fn send_from(
        &self,
        principal: Principal,
        (method, path): (&str, &str),
        body: &str,
        from: &[(&str, &str)],
    ) -> Answer {
        let who = self.headers(principal);
        let mut headers: Vec<(&str, &str)> =
            who.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let media_type =
            if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let has_body = method == "POST" || !body.is_empty();
        if has_body {
            headers.push(("content-type", media_type));
            headers.extend(from);
        }
        self.server.client().send(method, path, &headers, has_body.then_some(body))
    }

    /// The address with a fresh key or account in it.
    fn path(&self, pattern: &str, name: &str) -> String {
        let id = |command: &[&str], key: &str| {
            let made = self.place.json(command);
            let made = if key.is_empty() { &made } else { &made[key] };
            made["id"].as_str().unwrap().to_owned()
        };
        let id = match pattern {
            _ if !pattern.contains("{id}") => String::new(),
            _ if pattern.contains("/scopes/") => {
                let scope = format!("r{}:read", name.to_lowercase());
                self.place.run(&["scope", "add", &scope]).ok();
                scope
            }
            _ if pattern.contains("/presets/") => {
                let name = name.to_lowercase();
                self.send(Admin, ("POST", "/p/default/new-preset"), &format!("name={name}"));
                name
            }
            _ if pattern.contains("/users/") => {
                let name = name.to_lowercase();
                self.place.add_user(&name, "viewer", PASSWORD);
                name
            }
            _ if pattern.contains("/backups/") => {
                let made = self.send(Admin, ("POST", routes::BACKUPS), "");
                made.header("location").unwrap().split_once("&it=").unwrap().1.to_owned()
            }
            _ if pattern.contains("/accounts/") => {
                let account = id(&["account", "create", name], "");
                self.place.create(&[&format!("{name} of an account"), "--account", &account]);
                account
            }
            _ => id(&["create", name], "key"),
        };
        let path = pattern.replace("{project}", "default").replace("{id}", &id);
        path.replace("{path}", "any/path").replace("{code}", "guessed").replace("{file}", &self.statics)
    }

    /// Sends a row's request as somebody; answers with what is wrong about the answer.
    fn try_row(
        &self,
        (method, pattern, form): (&str, &str, &str),
        (principal, access): (Principal, Access),
        path: &str,
    ) -> Option<String> {
        // Whoever signs out would be nobody in the rows after it.
        if pattern == routes::SIGN_OUT && [Viewer, Admin].contains(&principal) {
            return None;
        }
        let page = if form.contains("{nonce}") {
            self.send(principal, ("GET", path), "").body
        } else {
            String::new()
        };
        let form = form.replace("{nonce}", nonce(&page)).replace("{who}", &format!("{principal:?}"));
        let expected = access.answer(principal);
        let told = told(&self.send(principal, (method, path), &form), expected);
        (told != expected)
            .then(|| format!("{method} {pattern} as {principal:?}: `{told}` instead of `{expected}`"))
    }

    fn last_change(&self) -> serde_json::Value {
        self.place.json(&["audit"])["data"][0].clone()
    }
}

fn tokens(place: &Place) -> [(&'static str, String); 11] {
    let catalogue = place.json(&["scope", "list"]);
    let resources = catalogue["data"].as_array().unwrap().iter();
    let scopes: Vec<&str> = resources
        .flat_map(|resource| resource["scopes"].as_array().unwrap())
        .map(|scope| scope["scope"].as_str().unwrap())
        .collect();
    assert_eq!(scopes.len(), 10, "{scopes:?}");
    let with_all: Vec<&str> = scopes.iter().flat_map(|scope| ["--scope", *scope]).collect();
    let own = ["keys:read", "keys:write", "platform:read", "platform:write"];
    let with_own: Vec<&str> = own.iter().flat_map(|scope| ["--scope", *scope]).collect();
    let create = |name, more: &[&str]| place.create(&[&[name], more].concat());
    place.run(&["account", "create", "Own", "--external-id", "own"]).ok();
    let full = create("full", &with_all);
    let (bare, weak) = (create("bare", &["--preset", "none"]), create("weak", &with_own));
    let bound = create("bound", &[with_all.as_slice(), &["--account", "own"]].concat());
    let expired = create("expired", &[with_all.as_slice(), &["--expires", "1s"]].concat());
    let disabled = create("disabled", &with_all);
    place.run(&["disable", "disabled"]).ok();
    let rotated = create("rotated", &with_all);
    place.run(&["rotate", "rotated"]).ok();
    let elsewhere = create("elsewhere", &with_all);
    place.run(&["set", "elsewhere", "--allow-ip", "203.0.113.0/24"]).ok();
    let deleted = create("deleted", &[]);
    place.run(&["delete", "deleted", "--yes"]).ok();
    place.run(&["project", "create", "staging"]).ok();
    let other =
        place.create_by(&[&["--project", "staging", "create", "other"], with_all.as_slice()].concat());
    wait_until("the key has expired", || place.json(&["show", "expired"])["status"] == "expired");
    let id = read_key_id(&full).unwrap();
    let wrong = Token::for_key(&Prefix::default(), id).unwrap().expose().to_owned();
    [
        ("full", full),
        ("bare", bare),
        ("weak", weak),
        ("bound", bound),
        ("expired", expired),
        ("disabled", disabled),
        ("rotated", rotated),
        ("elsewhere", elsewhere),
        ("deleted", deleted),
        ("other", other),
        ("wrong", wrong),
    ]
}

/// The name of a file that the page refers to.
fn stylesheet(page: &str) -> String {
    let at = page.find("/static/").unwrap() + "/static/".len();
    page[at..].split('"').next().unwrap().to_owned()
}

fn nonce(page: &str) -> &str {
    page.split("name=\"nonce\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

/// What the table tells of an answer.
fn told(answer: &Answer, expected: &str) -> String {
    let status = answer.status.to_string();
    let Some((_, detail)) = expected.split_once(' ') else { return status };
    let location = answer.header("location");
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let found = location.or(problem["code"].as_str()).unwrap_or_default();
    let is_as_told = if location.is_some() { found.starts_with(detail) } else { found == detail };
    format!("{status} {}", if is_as_told { detail } else { found })
}

/// What the server registers, out of its source: there is no other list.
pub(crate) fn registered() -> BTreeSet<(&'static str, &'static str)> {
    let source = include_str!("../../../src/web/routes.rs").split("#[cfg(test)]").next().unwrap();
    let patterns: BTreeMap<&str, &str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split_once(": &str = \""))
        .map(|(name, rest)| (name, rest.trim_end_matches("\";")))
        .collect();
    let mut found = BTreeSet::new();
    for registration in source.split("Address::new(").skip(1) {
        let (name, rest) = registration.split_once(')').unwrap();
        let methods = [("GET", ".get("), ("POST", ".post("), ("PATCH", ".patch("), ("DELETE", ".delete(")];
        let taken = methods.into_iter().filter(|(method, call)| {
            // An address that takes any method stands for what is asked most.
            rest.contains(call) || rest.contains(".any(") && ["GET", "POST"].contains(method)
        });
        found.extend(taken.map(|(method, _)| (method, patterns[name])));
    }
    found
}

#[test]
fn every_address_is_in_the_table() {
    let registered = registered();
    assert!(registered.len() > 25, "{registered:?}");
    let table: BTreeSet<_> = TABLE.iter().map(|(method, pattern, ..)| (*method, *pattern)).collect();
    assert_eq!(table.len(), TABLE.len(), "a row stands twice");
    assert_eq!(registered, table);
}

#[test]
fn everybody_gets_what_the_table_says_and_whoever_may_not_changes_nothing() {
    let world = World::new();
    let mut wrong = Vec::new();
    for (n, (method, pattern, form, access)) in TABLE.iter().enumerate() {
        let may = |principal: &Principal| {
            let (answer, is_signed_in) = (access.answer(*principal), [Viewer, Admin].contains(principal));
            matches!(access, SignedIn(_)) && is_signed_in
                || !answer.starts_with('4') && answer != SIGN_IN_FIRST
        };
        let (may, may_not): (Vec<_>, Vec<_>) = PRINCIPALS.into_iter().partition(may);
        let path = world.path(pattern, &format!("row-{n}"));
        let before = world.last_change();
        for principal in &may_not {
            wrong.extend(world.try_row((method, pattern, form), (*principal, *access), &path));
        }
        if !matches!(access, Everybody(_)) {
            assert_eq!(world.last_change(), before, "{method} {pattern}: somebody changed something");
        }
        for principal in may {
            // A change may leave nothing for the next who may.
            let path = match *method {
                "GET" => path.clone(),
                _ => world.path(pattern, &format!("row-{n}-{principal:?}")),
            };
            wrong.extend(world.try_row((method, pattern, form), (principal, *access), &path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.server.stop();
}

#[test]
fn a_form_from_elsewhere_is_refused_at_every_address_and_changes_nothing() {
    let world = World::new();
    let own = world.server.url.clone();
    let elsewhere: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "null")],
        &[("origin", "http://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("sec-fetch-site", "same-site"), ("origin", &own)],
        &[("sec-fetch-site", "cross-site")],
    ];
    for (n, (_, pattern, form, _)) in TABLE
        .iter()
        .filter(|(method, pattern, ..)| {
            *method == "POST" && !pattern.starts_with("/v1/") && !pattern.starts_with("/auth/")
        })
        .enumerate()
    {
        let path = world.path(pattern, &format!("row-{n}"));
        let before = world.last_change();
        for from in elsewhere {
            for principal in [Nobody, Admin] {
                let answer = world.send_from(principal, ("POST", &path), form, from);
                assert_eq!(answer.status, 403, "{pattern} as {principal:?} {from:?}: {answer:?}");
                assert_eq!(answer.header("set-cookie"), None, "{pattern} {from:?}");
            }
        }
        assert_eq!(world.last_change(), before, "{pattern}");
    }
    assert_eq!(world.send(Admin, ("GET", routes::KEYS), "").status, 404, "a pattern is no address");
    assert_eq!(world.send(Admin, ("GET", "/p/default/keys"), "").status, 200, "the session goes on");
    world.server.stop();
}
