//! The path that a request asks for, read so that it has one meaning or none.
//!
//! Nothing is normalised: where proxy, keysrv and the API behind could read a path in different
//! ways, keysrv does not choose one but says so, and such a path matches no rule. What is left is
//! what RFC 3986 §3.3 allows in a path, without `;`, dot segments, empty segments, and encodings of
//! characters that need none or that separate.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// The longest path that is read.
const PATH_BYTES_MAX: usize = 2 * 1024;

/// A path that can be read in one way only, without its query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestPath<'a>(&'a str);

/// Why a path can be read in more than one way, or in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// It does not start with `/`.
    NotAPath,
    /// It is longer than 2 KiB.
    TooLong,
    /// `//`, or `/.` or `/..` as a whole segment.
    Segment,
    /// `;`, `\`, a control character, or what else must not stand in a path.
    Character,
    /// An incomplete `%`, no UTF-8, or the encoding of a character that separates or needs none.
    Encoding,
}

impl Unclear {
    /// What is unclear, to complete "the path …".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAPath => "does not start with `/`",
            Self::TooLong => "is longer than 2 KiB",
            Self::Segment => "has an empty segment, `.` or `..`",
            Self::Character => "has a character that must not stand in a path, such as `;`, `\\` or a space",
            Self::Encoding => {
                "has a `%` that is incomplete, no UTF-8, or hides what separates or needs no encoding"
            }
        }
    }
}

impl<'a> RequestPath<'a> {
    /// Reads a path, or a path with a query, which is left out.
    ///
    /// # Errors
    /// When it can be read in more than one way.
    pub fn parse(target: &'a [u8]) -> Result<Self, Unclear> {
        let end = target.iter().position(|byte| *byte == b'?').unwrap_or(target.len());
        let path = target.get(..end).unwrap_or_default();
        if path.len() > PATH_BYTES_MAX {
            return Err(Unclear::TooLong);
        }
        let Some(inside) = path.strip_prefix(b"/") else { return Err(Unclear::NotAPath) };
        if !path.iter().all(|byte| *byte == b'/' || *byte == b'%' || is_plain(*byte)) {
            return Err(Unclear::Character);
        }
        for segment in inside.strip_suffix(b"/").unwrap_or(inside).split(|byte| *byte == b'/') {
            // The root alone is one empty segment; `//` leaves one here as well.
            if path.len() > 1 {
                check_segment(segment)?;
            }
        }
        std::str::from_utf8(path).map(Self).map_err(|_| Unclear::Character)
    }

    /// What stands between the slashes; a slash at the end is left out, the root has none.
    pub fn segments(self) -> impl Iterator<Item = &'a str> {
        segments(self.0)
    }

    /// What is left to walk: everything after the first slash, without one at the end.
    pub(super) fn inside(self) -> &'a str {
        inside(self.0)
    }

    /// The path as it was sent.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// The part of a path between its first slash and one at its end.
pub(super) fn inside(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}

pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    let inside = inside(path);
    (!inside.is_empty()).then(|| inside.split('/')).into_iter().flatten()
}

/// "unreserved", "sub-delims", `:` and `@` of RFC 3986, but `;`, at which some servers cut a path.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b'='
                | b':'
                | b'@'
        )
}

/// Whether a segment of allowed characters can be read in one way only.
fn check_segment(segment: &[u8]) -> Result<(), Unclear> {
    if matches!(segment, b"" | b"." | b"..") {
        return Err(Unclear::Segment);
    }
    if segment.contains(&b'%') { check_encoding(segment) } else { Ok(()) }
}

fn check_encoding(segment: &[u8]) -> Result<(), Unclear> {
    let mut bytes = segment.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            continue;
        }
        let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(bytes.next()), digit(bytes.next())) else {
            return Err(Unclear::Encoding);
        };
        if u8::try_from(high * 16 + low).is_ok_and(hides) {
            return Err(Unclear::Encoding);
        }
    }
    // What is no UTF-8, such as an overlong form of `/`, is read by every decoder in its own way.
    let decoded = percent_decode(segment).decode_utf8().map_err(|_| Unclear::Encoding)?;
    if decoded.chars().any(char::is_control) { Err(Unclear::Encoding) } else { Ok(()) }
}

/// Whether this must not come encoded: it separates, or a second reader would decode it.
fn hides(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte.is_ascii_control()
        || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b'\\' | b';' | b'?' | b'#' | b'%')
}

/// What all spellings of a segment have in common that some server might take for the same:
/// decoded, and without the difference between capital and small letters.
pub(super) fn folded(segment: &str) -> Cow<'_, [u8]> {
    if !segment.bytes().any(|byte| byte == b'%' || byte.is_ascii_uppercase()) {
        return Cow::Borrowed(segment.as_bytes());
    }
    let mut decoded: Vec<u8> = percent_decode(segment.as_bytes()).collect();
    decoded.make_ascii_lowercase();
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(target: &str) -> Result<&str, Unclear> {
        RequestPath::parse(target.as_bytes()).map(RequestPath::as_str)
    }

    #[test]
    fn a_clear_path_is_taken_as_it_was_sent_and_its_query_left_out() {
        let paths = [
            ("/", "/"),
            ("/?a=/../b;c", "/"),
            ("/unified/hris/employees", "/unified/hris/employees"),
            ("/a/?x", "/a/"),
            ("/a?x=//", "/a"),
            ("/users/me%40example.com/caf%C3%A9/a%20b", "/users/me%40example.com/caf%C3%A9/a%20b"),
            ("/v1/things:batch/.well-known/a..b/...", "/v1/things:batch/.well-known/a..b/..."),
            ("/a%c3%a9/$&'()*+,=!~", "/a%c3%a9/$&'()*+,=!~"),
        ];
        for (target, path) in paths {
            assert_eq!(parse(target), Ok(path));
        }
        assert_eq!(RequestPath::parse(b"/a/b/").unwrap().segments().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(RequestPath::parse(b"/").unwrap().segments().count(), 0);
    }

    #[test]
    fn what_two_servers_could_read_in_two_ways_is_unclear() {
        use Unclear::{Character, Encoding, NotAPath, Segment, TooLong};
        let long = format!("/{}", "a".repeat(PATH_BYTES_MAX));
        let paths = [
            ("", NotAPath),
            ("*", NotAPath),
            ("a/b", NotAPath),
            ("?/a", NotAPath),
            ("http://h/a", NotAPath),
            ("\\a", NotAPath),
            (&long, TooLong),
            ("//", Segment),
            ("//a", Segment),
            ("/a//b", Segment),
            ("/a//", Segment),
            ("/.", Segment),
            ("/..", Segment),
            ("/a/./b", Segment),
            ("/a/../b", Segment),
            ("/a/..", Segment),
            ("/a/../", Segment),
            ("/a;b", Character),
            ("/a;/b", Character),
            ("/..;/a", Character),
            ("/a\\b", Character),
            ("/a b", Character),
            ("/a\tb", Character),
            ("/a\0", Character),
            ("/a\r\nb", Character),
            ("/a\u{7f}", Character),
            ("/é", Character),
            ("/a#b", Character),
            ("/a|b", Character),
            ("/{a}", Character),
            ("/a%2fb", Encoding),
            ("/a%2Fb", Encoding),
            ("/a%5cb", Encoding),
            ("/a%5C", Encoding),
            ("/%2e", Encoding),
            ("/%2E%2e/a", Encoding),
            ("/.%2e/a", Encoding),
            ("/a%3Bb", Encoding),
            ("/a%00", Encoding),
            ("/a%0a", Encoding),
            ("/a%7F", Encoding),
            ("/a%252fb", Encoding),
            ("/%75nified", Encoding),
            ("/a%3fb", Encoding),
            ("/a%23b", Encoding),
            ("/a%", Encoding),
            ("/a%2", Encoding),
            ("/a%2/b", Encoding),
            ("/a%zz", Encoding),
            ("/a%u002f", Encoding),
            ("/a%c0%af", Encoding),
            ("/a%c0%ae%c0%ae", Encoding),
            ("/a%e0%80%af", Encoding),
            ("/a%ff", Encoding),
            ("/a%c3/b", Encoding),
            ("/a%c2%85", Encoding),
        ];
        for (target, unclear) in paths {
            assert_eq!(parse(target), Err(unclear), "{target:?}");
        }
        assert_eq!(RequestPath::parse(b"/\xff"), Err(Character));
    }

    proptest! {
        #[test]
        fn any_bytes_are_clear_or_refused_and_what_is_clear_has_one_reading(
            target in proptest::collection::vec(
                prop_oneof![any::<u8>(), proptest::sample::select(&b"/.%;\\25eEfFcC0aA?#"[..])], 0..40),
            starts in any::<bool>(),
        ) {
            let target = if starts { [b"/", target.as_slice()].concat() } else { target };
            if let Ok(path) = RequestPath::parse(&target) {
                let sent = path.as_str();
                prop_assert!(target.starts_with(sent.as_bytes()) && sent.starts_with('/') && !sent.contains("//"));
                let decoded = percent_decode(sent.as_bytes()).decode_utf8().unwrap();
                // Decoding adds no separator and makes no dot segment, once or twice.
                prop_assert_eq!(decoded.matches('/').count(), sent.matches('/').count());
                prop_assert!(!decoded.contains(['\\', ';', '?', '#', '%']) && !decoded.chars().any(char::is_control));
                prop_assert!(decoded.split('/').all(|segment| !matches!(segment, "." | "..")));
            }
        }

        #[test]
        fn what_needs_no_encoding_is_unclear_when_it_is_encoded(at in 0_usize..8, small in any::<bool>()) {
            let path = "/unified";
            let byte = path.as_bytes()[at];
            let hex = if small { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
            let spelled = format!("/{}{hex}{}", &path[1..at.max(1)], &path[at + 1..]);
            prop_assert_eq!(parse(&spelled), Err(Unclear::Encoding));
        }
    }
}
