//! Values that people and programs write: parsed ones read back the same, others are refused
//! without a panic.

use keysrv::model::expiry::{Span, parse_expiry};
use keysrv::model::key::{KeyName, KeyRef};
use keysrv::model::page::Cursor;
use keysrv::model::scope::{Scope, ScopeSet};
use proptest::prelude::*;

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn a_set_of_scopes_reads_back_from_its_text(names in prop::collection::vec("[a-z][a-z0-9_-]{0,8}:[a-z]{1,8}", 0..20)) {
        let set = ScopeSet::parse(names.iter().map(String::as_str)).unwrap();
        let text = set.to_text();
        prop_assert_eq!(&ScopeSet::parse(text.split_ascii_whitespace()).unwrap(), &set);
        prop_assert!(set.missing(&set).is_empty());
        for name in &names {
            prop_assert!(set.contains(&Scope::parse(name).unwrap()));
        }
    }

    #[test]
    fn a_cursor_reads_back_from_its_text(value in ".*", seq in any::<i64>(), order in "[a-z]") {
        let cursor = Cursor { order: order.chars().next().unwrap(), value, seq };
        prop_assert_eq!(Cursor::parse(&cursor.encode(), cursor.order), Ok(cursor.clone()));
    }

    #[test]
    fn a_length_of_time_adds_and_subtracts_to_nothing(n in 0..800_000_u32, unit in "[smh]") {
        let now: jiff::Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let span = Span::parse("overlap", &format!("{n}{unit}")).unwrap();
        prop_assert_eq!(span.before(span.after(now)), now);
    }

    #[test]
    fn whatever_is_written_is_read_or_refused_and_never_panics(text in any::<String>()) {
        let now: jiff::Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        if let Ok(Some(at)) = parse_expiry(&text, now) {
            prop_assert!(at > now);
        }
        let _ = Cursor::parse(&text, 'c');
        let _ = Scope::parse(&text);
        let _ = KeyRef::parse(&text);
        if let Ok(name) = KeyName::parse(&text) {
            prop_assert!(!name.as_str().chars().any(char::is_control));
            prop_assert_eq!(name.as_str().trim(), name.as_str());
        }
    }
}
