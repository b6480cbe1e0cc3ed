//! Signing in: who is wrong learns nothing, who guesses waits, and sessions end.

use jiff::SignedDuration;
use keysrv::app::Error;
use keysrv::model::user::Role;

use super::users::{PASSWORD, add};
use super::{Fixture, IP};

fn signed_in() -> (Fixture, String) {
    let fixture = Fixture::new();
    add(&fixture, "anna", Role::Admin);
    let cookie = fixture.app.sign_in("anna", PASSWORD, IP).unwrap().cookie.to_string();
    (fixture, cookie)
}

#[test]
fn a_session_ends_after_half_an_hour_without_a_request() {
    let (fixture, cookie) = signed_in();
    for _ in 0..3 {
        fixture.clock.advance(SignedDuration::from_mins(29));
        assert!(fixture.app.find_session(&cookie).unwrap().is_some());
    }
    fixture.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(fixture.app.find_session(&cookie).unwrap(), None);
}

#[test]
fn a_session_ends_after_twelve_hours_in_any_case() {
    let (fixture, cookie) = signed_in();
    for _ in 0..(12 * 3 - 1) {
        fixture.clock.advance(SignedDuration::from_mins(20));
        assert!(fixture.app.find_session(&cookie).unwrap().is_some());
    }
    fixture.clock.advance(SignedDuration::from_mins(20));
    assert_eq!(fixture.app.find_session(&cookie).unwrap(), None);
}

#[test]
fn signing_out_ends_the_session_and_only_the_hash_is_kept() {
    let (fixture, cookie) = signed_in();
    let database = std::fs::read(fixture.dir.path().join("keysrv.db")).unwrap();
    assert!(!database.windows(cookie.len()).any(|bytes| bytes == cookie.as_bytes()));
    fixture.app.sign_out(&cookie).unwrap();
    fixture.app.sign_out(&cookie).unwrap();
    assert_eq!(fixture.app.find_session(&cookie).unwrap(), None);
    assert_eq!(fixture.actions()[..2], ["user.signed_out", "user.signed_in"]);
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_one_answer() {
    let (fixture, _) = signed_in();
    for (name, password) in
        [("anna", "wrong"), ("nobody", PASSWORD), ("", ""), ("\u{202E}", "x"), ("-", PASSWORD)]
    {
        let refused = fixture.app.sign_in(name, password, IP).err().unwrap();
        assert!(matches!(refused, Error::SignInFailed), "{name}: {refused}");
    }
}

#[test]
fn who_guesses_waits_and_is_recorded_once_a_minute() {
    let (fixture, _) = signed_in();
    for _ in 0..5 {
        assert!(matches!(fixture.app.sign_in("anna", "wrong", IP).err(), Some(Error::SignInFailed)));
    }
    let refused = fixture.app.sign_in("anna", PASSWORD, IP).err().unwrap();
    assert!(matches!(refused, Error::TooManyAttempts { retry_after_seconds: 1..=2 }), "{refused}");
    fixture.clock.advance(SignedDuration::from_secs(2));
    fixture.app.sign_in("anna", PASSWORD, IP).unwrap();
    let failures = fixture.actions().iter().filter(|action| *action == "user.sign_in_failed").count();
    assert_eq!(failures, 1);
}

#[test]
fn a_user_keeps_at_most_twenty_sessions() {
    let (fixture, oldest) = signed_in();
    for _ in 0..20 {
        fixture.clock.advance(SignedDuration::from_secs(1));
        fixture.app.sign_in("anna", PASSWORD, IP).unwrap();
    }
    assert_eq!(fixture.app.find_session(&oldest).unwrap(), None);
}
