//! What keys, viewers and strangers may do.

use keysrv::model::key::KeyFilter;
use keysrv::model::page::PageRequest;
use keysrv::model::principal::{Principal, UserPrincipal};
use keysrv::model::user::{Role, UserId, UserName};

use super::{Fixture, default, key_principal, named, reference};

fn viewer() -> Principal {
    let name = UserName::parse("vera").unwrap();
    Principal::User(UserPrincipal { id: UserId(1), name, role: Role::Viewer })
}

#[test]
fn a_key_cannot_grant_a_scope_it_does_not_hold() {
    let fixture = Fixture::new();
    let who = key_principal(&["keys:write", "platform:read"], None);
    let mut new = named("a");
    new.scopes = Some(super::scopes(&["platform:read", "unified:read"]));
    let refused = fixture.app.create_key(&who, &default(), &new).unwrap_err();
    assert_eq!(refused.to_string(), "this needs unified:read, which the key does not hold");
    new.scopes = Some(super::scopes(&["platform:read"]));
    fixture.app.create_key(&who, &default(), &new).unwrap();
}

#[test]
fn a_key_cannot_touch_one_that_is_stronger() {
    let fixture = Fixture::new();
    let token = fixture.create("strong").token;
    let who = key_principal(&["keys:write", "platform:read"], None);
    let key = reference("strong");
    assert!(fixture.app.disable_key(&who, &default(), &key, None).is_err());
    assert!(fixture.app.delete_key(&who, &default(), &key, None).is_err());
    assert!(fixture.app.rotate_key(&who, &default(), &key, None).is_err());
    assert_eq!(fixture.code(token.expose()), "valid");
}

#[test]
fn a_viewer_looks_and_changes_nothing() {
    let fixture = Fixture::new();
    fixture.create("a");
    let list = |who: &Principal| {
        fixture.app.list_keys(who, &default(), &KeyFilter::default(), &PageRequest::default())
    };
    assert_eq!(list(&viewer()).unwrap().items.len(), 1);
    for refused in [
        fixture.app.create_key(&viewer(), &default(), &named("b")).map(|_| ()),
        fixture.app.disable_key(&viewer(), &default(), &reference("a"), None).map(|_| ()),
        fixture.app.delete_key(&viewer(), &default(), &reference("a"), None).map(|_| ()),
        fixture.app.get_user(&viewer(), &UserName::parse("vera").unwrap()).map(|_| ()),
    ] {
        assert_eq!(refused.unwrap_err().code().as_str(), "forbidden");
    }
    assert!(list(&Principal::Stranger("x".to_owned())).is_err());
}

#[test]
fn a_key_sees_nothing_of_another_project() {
    let fixture = Fixture::new();
    let other = keysrv::model::project::ProjectName::parse("other").unwrap();
    let who = key_principal(&["keys:read", "keys:write"], None);
    let refused =
        fixture.app.list_keys(&who, &other, &KeyFilter::default(), &PageRequest::default()).unwrap_err();
    assert_eq!(refused.code().as_str(), "no_such_resource");
}
