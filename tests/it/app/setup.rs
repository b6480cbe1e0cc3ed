//! The beginning: all of a database or none of it, and the one-time link.

use std::sync::Arc;

use jiff::SignedDuration;
use keysrv::app::setup::{FirstAdmin, init};
use keysrv::clock::{Clock, SystemClock};
use keysrv::model::scope::Catalogue;
use keysrv::model::user::Role;
use keysrv::store::{StoreError, exists};

use super::users::{PASSWORD, add, name};
use super::{Fixture, IP, operator};

#[test]
fn a_second_init_fails_and_changes_nothing() {
    let fixture = Fixture::new();
    let before = std::fs::read(fixture.dir.path().join("keysrv.db")).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let again = init(fixture.dir.path(), &clock, &operator(), &Catalogue::empty(), None);
    assert!(matches!(again, Err(keysrv::app::Error::Store(StoreError::Exists(_)))));
    assert_eq!(std::fs::read(fixture.dir.path().join("keysrv.db")).unwrap(), before);
}

#[test]
fn a_weak_password_leaves_no_database() {
    let dir = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (anna, password) = (name("anna"), "annaannaanna");
    let admin = FirstAdmin { name: &anna, password };
    let refused = init(dir.path(), &clock, &operator(), &Catalogue::empty(), Some(&admin));
    assert!(refused.unwrap_err().to_string().contains("tried first"));
    assert!(!exists(dir.path()));
}

#[test]
fn the_setup_link_makes_one_admin_and_dies() {
    let fixture = Fixture::new();
    let stale = fixture.app.new_setup_code().unwrap().unwrap();
    let code = fixture.app.new_setup_code().unwrap().unwrap();
    assert!(!fixture.app.is_setup_code(&stale).unwrap(), "a new code voids the one before");
    assert!(fixture.app.set_up("wrong", &name("anna"), PASSWORD, IP).is_err());
    let signed_in = fixture.app.set_up(&code, &name("anna"), PASSWORD, IP).unwrap();
    assert_eq!(signed_in.user.role, Role::Admin);
    assert!(fixture.app.find_session(&signed_in.cookie).unwrap().is_some());
    assert!(fixture.app.set_up(&code, &name("bert"), PASSWORD, IP).is_err());
    assert_eq!(fixture.app.new_setup_code().unwrap(), None);
}

#[test]
fn the_setup_link_holds_half_an_hour_and_not_beside_a_user() {
    let fixture = Fixture::new();
    let code = fixture.app.new_setup_code().unwrap().unwrap();
    fixture.clock.advance(SignedDuration::from_mins(30));
    assert!(!fixture.app.is_setup_code(&code).unwrap());
    let code = fixture.app.new_setup_code().unwrap().unwrap();
    add(&fixture, "anna", Role::Admin);
    assert!(fixture.app.set_up(&code, &name("bert"), PASSWORD, IP).is_err());
}
