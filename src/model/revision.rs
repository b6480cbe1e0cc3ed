//! Which state of a key or an account somebody has seen, so that no change is lost.
//!
//! A revision names what can be changed, and not what changes by use: a key that is used all day
//! keeps its revision until somebody edits it. HTTP carries it as a strong `ETag` (RFC 9110 §8.8.3).

use super::Invalid;

/// The most revisions that one request may expect.
const EXPECTED_MAX: usize = 16;
const NO_TAGS: &str = "is not a tag such as `\"3f2a…\"`, as `ETag` gave it";
/// What may stand around an element of a list.
const SPACE: [char; 2] = [' ', '\t'];

/// An opaque name of one state: up to 64 visible ASCII characters without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(String);

impl Revision {
    /// Takes a name.
    pub fn new(name: String) -> Self {
        Self(name)
    }

    /// The `ETag`: the name in quotes.
    pub fn etag(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// The states one of which a thing must be in to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected(Vec<Revision>);

impl Expected {
    /// The header that carries them.
    pub const HEADER: &'static str = "If-Match";

    /// Reads the value of `If-Match` (RFC 9110 §13.1.1); `None` for `*`, which any state fits.
    ///
    /// A weak tag is left out, since it fits nothing: what is said to be about the same is not enough
    /// to know that no change is lost.
    ///
    /// # Errors
    /// When it is not a list of tags.
    pub fn parse(value: &str) -> Result<Option<Self>, Invalid> {
        if value.trim() == "*" {
            return Ok(None);
        }
        let (mut tags, mut rest) = (Vec::new(), start_of_tag(value));
        while !rest.is_empty() || tags.is_empty() {
            let tag = read_tag(rest).ok_or_else(|| Invalid::new(Self::HEADER, value, NO_TAGS))?;
            tags.push(tag.revision);
            rest = tag.rest;
            if tags.len() > EXPECTED_MAX {
                return Err(Invalid::new(Self::HEADER, "", "names more than 16 tags"));
            }
        }
        Ok(Some(Self(tags.into_iter().flatten().collect())))
    }

    /// Whether nothing can be among them, since all tags were weak.
    pub fn is_hopeless(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this state is among them.
    pub fn fits(&self, revision: &Revision) -> bool {
        self.0.contains(revision)
    }
}

/// One tag of a list, and what comes after it.
struct Tag<'a> {
    revision: Option<Revision>,
    rest: &'a str,
}

fn read_tag(text: &str) -> Option<Tag<'_>> {
    let strong = text.strip_prefix("W/").unwrap_or(text);
    let (name, rest) = strong.strip_prefix('"')?.split_once('"')?;
    let rest = rest.trim_start_matches(SPACE);
    if !name.bytes().all(|b| b.is_ascii_graphic()) || !(rest.is_empty() || rest.starts_with(',')) {
        return None;
    }
    let revision = (strong.len() == text.len()).then(|| Revision(name.to_owned()));
    Some(Tag { revision, rest: start_of_tag(rest) })
}

/// Empty elements of a list mean nothing (RFC 9110 §5.6.1).
fn start_of_tag(text: &str) -> &str {
    text.trim_start_matches(|c| c == ',' || SPACE.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_is_read_and_a_weak_one_fits_nothing() {
        let fits = |value, name: &str| {
            Expected::parse(value).unwrap().unwrap().fits(&Revision::new(name.to_owned()))
        };
        for list in ["\"a1\", \"b2\"", "\"a1\",\"b2\" ", ",, \"b2\"\t,, \"a,1\",", "W/\"x\", \"b2\""] {
            assert!(fits(list, "b2") && !fits(list, "c3"), "{list}");
        }
        assert!(fits("\"a,1\", \"b2\"", "a,1"));
        assert!(!fits("W/\"a1\"", "a1") && Expected::parse("W/\"a1\"").unwrap().unwrap().is_hopeless());
        assert_eq!(Expected::parse(" * ").unwrap(), None);
        for bad in [
            "",
            " ",
            ",",
            "a1",
            "w/\"a1\"",
            "\"a1",
            "\"a\"b\"",
            "\"a\" \"b\"",
            "\"a 1\"",
            "\"a\", *",
            "\"a\", b",
        ] {
            assert!(Expected::parse(bad).is_err(), "{bad}");
        }
        assert!(Expected::parse(&vec!["\"a\""; 17].join(",")).is_err());
    }
}
