//! The head of a request, whoever has read it: the lane from the bytes, or the framework.
//!
//! What decides about a request reads it from here, so that it cannot tell the two apart. Header lines
//! keep their order among those of one name, which is all that an order of theirs means.

use std::net::IpAddr;

use actix_web::dev::RequestHead;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// What of a request is read before its body.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// As it was sent: methods are told apart by case.
    pub method: &'a str,
    /// As it was sent, nothing decoded.
    pub path: &'a str,
    /// What follows the `?`; empty where there is none.
    pub query: &'a str,
    /// The header lines.
    pub lines: Lines<'a>,
    /// The other end of the connection.
    pub peer: Option<IpAddr>,
}

impl<'a> Head<'a> {
    /// Of a request that the framework has read.
    pub fn of(request: &'a RequestHead) -> Self {
        Self {
            method: request.method.as_str(),
            path: request.uri.path(),
            query: request.uri.query().unwrap_or_default(),
            lines: Lines::Map(&request.headers),
            peer: request.peer_addr.map(|peer| peer.ip()),
        }
    }
}

/// The header lines of a request.
#[derive(Debug, Clone, Copy)]
pub enum Lines<'a> {
    /// In the framework's map.
    Map(&'a HeaderMap),
    /// As the parser found them.
    Read(&'a [httparse::Header<'a>]),
}

impl<'a> Lines<'a> {
    /// The values of all lines with a name, which is in lower case, in their order.
    pub fn all(self, name: &'static str) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        let (map, read) = self.either();
        let read = read.iter().filter(move |line| line.name.eq_ignore_ascii_case(name));
        let map = map.into_iter().flat_map(move |map| map.get_all(name)).map(HeaderValue::as_bytes);
        map.chain(read.map(|line| line.value))
    }

    /// The first value of a name.
    pub fn first(self, name: &'static str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The value of a name that stands there exactly once.
    pub fn only(self, name: &'static str) -> Option<&'a [u8]> {
        let mut values = self.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// Every name, in the case that it was sent in or in lower case.
    pub fn names(self) -> impl Iterator<Item = &'a str> {
        let (map, read) = self.either();
        let map = map.into_iter().flat_map(|map| map.keys()).map(HeaderName::as_str);
        map.chain(read.iter().map(|line| line.name))
    }

    fn either(self) -> (Option<&'a HeaderMap>, &'a [httparse::Header<'a>]) {
        match self {
            Self::Map(map) => (Some(map), &[]),
            Self::Read(lines) => (None, lines),
        }
    }
}

/// A value as text, if it is visible ASCII, blanks and tabs.
pub fn text(value: &[u8]) -> Option<&str> {
    // To the end, whatever is found: without a branch the processor looks at many bytes at a time.
    let is_text = value.iter().fold(true, |is_text, byte| is_text & matches!(byte, b' '..=b'~' | b'\t'));
    if is_text { std::str::from_utf8(value).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 4] = ["x-api-key", "X-Api-Key", "host", "X-Forwarded-For"];

    proptest! {
        #[test]
        fn both_sources_say_the_same(lines in proptest::collection::vec((0..NAMES.len(), "[a-c]{0,2}"), 0..8)) {
            let mut map = HeaderMap::new();
            for (name, value) in &lines {
                map.append(HeaderName::try_from(NAMES[*name]).unwrap(), HeaderValue::from_str(value).unwrap());
            }
            let read: Vec<httparse::Header<'_>> = lines
                .iter()
                .map(|(name, value)| httparse::Header { name: NAMES[*name], value: value.as_bytes() })
                .collect();
            let (map, read) = (Lines::Map(&map), Lines::Read(&read));
            for name in NAMES {
                prop_assert_eq!(map.all(name).collect::<Vec<_>>(), read.all(name).collect::<Vec<_>>());
                prop_assert_eq!(map.all(name).rev().collect::<Vec<_>>(), read.all(name).rev().collect::<Vec<_>>());
                prop_assert_eq!(map.only(name), read.only(name));
                prop_assert_eq!(map.first(name), read.first(name));
            }
            let names = |lines: Lines<'_>| {
                let mut names: Vec<String> = lines.names().map(str::to_ascii_lowercase).collect();
                names.sort();
                names.dedup();
                names
            };
            prop_assert_eq!(names(map), names(read));
        }

        #[test]
        fn text_is_what_the_framework_takes_for_text(value in proptest::collection::vec(any::<u8>(), 0..6)) {
            if let Ok(theirs) = HeaderValue::from_bytes(&value) {
                prop_assert_eq!(text(&value), theirs.to_str().ok());
            }
        }
    }
}
