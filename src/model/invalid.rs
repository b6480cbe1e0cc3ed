//! The one error of `parse`: which field, which value, which rule it breaks.
//!
//! The value is shown back shortened and with control characters escaped, so that an error line
//! cannot be used to paint on a terminal. A value that holds a whole token is never shown.

use std::borrow::Cow;

use super::code::Code;
use super::text::contains_token;

const SHOWN_CHARS_MAX: usize = 64;

/// A value that breaks a rule of its type; `Display` is the sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    field: &'static str,
    message: String,
    code: Code,
}

impl Invalid {
    /// `field` is the contract's name (`name`, `expires_at`), `rule` completes "`value` …".
    pub fn new(field: &'static str, value: &str, rule: impl Into<Cow<'static, str>>) -> Self {
        if contains_token(value) {
            return Self::token(field);
        }
        let (field_words, rule) = (spoken(field), rule.into());
        let message = if value.is_empty() {
            format!("{field_words} {rule}")
        } else {
            format!("{field_words} `{}` {rule}", shown(value))
        };
        Self { field, message, code: Code::InvalidValue }
    }

    /// The value contains a whole token, which must not be stored or echoed anywhere.
    pub fn token(field: &'static str) -> Self {
        let message =
            format!("{} contains a whole API token, which must not be kept anywhere", spoken(field));
        Self { field, message, code: Code::ContainsToken }
    }

    /// The contract's name of the field.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// [`Code::InvalidValue`] or [`Code::ContainsToken`].
    pub fn code(&self) -> Code {
        self.code
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

/// The field in words: one value of it, where the contract's name is a plural.
fn spoken(field: &str) -> String {
    match field {
        "scopes" => "scope".to_owned(),
        "allowed_ips" => "address".to_owned(),
        "expires_at" => "expiry".to_owned(),
        "q" => "search".to_owned(),
        _ => field.replace('_', " "),
    }
}

fn shown(value: &str) -> String {
    let mut shown: String = value.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect();
    if value.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_or_hostile_value_is_shortened_and_escaped() {
        let message = Invalid::new("name", &format!("\u{1b}[31m{}", "x".repeat(500)), "is bad").to_string();
        assert!(message.starts_with("name `\\u{1b}[31mxx"), "{message}");
        assert!(message.ends_with("x…` is bad"), "{message}");
    }

    #[test]
    fn a_token_is_never_echoed() {
        let token = format!("ks_{}_{}", "a".repeat(12), "b".repeat(38));
        let invalid = Invalid::new("note", &token, "is bad");
        assert_eq!(invalid.code(), Code::ContainsToken);
        assert!(!invalid.to_string().contains("bbbb"));
    }
}
