//! A request that may be sent twice and is done once.
//!
//! The caller names it by a text of its own choice, the `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header-07); whoever repeats the name with the same request
//! gets what came of the first.

use super::Invalid;
use super::text::contains_token;

/// A caller's name for one request: 1 to 255 visible ASCII characters, quoted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceName(String);

impl OnceName {
    /// The header that carries it.
    pub const HEADER: &'static str = "Idempotency-Key";

    /// Reads the value of the header.
    ///
    /// # Errors
    /// When it is empty, too long, has other characters, or contains a whole token.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        if contains_token(value) {
            return Err(Invalid::token(Self::HEADER));
        }
        let is_fit = (1..=255).contains(&value.len()) && value.bytes().all(|b| (0x20..0x7f).contains(&b));
        if is_fit && !value.trim().is_empty() {
            Ok(Self(value.trim().to_owned()))
        } else {
            Err(Invalid::new(Self::HEADER, value, "is not 1 to 255 visible ASCII characters"))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_visible_ascii_and_no_token() {
        assert_eq!(OnceName::parse(" 8e03978e-40d5 ").unwrap().as_str(), "8e03978e-40d5");
        let token = format!("ks_{}_{}", "a".repeat(12), "b".repeat(38));
        for bad in ["", " ", "ü", "a\tb", &"x".repeat(256), &token] {
            assert!(OnceName::parse(bad).is_err(), "{bad}");
        }
    }
}
