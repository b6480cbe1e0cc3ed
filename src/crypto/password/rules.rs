//! What a new password must be: 12 to 1 024 bytes, and not one that everybody tries first.
//!
//! No rules of composition: length is what helps (NIST SP 800-63B, 3.1.1). The list of common
//! ones is short on purpose; it catches those that are long enough to pass the length rule.

use zeroize::Zeroizing;

use crate::model::Invalid;

const BYTES_MIN: usize = 12;
const BYTES_MAX: usize = 1024;
const COMMON: [&str; 24] = [
    "passwordpassword",
    "password1234",
    "password12345",
    "password123456",
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456123456",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdf",
    "qwertyqwerty",
    "administrator",
    "adminadminadmin",
    "adminadmin12",
    "letmeinletmein",
    "changemechangeme",
    "changeme1234",
    "welcome12345",
    "iloveyou1234",
    "abcdefghijkl",
    "abcd12345678",
    "1q2w3e4r5t6y",
    "correcthorsebatterystaple",
];

/// A password that may be set; it never shows itself.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a new password; `names` are the product's, the host's and the user's, which it must
    /// not consist of.
    ///
    /// # Errors
    /// When it is too short, too long, or too easy to guess. The value is never part of the error.
    pub fn parse(value: &str, names: &[&str]) -> Result<Self, Invalid> {
        let refuse = |rule: String| Err(Invalid::new("password", "…", rule));
        if value.len() < BYTES_MIN {
            return refuse(format!("is shorter than {BYTES_MIN} characters"));
        }
        if value.len() > BYTES_MAX {
            return refuse(format!("is longer than {BYTES_MAX} bytes"));
        }
        if value.chars().any(char::is_control) {
            return refuse("contains a control character".to_owned());
        }
        if is_easy(value, names) {
            return refuse("is one of those that are tried first; choose another".to_owned());
        }
        Ok(Self(Zeroizing::new(value.to_owned())))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn is_easy(value: &str, names: &[&str]) -> bool {
    let plain: String = value.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let first = plain.chars().next();
    let is_one_character = plain.chars().all(|c| Some(c) == first);
    let without_digits = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_name =
        names.iter().chain(&["keysrv"]).any(|name| is_repeated(without_digits, &name.to_lowercase()));
    is_one_character || is_name || COMMON.contains(&plain.as_str())
}

/// Whether `text` is `word` once or several times.
fn is_repeated(text: &str, word: &str) -> bool {
    !word.is_empty() && text.len().is_multiple_of(word.len()) && text.replace(word, "").is_empty()
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easy_and_short_ones_are_refused_without_being_shown() {
        for easy in
            ["brief", "aaaaaaaaaaaaaa", "Password-1234", "keysrvkeysrv", "annaanna1234", "admin-istrator", ""]
        {
            let refused = Password::parse(easy, &["anna"]).unwrap_err();
            assert!(easy.is_empty() || !refused.to_string().contains(easy), "{refused}");
        }
        assert!(Password::parse(&"x y".repeat(400), &[]).is_err());
        assert!(Password::parse("tall glass of oat milk", &["anna"]).is_ok());
        assert!(Password::parse("анна пьёт чай", &["anna"]).is_ok());
    }
}
