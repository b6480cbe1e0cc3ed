//! Random base62 text and bytes from the operating system's generator.
//!
//! Characters are drawn by rejection: a byte above the largest multiple of 62 is thrown away, so
//! that each of the 62 is equally likely.

use rand::TryRng;
use rand::rngs::{SysError, SysRng};

/// The digits of base62, in the order of their values.
pub const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const FAIR_MAX: u8 = 62 * 4;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random numbers")]
pub struct NoRandomness(#[from] SysError);

/// `n` random base62 characters, about 5.95 bits each.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn base62(n: usize) -> Result<String, NoRandomness> {
    let mut text = String::with_capacity(n);
    let mut bytes = [0; 64];
    while text.len() < n {
        SysRng.try_fill_bytes(&mut bytes)?;
        let fair = bytes.iter().filter(|byte| **byte < FAIR_MAX);
        let digits = fair.filter_map(|byte| BASE62.get(usize::from(byte % 62)));
        text.extend(digits.take(n - text.len()).map(|digit| char::from(*digit)));
    }
    Ok(text)
}

/// Random bytes.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_about_equally_likely() {
        let text = base62(62_000).unwrap();
        assert_eq!(text.len(), 62_000);
        for digit in BASE62 {
            let n = text.bytes().filter(|byte| byte == digit).count();
            // 1 000 expected, standard deviation 31: eight of them.
            assert!((750..=1250).contains(&n), "{} came {n} times", char::from(*digit));
        }
    }
}
