//! Who is let through, in headers for the API behind the proxy.
//!
//! All of them on every answer, and none ever empty: a proxy copies only headers that are there, and
//! would hand on the client's own in place of one that is not.

use std::fmt::Write;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;

use crate::app::verify::VerifiedKey;
use crate::model::account::ExternalId;
use crate::model::code::Code;
use crate::web::ends::{EXPIRES_AT, SECRET_ENDS_AT};
use crate::web::problem::Problem;
use crate::web::told;

/// Stands where there is no value.
const NOTHING: HeaderValue = HeaderValue::from_static("-");

/// What each value of [`Identity`] stands under.
const NAMES: [HeaderName; 7] = [
    HeaderName::from_static("x-keysrv-key-id"),
    HeaderName::from_static("x-keysrv-key-name"),
    HeaderName::from_static("x-keysrv-project"),
    HeaderName::from_static("x-keysrv-account-id"),
    HeaderName::from_static("x-keysrv-account-external-id"),
    HeaderName::from_static("x-keysrv-scopes"),
    EXPIRES_AT,
];

/// What is told of a key, whichever of its secrets was presented; made once for each of its records.
#[derive(Debug)]
pub(in crate::web) struct Identity([HeaderValue; 7]);

/// Adds the headers.
pub(super) fn tell(headers: &mut HeaderMap, key: &VerifiedKey) -> Result<(), Problem> {
    for (name, value) in NAMES.into_iter().zip(&told::identity(key, Identity::of)?.0) {
        headers.insert(name, value.clone());
    }
    let ends_at = match key.secret().and_then(|secret| secret.ends_at) {
        Some(at) => value(Some(&at.to_string()))?,
        None => NOTHING,
    };
    headers.insert(SECRET_ENDS_AT, ends_at);
    Ok(())
}

impl Identity {
    fn of(key: &VerifiedKey) -> Result<Self, Problem> {
        let facts = &key.record.facts;
        let account = facts.account.as_ref();
        let external_id = account.and_then(|account| account.external_id.as_ref());
        let values = [
            value(Some(facts.id.as_str()))?,
            value(Some(facts.name.as_str()))?,
            value(Some(facts.project.as_str()))?,
            value(account.map(|account| account.id.as_str()))?,
            value(external_id.map(ExternalId::as_str))?,
            value(Some(&facts.scopes.to_text()))?,
            value(facts.expires_at.map(|at| at.to_string()).as_deref())?,
        ];
        in_one_piece(values).map(Self)
    }
}

/// The same values in one piece of memory, so that taking all of them waits for one place and not for seven.
fn in_one_piece<const N: usize>(values: [HeaderValue; N]) -> Result<[HeaderValue; N], Problem> {
    let whole =
        Bytes::from(values.iter().flat_map(|value| value.as_bytes().iter().copied()).collect::<Vec<u8>>());
    let mut start = 0;
    let mut values = values;
    for value in &mut values {
        let end = start + value.len();
        *value = HeaderValue::from_maybe_shared(whole.slice(start..end)).map_err(|_| failed())?;
        start = end;
    }
    Ok(values)
}

fn failed() -> Problem {
    Problem::new(Code::Internal, "keysrv failed")
}

fn value(text: Option<&str>) -> Result<HeaderValue, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(NOTHING) };
    let is_plain = text != "-" && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'%');
    let value = if is_plain { HeaderValue::from_str(text) } else { HeaderValue::from_str(&encoded(text)) };
    // Everything that is not plain was encoded, so that this cannot fail.
    value.map_err(|_| failed())
}

/// Percent-encoded, with `%` itself, so that it can be decoded, and a `-` that is a value.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if (b' '..=b'~').contains(&byte) && byte != b'%' && text != "-" {
            encoded.push(char::from(byte));
        } else {
            let _cannot_fail = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_a_dash_and_a_dash_is_not_nothing() {
        assert_eq!(value(None).unwrap(), "-");
        assert_eq!(value(Some("")).unwrap(), "-");
        assert_eq!(value(Some("-")).unwrap(), "%2D");
        assert_eq!(value(Some("a b-c")).unwrap(), "a b-c");
        assert_eq!(value(Some("Zoë 100%")).unwrap(), "Zo%C3%AB 100%25");
    }

    #[test]
    fn values_in_one_piece_are_the_same_values() {
        let values = ["a", "", "-", "b c"].map(HeaderValue::from_static);
        assert_eq!(in_one_piece(values.clone()).unwrap(), values);
    }

    proptest! {
        #[test]
        fn any_text_becomes_printable_ascii_and_comes_back(text in "\\PC{1,40}|[\\x00-\\x7f]{1,20}") {
            let sent = value(Some(&text)).unwrap();
            let sent = sent.to_str().unwrap();
            prop_assert!(sent.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(percent_decode_str(sent).decode_utf8().unwrap(), text);
        }
    }
}
