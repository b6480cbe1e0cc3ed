//! How many keys hold a scope: exactly, as long as they are not very many.

/// How many keys hold a scope. They are counted one by one, so that they are counted to a bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holders(u64);

impl Holders {
    /// The most that are told from more.
    pub const COUNTED_MAX: u64 = 10_000;

    /// So many, counted to one more than [`Holders::COUNTED_MAX`].
    pub fn counted(n: u64) -> Self {
        Self(n)
    }

    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// "holds" or "hold", which follows the number.
    pub fn hold(self) -> &'static str {
        if self.0 == 1 { "holds" } else { "hold" }
    }
}

/// "1 key", "12 keys", "more than 10000 keys".
impl std::fmt::Display for Holders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            1 => f.write_str("1 key"),
            n if n > Self::COUNTED_MAX => write!(f, "more than {} keys", Self::COUNTED_MAX),
            n => write!(f, "{n} keys"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_are_told_as_more_than_so_many() {
        let told = |n| Holders::counted(n).to_string();
        assert_eq!((told(1), told(10_000)), ("1 key".to_owned(), "10000 keys".to_owned()));
        assert_eq!(told(Holders::COUNTED_MAX + 1), "more than 10000 keys");
    }
}
