//! The token that a request presents, out of its headers.
//!
//! `Authorization` (`Basic` with the token as user name and an empty password, or `Bearer`) and
//! `X-API-Key` carry the same token; nothing else does, and never the query. Own parser, since the
//! usual one refuses `BASIC`, refuses two spaces and lets NUL through (RFC 9110 §11.6.2, RFC 7617).
//!
//! Not here: whether the text is a token at all (`crypto::token`, through `app`).

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::head::{Lines, text};
use crate::model::code::Code;

/// The header that carries nothing but the token.
const X_API_KEY: &str = "x-api-key";
const AUTHORIZATION: &str = "authorization";
/// The longest header that is read; the longest token fits five times.
const HEADER_BYTES_MAX: usize = 512;

/// The one token that the headers present.
///
/// # Errors
/// [`Code::AmbiguousCredentials`] for two different ones (the same one twice is fine),
/// [`Code::Malformed`] when a header that should carry one cannot be read,
/// [`Code::NoCredentials`] when there is none.
pub fn read_token(lines: Lines<'_>) -> Result<Cow<'_, str>, Code> {
    let authorizations = lines.all(AUTHORIZATION).map(read_authorization);
    let api_keys = lines.all(X_API_KEY).map(read_text);
    let mut found = None;
    let mut is_malformed = false;
    for presented in authorizations.chain(api_keys) {
        match (presented, &found) {
            (None, _) => is_malformed = true,
            (Some(token), Some(other)) if token != *other => return Err(Code::AmbiguousCredentials),
            (Some(token), _) => found = Some(token),
        }
    }
    if is_malformed { Err(Code::Malformed) } else { found.ok_or(Code::NoCredentials) }
}

fn read_authorization(value: &[u8]) -> Option<Cow<'_, str>> {
    let text = bounded(value)?;
    let (scheme, rest) = text.split_once(' ')?;
    let rest = rest.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Cow::Borrowed(rest));
    }
    if scheme.eq_ignore_ascii_case("basic") { read_basic(rest).map(Cow::Owned) } else { None }
}

fn read_text(value: &[u8]) -> Option<Cow<'_, str>> {
    bounded(value).filter(|text| !text.is_empty()).map(Cow::Borrowed)
}

fn bounded(value: &[u8]) -> Option<&str> {
    if value.len() > HEADER_BYTES_MAX { None } else { text(value) }
}

/// The user name, if the password is empty: whoever types a password here means something else.
fn read_basic(base64: &str) -> Option<String> {
    let mut user = String::from_utf8(STANDARD.decode(base64).ok()?).ok()?;
    // A user name has no `:`, so that with an empty password the only one is the last character.
    if user.pop() != Some(':') || has_colon_or_control(&user) {
        return None;
    }
    Some(user)
}

// A token is ASCII, for which this is one pass without a branch.
fn has_colon_or_control(text: &str) -> bool {
    if text.is_ascii() {
        text.bytes().filter(|byte| *byte == b':' || byte.is_ascii_control()).count() > 0
    } else {
        text.contains(|c: char| c == ':' || c.is_control())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        map
    }

    fn read(lines: &[(&str, &str)]) -> Result<String, Code> {
        read_token(Lines::Map(&headers(lines))).map(Cow::into_owned)
    }

    fn basic(plain: impl AsRef<[u8]>) -> String {
        format!("Basic {}", STANDARD.encode(plain))
    }

    proptest! {
        #[test]
        fn ascii_is_read_as_everything_else_is(text in any::<String>(), ascii in "[ -~\\x00-\\x1f\\x7f]{0,40}") {
            for text in [text, ascii] {
                let slowly = text.contains(|c: char| c == ':' || c.is_control());
                prop_assert_eq!(has_colon_or_control(&text), slowly, "{:?}", text);
            }
        }
    }

    #[test]
    fn the_three_ways_carry_the_same_token() {
        let ways = [
            ("authorization", basic("t0k:")),
            ("authorization", basic("t0k:").replace("Basic ", "bASIC   ")),
            ("authorization", "Bearer t0k".to_owned()),
            ("authorization", "BEARER  t0k".to_owned()),
            ("x-api-key", "t0k".to_owned()),
        ];
        for (name, value) in &ways {
            assert_eq!(read(&[(name, value)]), Ok("t0k".to_owned()), "{value}");
            assert_eq!(read(&[(name, value), ("x-api-key", "t0k")]), Ok("t0k".to_owned()), "{value}");
        }
        assert_eq!(read(&[]), Err(Code::NoCredentials));
    }

    #[test]
    fn two_different_tokens_are_ambiguous_wherever_they_stand() {
        let a = ("authorization", "Bearer a");
        for b in [("x-api-key", "b"), ("authorization", "Bearer b"), ("authorization", "Basic Yjo=")] {
            assert_eq!(read(&[a, b]), Err(Code::AmbiguousCredentials), "{b:?}");
            assert_eq!(read(&[b, a]), Err(Code::AmbiguousCredentials), "{b:?}");
        }
        assert_eq!(
            read(&[("x-api-key", "a"), ("x-api-key", "b"), ("authorization", "Digest x")]),
            Err(Code::AmbiguousCredentials)
        );
    }

    #[test]
    fn what_cannot_be_read_is_malformed_even_beside_a_token() {
        let long = format!("Bearer {}", "a".repeat(HEADER_BYTES_MAX));
        let values = [
            basic("t:secret"),
            basic("t::"),
            basic("no colon"),
            basic("t\0:"),
            basic("t\u{85}:"),
            basic([0xff, b':']),
            "Basic dDo".to_owned(),
            "Basic dDo= ".to_owned(),
            "Basic dDp=".to_owned(),
            "Basic d-8=".to_owned(),
            "Basic".to_owned(),
            "Bearer".to_owned(),
            "Digest username=\"t\"".to_owned(),
            "t".to_owned(),
            String::new(),
            long,
        ];
        for value in &values {
            assert_eq!(read(&[("authorization", value)]), Err(Code::Malformed), "{value}");
            let both = [("authorization", value.as_str()), ("x-api-key", "t0k")];
            assert_eq!(read(&both), Err(Code::Malformed), "{value}");
        }
        assert_eq!(read(&[("x-api-key", "")]), Err(Code::Malformed));
    }

    proptest! {
        #[test]
        fn any_user_name_with_an_empty_password_comes_back(user in "[^:\\p{Cc}]{0,60}") {
            let value = basic(format!("{user}:"));
            prop_assert_eq!(read(&[("authorization", &value)]), Ok(user));
        }

        #[test]
        fn a_password_is_always_malformed(user in "[^:\\p{Cc}]{0,30}", password in "\\PC{1,30}") {
            let value = basic(format!("{user}:{password}"));
            prop_assert_eq!(read(&[("authorization", &value)]), Err(Code::Malformed));
        }

        #[test]
        fn any_bytes_are_read_or_refused(value in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut map = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                map.append(HeaderName::from_static(AUTHORIZATION), value);
                if let Ok(token) = read_token(Lines::Map(&map)) {
                    prop_assert!(token.len() <= HEADER_BYTES_MAX);
                    prop_assert!(!token.chars().any(|c| c.is_control() && c != '\t'));
                }
            }
        }
    }
}
