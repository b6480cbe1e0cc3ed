//! A number of bytes, as a setting says it: `64MiB`.

use super::ConfigError;

const MIN: usize = 4 * 1024;
const MAX: usize = 64 << 30;
const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];

/// How much memory the records of keys take, from 4 KiB to 64 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(usize);

impl Default for Bytes {
    fn default() -> Self {
        Self(64 << 20)
    }
}

impl Bytes {
    /// Reads `512KiB`, `64MiB` or `1GiB`.
    ///
    /// # Errors
    /// When it is none of these, too little or too much.
    pub fn parse(text: String) -> Result<Self, ConfigError> {
        let bytes = UNITS.iter().find_map(|(unit, bits)| {
            let number = text.strip_suffix(unit)?.trim_end().parse::<usize>().ok()?;
            number.checked_mul(1 << bits)
        });
        bytes.filter(|bytes| (MIN..=MAX).contains(bytes)).map(Self).ok_or_else(|| ConfigError {
            message: format!("key-cache `{text}` is no size from 4KiB to 64GiB"),
            hint: Some("write it like `64MiB` or `1GiB`".to_owned()),
        })
    }

    /// How many.
    pub fn get(self) -> usize {
        self.0
    }
}

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fits = |bits: u32| self.0.is_multiple_of(1 << bits);
        match UNITS.iter().find(|(_, bits)| fits(*bits)) {
            Some((unit, bits)) => write!(f, "{}{unit}", self.0 >> bits),
            None => write!(f, "{}B", self.0),
        }
    }
}
