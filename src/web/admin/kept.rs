//! What was typed into a form whose session had ended, on its way through the sign-in.
//!
//! A browser without script would lose it: the answer to its form is the sign-in page. So that page
//! carries the fields, hidden, and after the sign-in a page asks whether to send them again, which is a
//! form like any other: the person presses the button, `csrf` requires that it comes from this site, and
//! the use case asks what this person may. Nothing is sent by itself, since the same form may mean
//! something else by now, or to somebody else who has signed in.
//!
//! Never carried: a form with a password in it, anything that has a token's shape, more than 16 KiB, and
//! what goes anywhere but to a page of this server. Then the sign-in leads back to the page, as from a link.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;

use super::fields::Fields;
use crate::model::text::contains_token;
use crate::web::routes;

/// The most bytes of a form that is carried.
const BYTES_MAX: usize = 16 * 1024;
/// The fields of passwords, by which a form that has one is known.
const PASSWORDS: [&str; 2] = ["password", "current"];
/// Fields that nobody typed: a form that has no other is not worth carrying.
const HIDDEN: [&str; 9] = ["back", "do", "key", "keys", "nonce", "revision", "shown_preset", "step", "sure"];

/// A form that waits for its sender to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// Where it goes.
    pub(super) to: String,
    /// Its fields as they were sent.
    pub(super) form: String,
}

/// A field to be sent again.
pub(super) struct KeptField {
    /// Its name.
    pub(super) name: String,
    /// Its value.
    pub(super) value: String,
    /// Its name as a person reads it; empty where nobody typed it.
    pub(super) label: String,
}

impl Kept {
    /// The form of a request, if a page shall answer it and it may be carried.
    pub(super) fn of(request: &HttpRequest, form: &[u8]) -> Option<Self> {
        // A script asks for anything, and keeps what was typed where it is.
        let accept = request.headers().get(ACCEPT)?.to_str().ok()?;
        if !accept.contains("text/html") {
            return None;
        }
        Self::parse(request.path(), std::str::from_utf8(form).ok()?)
    }

    /// The form as the sign-in page brings it back.
    pub(super) fn back(fields: &Fields) -> Option<Self> {
        Self::parse(fields.get("kept_to"), fields.get("kept"))
    }

    fn parse(to: &str, form: &str) -> Option<Self> {
        let is_ours = routes::FORMS.iter().any(|place| to.starts_with(place))
            && to.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
            && to.len() + form.len() <= BYTES_MAX;
        let kept = Self { to: to.to_owned(), form: form.to_owned() };
        let fields = kept.fields();
        let is_fit = |field: &KeptField| {
            !PASSWORDS.contains(&field.name.as_str())
                && !contains_token(&field.name)
                && !contains_token(&field.value)
        };
        let is_typed = |field: &KeptField| !field.label.is_empty() && !field.value.trim().is_empty();
        (is_ours && fields.iter().all(is_fit) && fields.iter().any(is_typed)).then_some(kept)
    }

    /// Its fields, in their order.
    pub(super) fn fields(&self) -> Vec<KeptField> {
        let field = |(name, value): (String, String)| {
            let label = if HIDDEN.contains(&name.as_str()) { String::new() } else { in_words(&name) };
            KeptField { name, value, label }
        };
        form_urlencoded::parse(self.form.as_bytes()).into_owned().map(field).collect()
    }
}

/// "Max lifetime" for `max_lifetime`, "Level connectors" for `level.connectors`.
fn in_words(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars.map(|c| if matches!(c, '_' | '.') { ' ' } else { c })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_KEY: &str = "/p/default/keys/new";

    #[test]
    fn what_was_typed_is_carried_with_what_belongs_to_it() {
        let kept = Kept::parse(NEW_KEY, "nonce=7&name=a+b&level.keys=read%2Bwrite").unwrap();
        let told: Vec<_> =
            kept.fields().into_iter().map(|field| (field.name, field.value, field.label)).collect();
        let field =
            |name: &str, value: &str, label: &str| (name.to_owned(), value.to_owned(), label.to_owned());
        let expected = [
            field("nonce", "7", ""),
            field("name", "a b", "Name"),
            field("level.keys", "read+write", "Level keys"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn no_password_no_token_nothing_large_and_nothing_untyped_is_carried() {
        let token = format!("note=ks_8Qm2LxT0aZr4_{}", "a".repeat(38));
        let large = format!("name={}", "a".repeat(BYTES_MAX));
        for form in [
            "name=bob&password=brown+bread+rolls",
            "name=bob&current=",
            "",
            "back=q%3Da",
            "nonce=7&step=save&name=+",
            token.as_str(),
            large.as_str(),
        ] {
            assert_eq!(Kept::parse(NEW_KEY, form), None, "{form}");
        }
    }

    #[test]
    fn nothing_is_sent_to_another_server_or_to_the_sign_in() {
        for to in [
            "",
            "/",
            "/sign-in",
            "/sign-out",
            "/me/password",
            "//evil.example/p/",
            "https://evil.example/p/",
            "/p/\\evil",
            "/p/a b",
            "/v1/keys",
        ] {
            assert_eq!(Kept::parse(to, "name=a"), None, "{to}");
        }
    }
}
