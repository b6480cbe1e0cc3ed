//! Which state of a key or an account somebody has seen, so that no change is lost.
//!
//! A revision names what can be changed, and not what changes by use: a key that is used all day
//! keeps its revision until somebody edits it. HTTP carries it as a strong `ETag` (RFC 9110 §8.8.3).

use super::Invalid;

/// The most revisions that one request may expect.
const EXPECTED_MAX: usize = 16;

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
    /// Reads the value of `If-Match` (RFC 9110 §13.1.1); `None` for `*`, which any state fits.
    ///
    /// # Errors
    /// When it is not a list of strong tags: a weak one never fits.
    pub fn parse(value: &str) -> Result<Option<Self>, Invalid> {
        if value.trim() == "*" {
            return Ok(None);
        }
        let tags: Vec<Revision> = value.split(',').map(read_tag).collect::<Result<_, _>>()?;
        if tags.len() > EXPECTED_MAX {
            return Err(Invalid::new("If-Match", "", "names more than 16 tags"));
        }
        Ok(Some(Self(tags)))
    }

    /// Whether this state is among them.
    pub fn fits(&self, revision: &Revision) -> bool {
        self.0.contains(revision)
    }
}

fn read_tag(text: &str) -> Result<Revision, Invalid> {
    let text = text.trim();
    let name = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let is_name = |name: &&str| {
        !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_graphic() && b != b'"')
    };
    let rule = "is not a tag such as `\"3f2a…\"`, as `ETag` gave it";
    name.filter(is_name)
        .map(|name| Revision(name.to_owned()))
        .ok_or_else(|| Invalid::new("If-Match", text, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_strong_tags_is_read_and_a_weak_one_refused() {
        let expected = Expected::parse("\"a1\", \"b2\"").unwrap().unwrap();
        assert!(expected.fits(&Revision("b2".to_owned())));
        assert!(!expected.fits(&Revision("c3".to_owned())));
        assert_eq!(Expected::parse(" * ").unwrap(), None);
        for bad in ["", "a1", "W/\"a1\"", "\"a1", "\"\"", "\"a\"b\"", "\"a1\",", "\"a 1\""] {
            assert!(Expected::parse(bad).is_err(), "{bad}");
        }
        assert!(Expected::parse(&vec!["\"a\""; 17].join(",")).is_err());
    }
}
