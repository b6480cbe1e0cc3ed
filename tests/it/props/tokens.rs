//! Tokens: what is made is read, what is changed is refused, and nothing else is a token.

use keysrv::crypto::token::{Token, read_key_id};
use keysrv::model::project::Prefix;
use keysrv::model::text::contains_token;
use proptest::prelude::*;

fn prefix() -> impl Strategy<Value = Prefix> {
    "[a-z][a-z0-9_]{0,18}[a-z0-9]".prop_map(|text| Prefix::parse(&text).unwrap())
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn every_token_that_is_made_is_read_back(prefix in prefix()) {
        let token = Token::generate(&prefix).unwrap();
        prop_assert_eq!(read_key_id(token.expose()), Some(token.key_id()));
        prop_assert!(contains_token(token.expose()));
        let inside = format!("x{}y", token.expose());
        prop_assert!(contains_token(&inside));
    }

    #[test]
    fn a_token_with_one_other_character_is_refused(prefix in prefix(), at in any::<prop::sample::Index>(), c in any::<char>()) {
        let token = Token::generate(&prefix).unwrap();
        let at = at.index(token.expose().len());
        let mut changed: Vec<char> = token.expose().chars().collect();
        prop_assume!(changed[at] != c);
        changed[at] = c;
        prop_assert_eq!(read_key_id(&changed.into_iter().collect::<String>()), None);
    }

    #[test]
    fn a_token_that_was_cut_or_grew_is_refused(prefix in prefix(), cut in 1..40_usize, more in "[0-9A-Za-z_]{1,5}") {
        let token = Token::generate(&prefix).unwrap();
        let text = token.expose();
        prop_assert_eq!(read_key_id(&text[..text.len() - cut]), None);
        prop_assert_eq!(read_key_id(&format!("{text}{more}")), None);
    }

    #[test]
    fn anything_at_all_is_read_without_a_panic(text in ".*") {
        let _ = read_key_id(&text);
        let _ = contains_token(&text);
    }
}
