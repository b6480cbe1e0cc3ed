//! Users: the last admin stays, and a new password ends sessions.

use keysrv::model::user::{Role, UserName};

use super::{Fixture, IP, operator};

pub(super) const PASSWORD: &str = "tall glass of oat milk";

pub(super) fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

pub(super) fn add(fixture: &Fixture, text: &str, role: Role) {
    fixture.app.add_user(&operator(), &name(text), role, PASSWORD).unwrap();
}

#[test]
fn the_last_admin_is_neither_deleted_nor_demoted() {
    let fixture = Fixture::new();
    add(&fixture, "anna", Role::Admin);
    add(&fixture, "vera", Role::Viewer);
    assert!(fixture.app.delete_user(&operator(), &name("anna")).is_err());
    assert!(fixture.app.set_role(&operator(), &name("anna"), Role::Viewer).is_err());
    fixture.app.set_role(&operator(), &name("vera"), Role::Admin).unwrap();
    fixture.app.delete_user(&operator(), &name("anna")).unwrap();
}

#[test]
fn a_new_password_and_a_deletion_end_the_sessions() {
    let fixture = Fixture::new();
    add(&fixture, "anna", Role::Admin);
    add(&fixture, "vera", Role::Viewer);
    let anna = fixture.app.sign_in("Anna", PASSWORD, IP).unwrap().cookie;
    let vera = fixture.app.sign_in("vera", PASSWORD, IP).unwrap().cookie;
    fixture.app.set_password(&operator(), &name("anna"), "another glass of milk").unwrap();
    fixture.app.delete_user(&operator(), &name("vera")).unwrap();
    assert_eq!(fixture.app.find_session(&anna).unwrap(), None);
    assert_eq!(fixture.app.find_session(&vera).unwrap(), None);
    assert!(fixture.app.sign_in("anna", PASSWORD, IP).is_err());
    fixture.app.sign_in("anna", "another glass of milk", IP).unwrap();
}

#[test]
fn a_role_counts_from_the_next_request_on() {
    let fixture = Fixture::new();
    add(&fixture, "anna", Role::Admin);
    add(&fixture, "bert", Role::Admin);
    let cookie = fixture.app.sign_in("bert", PASSWORD, IP).unwrap().cookie;
    fixture.app.set_role(&operator(), &name("bert"), Role::Viewer).unwrap();
    assert_eq!(fixture.app.find_session(&cookie).unwrap().unwrap().role, Role::Viewer);
}
