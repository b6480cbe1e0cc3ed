//! The form for a new key and the page that shows its token once.

use super::{KEYS, Site, hidden, location, shows};
use crate::harness::Client;

const NEW: &str = "/p/default/keys/new";

/// The fields of the form as it is shown first, with a name.
fn filled(client: &mut Client, name: &str) -> Vec<(String, String)> {
    let page = client.get(NEW);
    let levels = [
        ("platform", "read+write"),
        ("actions", "execute"),
        ("connectors", "read"),
        ("credentials", "off"),
        ("unified", "read+write"),
        ("keys", "off"),
    ];
    let rows = levels.map(|(resource, level)| (format!("level.{resource}"), level.to_owned()));
    let mut fields = vec![
        ("nonce".to_owned(), hidden(&page, "nonce")),
        ("name".to_owned(), name.to_owned()),
        ("shown_preset".to_owned(), hidden(&page, "shown_preset")),
        ("preset".to_owned(), "defaults".to_owned()),
        ("step".to_owned(), "generate".to_owned()),
    ];
    fields.extend(rows);
    fields
}

fn send(client: &mut Client, fields: &[(String, String)]) -> crate::harness::Answer {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_form(NEW, &fields)
}

fn set(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    fields.retain(|(field, _)| field != name);
    fields.push((name.to_owned(), value.to_owned()));
}

#[test]
fn a_form_that_is_sent_twice_makes_one_key_and_shows_one_token() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let fields = filled(&mut anna, "once");
    let first = location(&send(&mut anna, &fields));
    let second = location(&send(&mut anna, &fields));
    assert_eq!(first, second);
    shows(&anna.get(&first), 200, &["Your new key: once", "curl -u ks_"]);
    shows(&anna.get(&first), 200, &["Already shown: once"]);
    let third = location(&send(&mut anna, &fields));
    assert!(!anna.get(&third).body.contains("curl -u"));
    assert_eq!(site.place.json(&["list"])["data"].as_array().unwrap().len(), 1);
}

#[test]
fn a_form_that_is_changed_and_sent_again_makes_another_key() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let mut fields = filled(&mut anna, "one");
    let first = location(&send(&mut anna, &fields));
    set(&mut fields, "name", "two");
    assert_ne!(location(&send(&mut anna, &fields)), first);
}

#[test]
fn a_token_is_shown_to_the_session_that_made_it_alone() {
    let site = Site::start();
    let (mut anna, mut elsewhere) = (site.as_user("anna"), site.as_user("anna"));
    let fields = filled(&mut anna, "mine");
    let page = location(&send(&mut anna, &fields));
    shows(&elsewhere.get(&page), 200, &["Already shown: mine"]);
    assert_eq!(anna.send("HEAD", &page, &[], None).status, 200, "nobody reads the answer to this");
    shows(&anna.get(&page), 200, &["Your new key: mine"]);
}

#[test]
fn a_form_with_mistakes_comes_back_as_it_was_filled_in_and_names_each() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let mut fields = filled(&mut anna, " spaces around ");
    set(&mut fields, "expires", "date");
    set(&mut fields, "expires_on", "2020-02-03");
    set(&mut fields, "level.keys", "read");
    let page = send(&mut anna, &fields);
    shows(
        &page,
        422,
        &[
            "value=\" spaces around \"",
            "id=\"name-error\"",
            "value=\"2020-02-03\"",
            "`2020-02-03` is in the past",
            "Custom: 7 of 10",
            "name=\"level.keys\" value=\"read\" data-n=\"1\" checked",
        ],
    );
    assert_eq!(site.place.json(&["list"])["data"].as_array().unwrap().len(), 0);
}

#[test]
fn a_taken_name_comes_back_at_its_field() {
    let site = Site::start();
    site.create(&["taken"]);
    let mut anna = site.as_user("anna");
    let fields = filled(&mut anna, "taken");
    shows(&send(&mut anna, &fields), 409, &["id=\"name-error\"", "`taken`"]);
}

#[test]
fn a_whole_token_as_a_name_is_refused_and_not_shown_back() {
    let site = Site::start();
    let token = site.place.create(&["real"]);
    let mut anna = site.as_user("anna");
    let fields = filled(&mut anna, &token);
    let page = send(&mut anna, &fields);
    shows(&page, 422, &["contains a whole API token"]);
    assert!(!page.body.contains(&token));
}

#[test]
fn a_preset_that_is_chosen_without_script_is_granted() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let mut fields = filled(&mut anna, "agent");
    set(&mut fields, "preset", "ai-agent");
    let page = location(&send(&mut anna, &fields));
    shows(&anna.get(&page), 200, &["credentials:read"]);
    let scopes = site.place.json(&["show", "agent"])["scopes"].clone();
    assert_eq!(
        scopes,
        serde_json::json!(["actions:execute", "connectors:read", "credentials:read", "platform:read"])
    );
}

#[test]
fn a_preset_button_sets_the_rows_and_keeps_what_was_typed() {
    let site = Site::start();
    let mut anna = site.as_user("anna");
    let mut fields = filled(&mut anna, "half-typed");
    set(&mut fields, "preset", "read-only");
    set(&mut fields, "step", "preset");
    shows(
        &send(&mut anna, &fields),
        200,
        &["value=\"half-typed\"", "Read only: 3 of 10", "data-scopes data-total=\"10\" open"],
    );
    shows(&anna.get("/p/default/keys/new?preset=none"), 200, &["None: 0 of 10"]);
}

#[test]
fn a_key_gets_its_account_and_its_end() {
    let site = Site::start();
    let account = site.place.json(&["account", "create", "Acme"]);
    let id = account["id"].as_str().unwrap();
    let mut anna = site.as_user("anna");
    let mut fields = filled(&mut anna, "bound");
    set(&mut fields, "account", id);
    set(&mut fields, "expires", "30d");
    location(&send(&mut anna, &fields));
    let key = site.place.json(&["show", "bound"]);
    assert_eq!(key["account"]["id"], id);
    assert!(key["expires_at"].is_string());
    set(&mut fields, "name", "unbound");
    set(&mut fields, "account", "acc_000000000000");
    shows(
        &send(&mut anna, &fields),
        404,
        &["id=\"account-error\"", "there is no account `acc_000000000000`"],
    );
}

#[test]
fn what_people_type_stays_text_on_every_page() {
    const HOSTILE: &str = "<img src=x onerror=alert(1)>'\"&amp;";
    let site = Site::start();
    let account = site.place.json(&["account", "create", HOSTILE, "--external-id", HOSTILE]);
    let account = account["id"].as_str().unwrap().to_owned();
    let id = site.create(&[HOSTILE, "--note", HOSTILE, "--account", &account]);
    let mut anna = site.as_user("anna");
    let encoded: String = form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    let pages = [
        KEYS.to_owned(),
        format!("{KEYS}?q={encoded}"),
        format!("{KEYS}?status={encoded}"),
        format!("{KEYS}/{id}"),
        format!("{KEYS}/{id}/delete"),
        format!("{KEYS}/{id}/token"),
        format!("{KEYS}?done=enabled&it={id}"),
        NEW.to_owned(),
        "/p/default/accounts".to_owned(),
        format!("/p/default/accounts/{account}/disable"),
        "/server/audit".to_owned(),
        format!("/server/audit?target={encoded}"),
        format!("/sign-in?next={encoded}"),
    ];
    for path in pages {
        let page = anna.get(&path);
        assert!(!page.body.contains("<img"), "{path}: {}", page.body);
    }
}

#[test]
fn with_more_accounts_than_fit_a_list_the_account_is_typed() {
    let place = crate::harness::Place::new();
    place.add_user("anna", "admin", super::PASSWORD);
    fill_accounts(&place, 201);
    let server = crate::harness::Server::start(&place);
    let mut anna = server.client();
    anna.sign_in("anna", super::PASSWORD);
    shows(&anna.get(NEW), 200, &["placeholder=\"Account id or external id\""]);
    let mut fields = filled(&mut anna, "typed");
    set(&mut fields, "account", "cust-7");
    location(&send(&mut anna, &fields));
    assert_eq!(place.json(&["show", "typed"])["account"]["external_id"], "cust-7");
}

fn fill_accounts(place: &crate::harness::Place, n: usize) {
    use keysrv::model::account::{AccountName, ExternalId, Metadata, NewAccount};
    let clock = std::sync::Arc::new(keysrv::clock::SystemClock);
    let app = keysrv::app::App::open(&place.data(), clock).unwrap();
    let who = keysrv::model::principal::Principal::Operator("test".to_owned());
    for at in 0..n {
        let new = NewAccount {
            name: AccountName::parse(&format!("Customer {at}")).unwrap(),
            external_id: Some(ExternalId::parse(&format!("cust-{at}")).unwrap()),
            metadata: Metadata::default(),
            enabled: true,
            limits: keysrv::model::limit::LimitsChange::default(),
        };
        app.create_account(&who, &keysrv::model::project::ProjectName::default(), &new).unwrap();
    }
}

#[test]
fn a_longest_lifetime_is_shown_and_counts() {
    let site = Site::start();
    site.place.run(&["project", "set", "default", "--max-lifetime", "60d"]).ok();
    let mut anna = site.as_user("anna");
    let page = anna.get(&format!("{KEYS}/new"));
    shows(&page, 200, &["Keys of this project live 60d at most.", "In 60d, the longest", "In 30 days"]);
    assert!(!page.body.contains("In 90 days") && !page.body.contains(">Never<"), "{}", page.body);
    let nonce = hidden(&page, "nonce");
    let refused =
        anna.post_form(&format!("{KEYS}/new"), &[("name", "a"), ("nonce", &nonce), ("expires", "never")]);
    shows(&refused, 422, &["later than the project allows"]);
    location(
        &anna.post_form(&format!("{KEYS}/new"), &[("name", "a"), ("nonce", &nonce), ("expires", "longest")]),
    );
    assert!(site.place.json(&["show", "a"])["expires_at"].is_string());
}

#[test]
fn a_key_is_made_like_another_one() {
    let site = Site::start();
    let made = ["first", "--scope", "keys:read", "--note", "for the build", "--expires", "30d"];
    let id = site.create(&made);
    let mut anna = site.as_user("anna");
    let link = format!("{KEYS}/new?like={id}");
    shows(&anna.get(&format!("{KEYS}/{id}")), 200, &[&link, "Create one like this"]);
    let page = anna.get(&link);
    shows(&page, 200, &["Like first:", "As long as first"]);
    let fields = [
        ("name", "second"),
        ("nonce", &hidden(&page, "nonce")),
        ("like", &hidden(&page, "like")),
        ("expires", "like"),
        ("level.keys", "read"),
    ];
    location(&anna.post_form(&format!("{KEYS}/new"), &fields));
    let second = site.place.json(&["show", "second"]);
    assert_eq!((&second["note"], &second["scopes"][0]), (&"for the build".into(), &"keys:read".into()));
    assert!(second["expires_at"].is_string());
}
