//! Who is let through, in headers for the API behind the proxy.
//!
//! All of them on every answer, and none ever empty: a proxy copies only headers that are there, and
//! would hand on the client's own in place of one that is not.

use std::borrow::Cow;
use std::fmt::Write;

use crate::app::verify::VerifiedKey;
use crate::model::account::ExternalId;
use crate::web::ends::{EXPIRES_AT, SECRET_ENDS_AT};
use crate::web::problem::Problem;
use crate::web::wire;

/// Stands where there is no value.
const NOTHING: &str = "-";

/// The header lines; made once for each record and secret.
pub(super) fn lines(key: &VerifiedKey) -> Result<Vec<u8>, Problem> {
    let facts = &key.record.facts;
    let account = facts.account.as_ref();
    let external_id = account.and_then(|account| account.external_id.as_ref());
    let scopes = facts.scopes.to_text();
    let expires_at = facts.expires_at.map(|at| at.to_string());
    let ends_at = key.secret().and_then(|secret| secret.ends_at).map(|at| at.to_string());
    let told = [
        ("x-keysrv-key-id", Some(facts.id.as_str())),
        ("x-keysrv-key-name", Some(facts.name.as_str())),
        ("x-keysrv-project", Some(facts.project.as_str())),
        ("x-keysrv-account-id", account.map(|account| account.id.as_str())),
        ("x-keysrv-account-external-id", external_id.map(ExternalId::as_str)),
        ("x-keysrv-scopes", Some(scopes.as_str())),
        (EXPIRES_AT, expires_at.as_deref()),
        (SECRET_ENDS_AT, ends_at.as_deref()),
    ];
    let mut lines = Vec::new();
    for (name, text) in told {
        wire::line(&mut lines, name, &value(text));
    }
    Ok(lines)
}

/// A value as it is told: printable ASCII, and never empty.
fn value(text: Option<&str>) -> Cow<'_, str> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Cow::Borrowed(NOTHING) };
    let is_plain = text != NOTHING && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'%');
    if is_plain { Cow::Borrowed(text) } else { Cow::Owned(encoded(text)) }
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
        assert_eq!(value(None), "-");
        assert_eq!(value(Some("")), "-");
        assert_eq!(value(Some("-")), "%2D");
        assert_eq!(value(Some("a b-c")), "a b-c");
        assert_eq!(value(Some("Zoë 100%")), "Zo%C3%AB 100%25");
    }

    proptest! {
        #[test]
        fn any_text_becomes_printable_ascii_and_comes_back(text in "\\PC{1,40}|[\\x00-\\x7f]{1,20}") {
            let sent = value(Some(&text)).into_owned();
            prop_assert!(sent.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(percent_decode_str(&sent).decode_utf8().unwrap(), text);
        }
    }
}
