//! Text that would run if a page took it for anything but text: five hundred of it, in every field
//! that is kept, on every page that shows it.

use std::sync::Arc;

use keysrv::app::App;
use keysrv::app::presets::PresetChange;
use keysrv::app::scopes::ScopeChange;
use keysrv::clock::SystemClock;
use keysrv::model::account::{AccountName, ExternalId, Metadata, NewAccount};
use keysrv::model::key::{KeyName, KeyRef, NewKey, Note};
use keysrv::model::limit::LimitsChange;
use keysrv::model::principal::Principal;
use keysrv::model::project::ProjectName;
use keysrv::model::scope::{PresetName, PresetScope, Scope};
use serde_json::json;

use super::Site;
use crate::harness::Look;
use crate::harness::client::basic;

const N: usize = 500;

/// What each of them is made of: what opens, and what would run.
const OPENINGS: [&str; 10] = ["", "'", "\"", "`", "\">", "'>", "</b>", "</title>", "-->", "{{"];
const RUNS: [&str; 10] = [
    "<script>hasRun=1</script>",
    "<img src=x onerror=hasRun=1>",
    "<svg onload=hasRun=1>",
    "<details open ontoggle=hasRun=1>",
    "javascript:hasRun=1",
    "<iframe srcdoc='<p onclick=hasRun=1>'>",
    "<style>*{color:red}</style>",
    "<base href=//evil.example/>",
    "onmouseover=hasRun=1 x=",
    "%3Cscript%3EhasRun=1%3C/script%3E",
];
const ENDS: [&str; 5] = ["", "{% raw %}", "&lt;", "<!--", "\\u003c"];

fn hostile() -> impl Iterator<Item = String> {
    (0..N).map(|n| {
        let (open, run, end) = (OPENINGS[n % 10], RUNS[n / 10 % 10], ENDS[n / 100]);
        format!("{open}{run}{end}{n}").trim().to_owned()
    })
}

/// What no page of keysrv has, so that it came out of a text.
const FOREIGN: &str = "
    const found = [...document.querySelectorAll(
        'script:not([src]), body script, style, iframe, base, object, embed, img, details[ontoggle], a[href^=\"javascript\" i]')];
    for (const e of document.querySelectorAll('*')) {
        if ([...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'style')) found.push(e);
    }
    return found.map((e) => e.outerHTML.slice(0, 150)).concat(window.hasRun ? ['a text has run'] : [])";

/// Keeps one of the texts in every field; answers with the ids of the keys.
fn keep(site: &Site) -> Vec<String> {
    let app = App::open(&site.place.data(), Arc::new(SystemClock)).unwrap();
    let project = ProjectName::default();
    let mut ids = Vec::new();
    for (n, text) in hostile().enumerate() {
        // The name of a shell's user is what the system says it is.
        let who = Principal::Operator(text.clone());
        let account = NewAccount {
            name: AccountName::parse(&text).unwrap(),
            external_id: Some(ExternalId::parse(&text).unwrap()),
            metadata: Metadata::default(),
            enabled: true,
            limits: LimitsChange::default(),
        };
        let account = app.create_account(&who, &project, &account).unwrap();
        let key = NewKey {
            note: Note::parse("note", &text).unwrap(),
            metadata: Metadata::parse(&json!({ text.clone(): text.clone() }).to_string()).unwrap(),
            account: Some(account.id.to_string()),
            ..NewKey::named(KeyName::parse(&text).unwrap())
        };
        let created = app.create_key(&who, &project, &key).unwrap();
        let id = created.key.facts.id;
        if n % 60 == 0 {
            refuse(site, created.token.expose(), &text);
        }
        if n % 5 == 0 {
            let reason = Note::parse("reason", &text).unwrap();
            app.disable_key(&who, &project, &KeyRef::from(id), reason.as_ref()).unwrap();
        }
        if n % 10 == 0 {
            let scope = Scope::parse(&format!("r{n}:read")).unwrap();
            let words = || Some(text.chars().take(40).collect::<String>());
            let about = ScopeChange {
                resource_label: words(),
                description: Some(text.clone()),
                action_label: words(),
                ..ScopeChange::default()
            };
            app.add_scope(&who, &project, &scope, &about).unwrap();
        }
        if n % 25 == 0 {
            let name = PresetName::parse(&format!("p{n}")).unwrap();
            let read = PresetScope { scope: Scope::parse("platform:read").unwrap(), reason: text.clone() };
            let about = PresetChange {
                label: Some(text.chars().take(40).collect::<String>().trim().to_owned()),
                scopes: Some(vec![read]),
            };
            app.add_preset(&who, &project, &name, &about).unwrap();
        }
        ids.push(id.to_string());
    }
    ids
}

/// Has a proxy ask about a request with the text in its path, which the key's page tells.
fn refuse(site: &Site, token: &str, text: &str) {
    let (auth, target) = (basic(token), format!("/{text}"));
    let about = [("authorization", auth.as_str()), ("x-original-method", "GET"), ("x-original-uri", &target)];
    assert_eq!(site.server.client().send("GET", "/auth/nginx", &about, None).status, 403, "{text}");
}

/// Keeps the text as the contact of the project, of which there is one.
fn keep_contact(site: &Site, text: &str) {
    let contact = format!("--contact={text}");
    site.place.run(&["project", "set", "default", &contact, "--show-reason", "on"]).ok();
}

#[test]
fn five_hundred_hostile_texts_in_every_field_stay_texts() {
    let site = Site::start();
    site.place.run(&["route", "add", "GET", "/nothing/else"]).ok();
    let ids = keep(&site);
    assert_eq!(ids.len(), N);
    let browser = site.browse(Look::default());
    let look = |what: &str| {
        assert_eq!(browser.run(FOREIGN), json!([]), "{what}");
        let refused: Vec<String> =
            browser.console().into_iter().filter(|line| !line.contains("a status of")).collect();
        assert!(refused.is_empty(), "{what}: {refused:?}");
    };
    for list in ["/p/default/keys", "/p/default/accounts", "/server/audit"] {
        browser.go(list);
        for page in 0..10 {
            look(&format!("{list}, page {page}"));
            let next =
                browser.run("return document.querySelector('a[rel=next]')?.getAttribute('href') ?? ''");
            match next.as_str().unwrap() {
                "" => break,
                next => browser.go(next),
            }
        }
    }
    let selected = ids[..50].join("&key=");
    let mut others = vec![
        "/p/default/scopes".to_owned(),
        "/p/default/keys/new".to_owned(),
        "/p/default/routes".to_owned(),
        format!("/p/default/selected-keys?do=delete&key={selected}"),
    ];
    for id in ids.iter().step_by(60) {
        let of_key = ["", "/disable", "/rotate", "/limits", "/explain", "/delete"];
        others.extend(of_key.map(|page| format!("/p/default/keys/{id}{page}")));
    }
    for text in hostile().step_by(27) {
        let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        others.push(format!("/p/default/keys?q={text}"));
        others.push(format!("/p/default/keys?status={text}"));
        others.push(format!("/server/audit?target={text}&by={text}"));
        others.push(format!("/no/{text}"));
    }
    for n in (0..N).step_by(100) {
        others.push(format!("/p/default/presets/p{n}"));
        others.push(format!("/p/default/presets/p{n}/remove"));
        others.push(format!("/p/default/scopes/r{n}%3Aread"));
        others.push(format!("/p/default/scopes/r{n}%3Aread/remove"));
    }
    for page in others {
        browser.go(&page);
        look(&page);
    }
    for text in hostile().step_by(41) {
        keep_contact(&site, &text);
        browser.go("/p/default/settings");
        assert_eq!(browser.run("return document.querySelector('[name=contact]').value"), text.as_str());
        look(&format!("the contact {text}"));
    }
}
