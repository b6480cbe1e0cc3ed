//! Lists of keys: filters, orders, and pages that stay exact.

use jiff::SignedDuration;
use keysrv::model::key::{KeyFilter, KeyOrder, KeyStatus};
use keysrv::model::page::{Limit, PageRequest};
use keysrv::model::scope::Scope;

use super::{Fixture, default, named, operator, reference};

fn names(fixture: &Fixture, filter: &KeyFilter) -> Vec<String> {
    let mut page = PageRequest { limit: Limit::parse("2").unwrap(), cursor: None };
    let mut names = Vec::new();
    loop {
        let list = fixture.app.list_keys(&operator(), &default(), filter, &page).unwrap();
        names.extend(list.items.iter().map(|key| key.facts.name.to_string()));
        page.cursor = list.next_cursor;
        if page.cursor.is_none() {
            return names;
        }
    }
}

#[test]
fn each_order_pages_through_every_key_once() {
    let fixture = Fixture::new();
    let tokens: Vec<_> = ["b", "a", "d", "c", "e"].map(|name| fixture.create(name).token).into();
    for at in [3, 0] {
        fixture.clock.advance(SignedDuration::from_secs(1));
        fixture.verify(tokens[at].expose(), &[]);
    }
    let ordered = |order| names(&fixture, &KeyFilter { order, ..KeyFilter::default() });
    assert_eq!(ordered(KeyOrder::Created), ["e", "c", "d", "a", "b"]);
    assert_eq!(ordered(KeyOrder::Name), ["a", "b", "c", "d", "e"]);
    assert_eq!(ordered(KeyOrder::LastUsed), ["b", "c", "e", "d", "a"]);
}

#[test]
fn every_filter_lets_through_what_it_says() {
    let fixture = Fixture::new();
    let account = super::accounts::create(&fixture, "Acme_100%", Some("cus_9"));
    let old = fixture.create("old").token;
    fixture.verify(old.expose(), &[]);
    fixture.create("idle");
    fixture.clock.advance(SignedDuration::from_hours(24 * 40));
    let mut owned = named("Owned");
    owned.account = Some(account.id.to_string());
    owned.scopes = Some(super::scopes(&["keys:read"]));
    let owned = fixture.create_with(&owned);
    fixture.app.disable_key(&operator(), &default(), &reference("old"), None).unwrap();

    let only = |edit: &dyn Fn(&mut KeyFilter)| {
        let mut filter = KeyFilter::default();
        edit(&mut filter);
        names(&fixture, &filter)
    };
    assert_eq!(only(&|f| f.q = Some("OWN".to_owned())), ["Owned"]);
    assert_eq!(only(&|f| f.q = Some("e_100%".to_owned())), ["Owned"]);
    assert_eq!(only(&|f| f.q = Some("00%".to_owned())), ["Owned"], "a per cent sign is only that");
    assert_eq!(only(&|f| f.q = Some(owned.key.facts.visible_start())), ["Owned"]);
    assert_eq!(only(&|f| f.status = Some(KeyStatus::Disabled)), ["old"]);
    assert_eq!(only(&|f| f.status = Some(KeyStatus::Active)), ["Owned", "idle"]);
    assert_eq!(only(&|f| f.scope = Some(Scope::parse("keys:read").unwrap())), ["Owned"]);
    assert_eq!(only(&|f| f.account = Some("cus_9".to_owned())), ["Owned"]);
    assert_eq!(only(&|f| f.never_used = true), ["Owned", "idle"]);
    let month_ago = fixture.app.now() - SignedDuration::from_hours(24 * 30);
    assert_eq!(only(&|f| f.unused_since = Some(month_ago)), ["idle", "old"], "a young key has had no time");
    fixture.app.disable_account(&operator(), &default(), "cus_9").unwrap();
    assert_eq!(only(&|f| f.status = Some(KeyStatus::AccountDisabled)), ["Owned"]);
}

#[test]
fn a_cursor_of_another_order_and_a_token_as_search_are_refused() {
    let fixture = Fixture::new();
    let token = fixture.create("a").token;
    fixture.create("b");
    let page = PageRequest { limit: Limit::parse("1").unwrap(), cursor: None };
    let list =
        |filter: &KeyFilter, page: &PageRequest| fixture.app.list_keys(&operator(), &default(), filter, page);
    let cursor = list(&KeyFilter::default(), &page).unwrap().next_cursor;
    let by_name = KeyFilter { order: KeyOrder::Name, ..KeyFilter::default() };
    assert_eq!(list(&by_name, &PageRequest { cursor, ..page }).unwrap_err().field(), Some("cursor"));
    let searching = KeyFilter { q: Some(token.expose().to_owned()), ..KeyFilter::default() };
    assert_eq!(list(&searching, &PageRequest::default()).unwrap_err().code().as_str(), "contains_token");
}
