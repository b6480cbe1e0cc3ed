//! Route rules: which scopes a request of somebody's API needs, by its method and path.
//!
//! Of the rules that match a request the most specific decides: patterns are compared segment by
//! segment from the left, a literal before a `*` for one segment before a `*` for all that follow;
//! of the same pattern, a named method before `*`. The order in which rules were added never counts.
//!
//! Here is what a rule is and that order; how a path is read is `path`, how rules are searched `table`.

use std::cmp::Ordering;

use super::Invalid;
use super::scope::ScopeSet;

mod example;
mod path;
mod pattern;
mod table;

pub use path::{RequestPath, Unclear};
pub use pattern::PathPattern;
pub use table::{NoRoute, OriginalRequest, RouteMatch, RouteTable};

const METHOD_CHARS_MAX: usize = 32;

/// One rule: what a request with this method and a path like this needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RouteRule {
    /// The method.
    pub method: RouteMethod,
    /// The paths.
    pub pattern: PathPattern,
    /// What a key must hold; with none, any valid key will do.
    pub scopes: ScopeSet,
}

impl RouteRule {
    /// The most rules that a project may have.
    pub const MAX: usize = 10_000;

    /// Which of two rules is asked first: the more specific one.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        self.pattern.cmp(&other.pattern).then_with(|| self.method.cmp(&other.method))
    }

    /// Method and pattern, as a person writes them.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.pattern)
    }
}

/// A method by its name, or any. `GET` covers `HEAD`, too, unless a rule of the same pattern names
/// `HEAD`: servers answer it as they answer `GET`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct RouteMethod(String);

impl RouteMethod {
    const ANY: &'static str = "*";

    /// Reads a method; names are in capitals, since methods are told apart by case (RFC 9110 §9.1).
    ///
    /// # Errors
    /// When it is neither 1–32 characters `[A-Z0-9_-]`, first a letter, nor `*`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        if value == Self::ANY || is_method(value) {
            return Ok(Self(value.to_owned()));
        }
        Err(Invalid::new("method", value, "is not a method in capitals, such as `GET`, or `*` for any"))
    }

    /// The name, or `*`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a rule with this method is about a request with that one.
    pub fn covers(&self, method: &str) -> bool {
        self.0 == method || self.0 == Self::ANY || (self.0 == "GET" && method == "HEAD")
    }

    fn rank(&self) -> u8 {
        match self.as_str() {
            // Before `GET`, which covers it as well.
            "HEAD" => 0,
            Self::ANY => 2,
            _ => 1,
        }
    }
}

fn is_method(value: &str) -> bool {
    (1..=METHOD_CHARS_MAX).contains(&value.len())
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
}

impl Ord for RouteMethod {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for RouteMethod {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for RouteMethod {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_a_name_in_capitals_or_any() {
        for good in ["GET", "*", "M-SEARCH", "VERSION_2"] {
            assert_eq!(RouteMethod::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "get", "Get", "**", "GET,POST", "GET POST", "-X", "É", &"A".repeat(33)] {
            let refused = RouteMethod::parse(bad).unwrap_err().to_string();
            assert!(refused.contains("such as `GET`, or `*` for any"), "{refused}");
        }
    }

    #[test]
    fn a_method_covers_itself_and_get_covers_head() {
        let covers = |rule: &str, asked: &str| RouteMethod::parse(rule).unwrap().covers(asked);
        assert!(
            covers("GET", "GET")
                && covers("GET", "HEAD")
                && covers("*", "anything")
                && covers("HEAD", "HEAD")
        );
        assert!(!covers("HEAD", "GET") && !covers("POST", "HEAD") && !covers("GET", "get"));
    }
}
