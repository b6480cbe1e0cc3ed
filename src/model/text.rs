//! Rules that several kinds of text share: what a label may contain, and what looks like a token.
//!
//! A name in any script is fine. What is refused is what makes two different names look alike or
//! breaks a table: control characters, bidirectional overrides, invisible characters, spaces at
//! the ends.

use std::ops::Range;

use super::Invalid;

/// Requires 1 to `chars_max` characters that a person can see, with no spaces at the ends.
///
/// # Errors
/// When it is anything else, or contains a whole token.
pub fn require_label(field: &'static str, value: &str, chars_max: usize) -> Result<(), Invalid> {
    if value.is_empty() {
        return Err(Invalid::new(field, value, "is empty"));
    }
    if value.trim() != value {
        return Err(Invalid::new(field, value, "has spaces at its start or end"));
    }
    require_text(field, value, chars_max)?;
    if value.chars().any(|c| c == '\n' || c == '\t') {
        return Err(Invalid::new(field, value, "contains a line break or tab"));
    }
    Ok(())
}

/// Requires at most `chars_max` characters without control, bidirectional or invisible ones
/// (line breaks and tabs are fine), and no whole token.
///
/// # Errors
/// When it is anything else.
pub fn require_text(field: &'static str, value: &str, chars_max: usize) -> Result<(), Invalid> {
    if value.chars().count() > chars_max {
        return Err(Invalid::new(field, value, format!("is longer than {chars_max} characters")));
    }
    if let Some(bad) = value.chars().find(|c| is_unfit(*c)) {
        let rule =
            format!("contains the character U+{:04X}, which cannot be seen or reorders text", u32::from(bad));
        return Err(Invalid::new(field, value, rule));
    }
    if contains_token(value) {
        return Err(Invalid::token(field));
    }
    Ok(())
}

// Bidirectional controls: Unicode Standard Annex #9, table 4. U+200C and U+200D stay allowed,
// since Persian, Indic scripts and emoji need them.
fn is_unfit(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
        || matches!(c, '\u{E0000}'..='\u{E007F}')
}

/// Whether all of these are of `[0-9A-Za-z]`. Goes to the end in any case: without a place to stop at, many of
/// them are looked at with one instruction.
pub fn is_base62(bytes: &[u8]) -> bool {
    bytes.iter().fold(true, |are, byte| are & byte.is_ascii_alphanumeric())
}

/// Bytes in hexadecimal, lower case.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// Characters of a key id inside a token.
pub const KEY_ID_CHARS: usize = 12;
/// Characters of the secret and the checksum together.
pub const TAIL_CHARS: usize = 38;

/// Whether `text` contains something of a whole token's shape, wherever it stands.
pub fn contains_token(text: &str) -> bool {
    find_token(text).is_some()
}

/// The byte range of the secret part (`_` excluded) of the first thing in `text` that has a
/// token's shape: `…_<12 base62>_<38 base62>`.
///
/// Only the shape counts, not the checksum: a token with a typo is still most of a secret.
pub fn find_token(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut run_start = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if byte.is_ascii_alphanumeric() {
            continue;
        }
        if *byte == b'_'
            && at - run_start == KEY_ID_CHARS
            && run_start > 0
            && bytes.get(run_start - 1) == Some(&b'_')
        {
            let tail = bytes.iter().skip(at + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
            if tail >= TAIL_CHARS {
                return Some(at + 1..at + 1 + tail);
            }
        }
        run_start = at + 1;
    }
    None
}

/// The key id in the first thing in `text` that has a token's shape; an id may be shown.
pub fn find_token_id(text: &str) -> Option<&str> {
    let secret = find_token(text)?;
    text.get(secret.start - 1 - KEY_ID_CHARS..secret.start - 1)
}

/// What stands in place of a token's secret part.
const MASK: &str = "[masked]";

/// The text with the secret part of every token in it masked, for messages that say back what
/// somebody wrote.
pub fn mask_tokens(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(secret) = find_token(rest) {
        masked.push_str(rest.get(..secret.start).unwrap_or_default());
        masked.push_str(MASK);
        rest = rest.get(secret.end..).unwrap_or_default();
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_are_fine() {
        for name in ["my-agent-key", "日本語", "مفتاح", "ключ", "👩‍💻 laptop", "a"] {
            assert_eq!(require_label("name", name, 64), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_deceives_or_breaks_a_table_is_refused() {
        for name in ["", " a", "a ", "a\u{202E}b", "a\u{200B}b", "a\u{7}b", "a\nb", "a\u{FEFF}", "\u{E0041}"]
        {
            assert!(require_label("name", name, 64).is_err(), "{name:?}");
        }
        assert!(require_label("name", &"x".repeat(65), 64).is_err());
    }

    #[test]
    fn a_token_is_found_wherever_it_stands() {
        let token = format!("acme_live_{}_{}", "0aZ".repeat(4), "b".repeat(38));
        for text in [token.clone(), format!("x {token} y"), format!("KEY={token}")] {
            assert!(contains_token(&text), "{text}");
            assert_eq!(find_token_id(&text), Some("0aZ0aZ0aZ0aZ"));
        }
        for text in ["ks_0aZ0aZ0aZ0aZ_", "ks_0aZ0aZ0aZ0aZ_short", "plain words", "____"] {
            assert!(!contains_token(text), "{text}");
        }
    }
}
