//! The token: `<prefix>_<key id>_<secret><checksum>`, made once and read on every request.
//!
//! Reading checks shape and checksum without touching the database, so that a typo or a scanner
//! costs nothing. A token never shows itself: its `Debug` hides the secret and it has no
//! `Display`; [`Token::expose`] is the one way out, for the answer that shows it once.

use zeroize::Zeroizing;

use super::hash::{Hash, sha256};
use super::random::{self, BASE62, NoRandomness};
use crate::model::key::KeyId;
use crate::model::project::Prefix;
use crate::model::text;

const ID_CHARS: usize = 12;
const SECRET_CHARS: usize = 32;
const CHECKSUM_CHARS: usize = 6;
const PREFIX_CHARS: std::ops::RangeInclusive<usize> = 2..=20;
/// The longest token: prefix, id, secret, checksum and two underscores.
pub const TOKEN_CHARS_MAX: usize = 20 + 1 + ID_CHARS + 1 + SECRET_CHARS + CHECKSUM_CHARS;

/// A new token, in memory only until it is shown once.
pub struct Token {
    text: Zeroizing<String>,
    key_id: KeyId,
}

impl Token {
    /// Makes a token for a new key.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn generate(prefix: &Prefix) -> Result<Self, NoRandomness> {
        Self::for_key(prefix, random_key_id()?)
    }

    /// Makes a new token for a key that exists.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn for_key(prefix: &Prefix, key_id: KeyId) -> Result<Self, NoRandomness> {
        let secret = Zeroizing::new(random::base62(SECRET_CHARS)?);
        let mut text = Zeroizing::new(String::with_capacity(TOKEN_CHARS_MAX));
        for part in [prefix.as_str(), "_", key_id.as_str(), "_", secret.as_str()] {
            text.push_str(part);
        }
        let sum = checksum(text.as_bytes());
        text.extend(sum.iter().map(|digit| char::from(*digit)));
        Ok(Self { text, key_id })
    }

    /// The id of its key.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The hash that is kept.
    pub fn hash(&self) -> Hash {
        sha256(self.text.as_bytes())
    }

    /// The token itself, to be shown once and then forgotten.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({}, …)", self.key_id)
    }
}

/// The key id inside a presented token; `None` when its shape or checksum is wrong.
///
/// Read from the right, since a prefix may contain `_`. Allocates nothing.
pub fn read_key_id(presented: &str) -> Option<KeyId> {
    let bytes = presented.as_bytes();
    if bytes.len() > TOKEN_CHARS_MAX {
        return None;
    }
    let (head, tail) = bytes.split_at_checked(bytes.len().checked_sub(SECRET_CHARS + CHECKSUM_CHARS)?)?;
    let (prefix, id) = head.strip_suffix(b"_")?.split_last_chunk::<ID_CHARS>()?;
    let prefix = prefix.strip_suffix(b"_")?;
    if !is_prefix(prefix) || !text::is_base62(tail) {
        return None;
    }
    let (summed, sum) = bytes.split_last_chunk::<CHECKSUM_CHARS>()?;
    let id = KeyId::from_bytes(id)?;
    (checksum(summed) == *sum).then_some(id)
}

/// The hash of a presented token.
pub fn hash_presented(presented: &str) -> Hash {
    sha256(presented.as_bytes())
}

fn random_key_id() -> Result<KeyId, NoRandomness> {
    loop {
        // Twelve base62 characters always are an id; the loop only spares an impossible error.
        if let Some(id) = KeyId::from_bytes(random::base62(ID_CHARS)?.as_bytes()) {
            return Ok(id);
        }
    }
}

fn is_prefix(prefix: &[u8]) -> bool {
    PREFIX_CHARS.contains(&prefix.len())
        && prefix.first().is_some_and(u8::is_ascii_lowercase)
        && prefix.last() != Some(&b'_')
        && prefix.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_')
}

/// CRC-32 (IEEE) in base62, left-padded with `0` to six.
fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_CHARS] {
    let mut rest = crc32fast::hash(bytes) as usize;
    let mut digits = [b'0'; CHECKSUM_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62.get(rest % 62).copied().unwrap_or(b'0');
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_read_back_and_hides_itself() {
        let token = Token::generate(&Prefix::parse("acme_live").unwrap()).unwrap();
        assert_eq!(token.expose().len(), "acme_live".len() + 2 + 12 + 38);
        assert_eq!(read_key_id(token.expose()), Some(token.key_id()));
        assert_eq!(hash_presented(token.expose()), token.hash());
        assert!(!format!("{token:?}").contains(&token.expose()[23..]));
    }

    #[test]
    fn the_checksum_is_crc32_ieee_in_base62() {
        // The check value of CRC-32/ISO-HDLC for "123456789" is cbf43926: 3jZRME in base62.
        assert_eq!(checksum(b"123456789"), *b"3jZRME");
        assert_eq!(checksum(b""), *b"000000");
    }

    #[test]
    fn one_changed_character_is_noticed() {
        let token = Token::generate(&Prefix::default()).unwrap();
        for at in 0..token.expose().len() {
            let mut changed = token.expose().as_bytes().to_vec();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(read_key_id(&changed), None, "{changed}");
        }
    }
}
