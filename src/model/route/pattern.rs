//! Patterns of paths: literal segments, and `*` for one segment, as the last for one or more.

use std::cmp::Ordering;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::path::{self, RequestPath, is_plain};
use crate::model::Invalid;
use crate::model::text::contains_token;

const PATTERN_BYTES_MAX: usize = 512;
const SEGMENTS_MAX: usize = 32;

/// Everything that a path does not carry as it is, but `/` and `%`.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b';')
    .add(b'%');

/// A pattern such as `/unified/*`; a slash at the end of a path makes no difference to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct PathPattern(String);

/// What one segment of a pattern stands for, the most specific first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part<'a> {
    /// Exactly this text.
    Literal(&'a str),
    /// Any one segment.
    One,
    /// One segment or more.
    Rest,
}

impl PathPattern {
    /// Reads a pattern: `/`, or segments of a path as it is sent, each of which may be `*`.
    ///
    /// # Errors
    /// When it is no such thing, or could never match.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        let invalid = |rule: &str| Err(Invalid::new("pattern", value, rule.to_owned()));
        if contains_token(value) {
            return Err(Invalid::token("pattern"));
        }
        if !value.starts_with('/') {
            return invalid("does not start with `/`, as in `/unified/*`");
        }
        if value.len() > PATTERN_BYTES_MAX {
            return invalid("is longer than 512 bytes");
        }
        if value.len() > 1 && value.ends_with('/') {
            return invalid("ends in `/`; leave it out, a rule covers its path with and without it");
        }
        if value.contains('?') {
            return invalid("has a query; rules go by the path alone");
        }
        if value.contains(['{', '}']) {
            return invalid("has a `{`; write `*` for any one segment");
        }
        if path::segments(value).any(|segment| segment.contains('*') && segment != "*") {
            return invalid("has a `*` beside something else; it stands for whole segments, as in `/a/*/b`");
        }
        if path::segments(value).count() > SEGMENTS_MAX {
            return invalid("has more than 32 segments");
        }
        require_clear(value)?;
        Ok(Self(value.to_owned()))
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern as it would be if it were spelled otherwise: two that are equal in this may not
    /// stand beside each other.
    pub fn folded(&self) -> String {
        let parts = self.parts().map(|part| match part {
            Part::Literal(text) => String::from_utf8_lossy(&path::folded(text)).into_owned(),
            Part::One | Part::Rest => "*".to_owned(),
        });
        parts.collect::<Vec<_>>().join("/")
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut segments = path::segments(&self.0).peekable();
        std::iter::from_fn(move || {
            let segment = segments.next()?;
            Some(match (segment, segments.peek()) {
                ("*", None) => Part::Rest,
                ("*", Some(_)) => Part::One,
                (literal, _) => Part::Literal(literal),
            })
        })
    }

    /// Whether a path that this pattern fits, its spelling set aside, is spelled like it.
    pub(super) fn is_spelled_like(&self, path: RequestPath<'_>) -> bool {
        self.parts().zip(path.segments()).all(|(part, segment)| match part {
            Part::Literal(literal) => literal == segment,
            Part::One | Part::Rest => true,
        })
    }
}

/// Requires that the pattern is spelled as a path is sent.
fn require_clear(value: &str) -> Result<(), Invalid> {
    let unclear =
        |why: &str| Invalid::new("pattern", value, format!("{why}, so that no path would match it"));
    let is_sent = value.bytes().all(|byte| byte == b'/' || byte == b'%' || is_plain(byte));
    if is_sent {
        RequestPath::parse(value.as_bytes()).map_err(|why| unclear(why.as_str()))?;
    }
    let decoded = percent_decode_str(value).decode_utf8().map_err(|_| unclear("is not UTF-8"))?;
    let canonical = utf8_percent_encode(&decoded, ENCODED).to_string();
    RequestPath::parse(canonical.as_bytes()).map_err(|why| unclear(why.as_str()))?;
    if canonical != value {
        let rule = format!("is not spelled as a path is sent; write `{canonical}`");
        return Err(Invalid::new("pattern", value, rule));
    }
    Ok(())
}

impl Ord for PathPattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(other.parts())
    }
}

impl PartialOrd for PathPattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for PathPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_segments_of_a_path_and_stars() {
        for good in ["/", "/*", "/a", "/a/*/b", "/unified/*", "/caf%C3%A9/a%20b", "/v1/things:batch/me@x"] {
            assert_eq!(PathPattern::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_could_never_match_is_refused_with_what_to_write() {
        let bad = [
            ("", "does not start with `/`"),
            ("a/b", "does not start with `/`"),
            ("/a/", "leave it out"),
            ("/a?b=c", "the path alone"),
            ("/a/{id}", "write `*`"),
            ("/a/**", "whole segments"),
            ("/a/x*", "whole segments"),
            ("//a", "an empty segment"),
            ("/a/../b", "an empty segment, `.` or `..`"),
            ("/a%2Fb", "hides what separates"),
            ("/a;b", "hides what separates"),
            ("/é", "write `/%C3%A9`"),
            ("/a b", "write `/a%20b`"),
            ("/caf%c3%a9", "write `/caf%C3%A9`"),
            ("/me%40x", "write `/me@x`"),
        ];
        for (pattern, why) in bad {
            let refused = PathPattern::parse(pattern).unwrap_err().to_string();
            assert!(refused.contains(why), "{pattern}: {refused}");
        }
        let token = format!("/ks_{}_{}", "a".repeat(12), "b".repeat(38));
        assert_eq!(PathPattern::parse(&token).unwrap_err(), Invalid::token("pattern"));
        assert!(PathPattern::parse(&"/a".repeat(33)).is_err());
        assert!(PathPattern::parse(&format!("/{}", "a".repeat(512))).is_err());
    }

    #[test]
    fn patterns_that_differ_in_spelling_alone_fold_to_one() {
        let folded = |pattern: &str| PathPattern::parse(pattern).unwrap().folded();
        assert_eq!(folded("/A/b@C/*"), folded("/a/B@c/*"));
        assert_ne!(folded("/a/*"), folded("/a"));
        assert_eq!(folded("/"), "");
    }
}
