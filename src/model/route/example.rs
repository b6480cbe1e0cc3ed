//! The rules that fit the example catalogue, and how rules are written as text.

use super::{PathPattern, RouteMethod, RouteRule};
use crate::model::Invalid;
use crate::model::scope::ScopeSet;

const EXAMPLE: &str = include_str!("example.txt");

impl RouteRule {
    /// The names of the sets of rules that can be added at once.
    pub const PRESETS: [&'static str; 1] = ["example"];

    /// The rules for the example catalogue. Whatever they do not name is allowed to nobody.
    pub fn example() -> Vec<Self> {
        Self::lines(EXAMPLE).filter_map(|(_, rule)| rule.ok()).collect()
    }

    /// Reads a rule from `METHOD PATTERN [SCOPE]…`.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn parse(line: &str) -> Result<Self, Invalid> {
        let mut words = line.split_whitespace();
        let (method, pattern) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        Ok(Self {
            method: RouteMethod::parse(method)?,
            pattern: PathPattern::parse(pattern)?,
            scopes: ScopeSet::parse(words)?,
        })
    }

    /// Reads a text with a rule a line, each with the line's number; empty lines and those that
    /// start with `#` are passed over.
    pub fn lines(text: &str) -> impl Iterator<Item = (usize, Result<Self, Invalid>)> {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let rules = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        rules.map(|(at, line)| (at, Self::parse(line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::Catalogue;

    #[test]
    fn no_line_is_lost_and_each_needs_a_scope_of_the_example_catalogue() {
        let rules = RouteRule::example();
        assert_eq!(rules.len(), RouteRule::lines(EXAMPLE).count());
        assert!(rules.len() > 20);
        let catalogue = Catalogue::example();
        assert!(
            rules.iter().all(|rule| !rule.scopes.is_empty() && catalogue.unknown(&rule.scopes).is_empty())
        );
    }

    #[test]
    fn a_line_is_a_rule_or_says_which_word_is_wrong() {
        let line = |text: &str| RouteRule::parse(text).map(|rule| (rule.name(), rule.scopes.to_text()));
        assert_eq!(line("GET  /a/* b:x a:x").unwrap(), ("GET /a/*".to_owned(), "a:x b:x".to_owned()));
        for (text, field) in [("GET", "pattern"), ("get /a", "method"), ("GET /a b", "scope"), ("", "method")]
        {
            assert_eq!(line(text).unwrap_err().field(), field, "{text}");
        }
        let numbers: Vec<_> =
            RouteRule::lines("# a\n\nGET /a\n  GET b").map(|(at, rule)| (at, rule.is_ok())).collect();
        assert_eq!(numbers, [(3, true), (4, false)]);
    }
}
