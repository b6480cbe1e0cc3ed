//! Accounts and what they do to their keys.

use keysrv::model::account::{Account, AccountFilter, AccountName, ExternalId, Metadata, NewAccount};
use keysrv::model::page::{Limit, PageRequest};

use super::{Fixture, default, key_principal, named, operator};

pub(crate) fn create(fixture: &Fixture, name: &str, external_id: Option<&str>) -> Account {
    fixture.app.create_account(&operator(), &default(), &new(name, external_id)).unwrap()
}

fn new(name: &str, external_id: Option<&str>) -> NewAccount {
    NewAccount {
        name: AccountName::parse(name).unwrap(),
        external_id: external_id.map(|id| ExternalId::parse(id).unwrap()),
        metadata: Metadata::default(),
        enabled: true,
        limits: keysrv::model::limit::LimitsChange::default(),
    }
}

#[test]
fn deleting_an_account_deletes_its_keys_with_an_event_each() {
    let fixture = Fixture::new();
    let account = create(&fixture, "acme", Some("cus_1"));
    let mut tokens = Vec::new();
    for name in ["a", "b"] {
        let mut key = named(name);
        key.account = Some("cus_1".to_owned());
        tokens.push(fixture.create_with(&key).token);
    }
    fixture.create("elsewhere");
    let deleted = fixture.app.delete_account(&operator(), &default(), "cus_1", None).unwrap();
    assert_eq!((deleted.id, deleted.n_keys), (account.id, 2));
    assert!(tokens.iter().all(|token| fixture.code(token.expose()) == "not_found"));
    assert_eq!(fixture.actions()[..3], ["account.deleted", "key.deleted", "key.deleted"]);
    assert_eq!(fixture.app.count_keys(&operator(), &default()).unwrap().total, 1);
}

#[test]
fn an_external_id_is_taken_once_in_a_project() {
    let fixture = Fixture::new();
    create(&fixture, "acme", Some("cus_1"));
    let taken =
        fixture.app.create_account(&operator(), &default(), &new("other", Some("cus_1"))).unwrap_err();
    assert_eq!((taken.code().as_str(), taken.field()), ("taken", Some("external_id")));
    create(&fixture, "acme", None);
    create(&fixture, "acme", None);
}

#[test]
fn pages_of_accounts_meet_without_gap_while_rows_come_and_go() {
    let fixture = Fixture::new();
    let ids: Vec<_> = (0..7).map(|n| create(&fixture, &format!("acc {n}"), None).id).collect();
    let mut page = PageRequest { limit: Limit::parse("3").unwrap(), cursor: None };
    let mut seen = Vec::new();
    loop {
        let list =
            fixture.app.list_accounts(&operator(), &default(), &AccountFilter::default(), &page).unwrap();
        seen.extend(list.items.into_iter().map(|account| account.id));
        create(&fixture, "newcomer", None);
        fixture.app.delete_account(&operator(), &default(), seen.last().unwrap().as_str(), None).unwrap();
        page.cursor = list.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen, ids);
}

#[test]
fn stopping_an_accounts_keys_needs_what_they_hold() {
    let fixture = Fixture::new();
    let account = create(&fixture, "acme", None);
    let mut key = named("a");
    key.account = Some(account.id.to_string());
    key.scopes = Some(super::scopes(&["unified:write"]));
    fixture.create_with(&key);
    for held in [&["platform:write"][..], &["platform:write", "keys:write"]] {
        let refused =
            fixture.app.disable_account(&key_principal(held, None), &default(), account.id.as_str());
        assert_eq!(refused.unwrap_err().code().as_str(), "insufficient_scope");
        let refused =
            fixture.app.delete_account(&key_principal(held, None), &default(), account.id.as_str(), None);
        assert_eq!(refused.unwrap_err().code().as_str(), "insufficient_scope");
    }
    let all = ["platform:write", "keys:write", "unified:write"];
    fixture.app.disable_account(&key_principal(&all, None), &default(), account.id.as_str()).unwrap();
}

#[test]
fn a_bound_key_sees_its_account_alone() {
    let fixture = Fixture::new();
    let mine = create(&fixture, "mine", None);
    let other = create(&fixture, "other", None);
    let who = key_principal(&["platform:read", "platform:write"], Some(mine.id.clone()));
    let page = PageRequest::default();
    let seen = fixture.app.list_accounts(&who, &default(), &AccountFilter::default(), &page).unwrap();
    assert_eq!(seen.items.into_iter().map(|account| account.id).collect::<Vec<_>>(), [mine.id]);
    let refused = fixture.app.get_account(&who, &default(), other.id.as_str()).unwrap_err();
    assert_eq!(refused.code().as_str(), "no_such_resource");
    assert_eq!(
        fixture.app.create_account(&who, &default(), &new("x", None)).unwrap_err().code().as_str(),
        "account_bound"
    );
}
