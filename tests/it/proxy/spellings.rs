//! No spelling of a path reaches the API at a path that the key may not use.
//!
//! The rules are the harshest there can be: one allows everything, a narrower one guards `/secret`.
//! A spelling that keysrv takes for something else falls to the first, and would pass. What reaches
//! the API is read in every way in which servers are known to read a path.

use std::collections::BTreeSet;

use percent_encoding::percent_decode;

use super::{ProxyKind, Rig};
use crate::harness::client::basic;

const RULES: [&str; 4] =
    ["* / unified:read", "* /* unified:read", "* /secret keys:write", "* /secret/* keys:write"];
const AT_LEAST: usize = 2_000;

const FORMS: [&[u8]; 5] = [b"", b"", b"http://api", b"HTTP://API:80", b"http://api/open"];

const BEFORE: [&[u8]; 26] = [
    b"/",
    b"//",
    b"///",
    b"/./",
    b"/.//",
    b"/open/../",
    b"/open/x/../../",
    b"/open//../",
    b"/open/./../",
    b"/../",
    b"/../../",
    b"/%2e/",
    b"/open/%2e%2e/",
    b"/open/.%2E/",
    b"/open/..%2f",
    b"/open/..%2F/",
    b"/open%2f../",
    b"/open/..;/",
    b"/open/..;a=b/",
    b"/;/",
    b"/open/..\\",
    b"/open\\..\\",
    b"/open/..%5c",
    b"\\",
    b"/open/..%252f",
    b"/open/%c0%ae%c0%ae/",
];

const SECRET: [&[u8]; 27] = [
    b"secret",
    b"SECRET",
    b"Secret",
    b"sEcReT",
    b"%73ecret",
    b"s%65cret",
    b"secre%74",
    b"%53ecret",
    b"%2573ecret",
    b"%25%37%33ecret",
    b"%u0073ecret",
    b"%c1%b3ecret",
    b"%e0%81%b3ecret",
    b"%73%65%63%72%65%74",
    b"secret;",
    b"secret;x=1",
    b"secret%3b",
    b"secret%00",
    b"secret\0",
    b"secret%3f",
    b"secret#",
    b"secret%23",
    b"secret%0a",
    b"secret%09",
    b"secret%20",
    b"secret\x7f",
    b"s\\ecret",
];

const BETWEEN: [&[u8]; 16] = [
    b"/",
    b"//",
    b"/./",
    b"/x/../",
    b"%2f",
    b"%2F",
    b"\\",
    b"%5c",
    b"%5C",
    b"%252f",
    b"%c0%af",
    b"%e0%80%af",
    b"/;/",
    b";/",
    b"%00/",
    b"/%2e/",
];

const AFTER: [&[u8]; 10] =
    [b"x", b"", b"x/", b"x/.", b"x/..", b"x?y=1", b"?/open", b"x%00.png", b"x%2f..%2fx", b"x#/../../open"];

/// Every part by itself, and then an even sample of all combinations.
fn spellings() -> BTreeSet<Vec<u8>> {
    let spell = |form: &[u8], before: &[u8], secret: &[u8], between: &[u8], after: &[u8]| {
        [form, before, secret, between, after].concat()
    };
    let mut all = BTreeSet::new();
    for form in FORMS {
        all.insert(spell(form, b"/", b"secret", b"/", b"x"));
        all.extend(BEFORE.iter().map(|before| spell(form, before, b"secret", b"/", b"x")));
        all.extend(SECRET.iter().map(|secret| spell(form, b"/", secret, b"/", b"x")));
        all.extend(BETWEEN.iter().map(|between| spell(form, b"/", b"secret", between, b"x")));
        all.extend(AFTER.iter().map(|after| spell(form, b"/", b"secret", b"/", after)));
    }
    let n_all = FORMS.len() * BEFORE.len() * SECRET.len() * BETWEEN.len() * AFTER.len();
    // A prime, so that each part meets each other one.
    for n in (0..n_all).step_by(283) {
        let (form, n) = (FORMS[n % FORMS.len()], n / FORMS.len());
        let (before, n) = (BEFORE[n % BEFORE.len()], n / BEFORE.len());
        let (secret, n) = (SECRET[n % SECRET.len()], n / SECRET.len());
        let (between, n) = (BETWEEN[n % BETWEEN.len()], n / BETWEEN.len());
        all.insert(spell(form, before, secret, between, AFTER[n % AFTER.len()]));
    }
    all
}

/// How servers are known to read a path.
#[derive(Clone, Copy)]
struct Reading {
    n_decoded: usize,
    backslash_separates: bool,
    cuts_parameters: bool,
    resolves_first: bool,
}

impl Reading {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for n_decoded in 0..=2 {
            for bits in 0..8 {
                let is_on = |bit: u8| bits & (1 << bit) != 0;
                let (backslash_separates, cuts_parameters, resolves_first) = (is_on(0), is_on(1), is_on(2));
                all.push(Self { n_decoded, backslash_separates, cuts_parameters, resolves_first });
            }
        }
        all
    }

    /// The first segment of what a server with these habits takes the target for.
    fn first_segment(self, target: &str) -> String {
        let path =
            target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
        let path = path.split(['?', '#']).next().unwrap();
        let mut bytes: Vec<u8> = path.chars().map(|c| u8::try_from(c).unwrap()).collect();
        if self.resolves_first {
            bytes = resolved(&bytes);
        }
        for _ in 0..self.n_decoded {
            bytes = without_overlong(&percent_decode(&bytes).collect::<Vec<u8>>());
        }
        if self.backslash_separates {
            bytes.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
        }
        if let Some(end) = bytes.iter().position(|byte| matches!(byte, 0 | b'?' | b'#' | b'\n')) {
            bytes.truncate(end);
        }
        if self.cuts_parameters {
            let cut = |segment: &[u8]| segment.split(|byte| *byte == b';').next().unwrap().to_vec();
            bytes = bytes.split(|byte| *byte == b'/').map(cut).collect::<Vec<_>>().join(&b'/');
        }
        let path = String::from_utf8_lossy(&resolved(&bytes)).to_ascii_lowercase();
        path.trim_start_matches('/').split('/').next().unwrap().to_owned()
    }
}

/// What a lenient decoder makes of `/`, `.` and letters that were written in two bytes or three.
fn without_overlong(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((first, more)) = rest.split_first() {
        let (byte, left) = match (first, more) {
            (0xc0 | 0xc1, [second, left @ ..]) => ((first & 1) << 6 | (second & 0x3f), left),
            (0xe0, [second @ 0x80..=0x81, third, left @ ..]) => ((second & 1) << 6 | (third & 0x3f), left),
            _ => (*first, more),
        };
        out.push(byte);
        rest = left;
    }
    out
}

/// Without empty segments, `.` and `..`.
fn resolved(path: &[u8]) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in path.split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    [b"/", segments.join(&b'/').as_slice()].concat()
}

#[test]
fn the_readings_see_through_what_is_tried() {
    let reads_secret =
        |target: &str| Reading::all().iter().any(|reading| reading.first_segment(target) == "secret");
    for hidden in [
        "/secret/x",
        "/SECRET",
        "//secret//x",
        "/open/../secret/x",
        "/open/%2e%2e/secret/x",
        "/open/..%2fsecret/x",
        "/%2573ecret/x",
        "/%c1%b3ecret/x",
        "/secret;a=b/x",
        "/open/..;/secret/x",
        "\\secret\\x",
        "/open/..%5csecret/x",
        "/secret%00/x",
        "/secret%2fx",
        "/secret%252fx",
        "http://api/secret/x",
        "/open/%c0%ae%c0%ae/secret/x",
    ] {
        assert!(reads_secret(hidden), "{hidden}");
    }
    for open in ["/open/x", "/secrets", "/open/secret", "/", "/x?/secret", "/secret/../open"] {
        let plain = Reading {
            n_decoded: 0,
            backslash_separates: false,
            cuts_parameters: false,
            resolves_first: true,
        };
        assert!(plain.first_segment(open) != "secret", "{open}");
    }
    assert!(spellings().len() >= AT_LEAST, "{}", spellings().len());
}

/// Tries every spelling.
fn try_all(kind: ProxyKind) {
    let mut rig = Rig::start(kind, &RULES);
    let weak = rig.token("weak", &["unified:read"]);
    let strong = rig.token("strong", &["keys:write"]);
    rig.pass(&strong, "/secret/x", &[]);
    let (readings, authorization) = (Reading::all(), basic(&weak));
    let head = format!(" HTTP/1.1\r\nHost: api\r\nAuthorization: {authorization}\r\n\r\n");
    for (n, spelling) in spellings().into_iter().enumerate() {
        let request = [b"GET ", spelling.as_slice(), head.as_bytes()].concat();
        let reply = rig.wire.send(&request);
        let shown = String::from_utf8_lossy(&spelling).into_owned();
        for seen in rig.upstream.take() {
            let name = kind.as_str();
            for reading in &readings {
                let first = reading.first_segment(&seen.target);
                assert_ne!(first, "secret", "{name}: `{shown}` reached the API as `{}`", seen.target);
            }
            assert_eq!(reply.as_ref().map(|reply| reply.status), Some(200), "{name}: {shown}");
        }
        // What is refused is refused by the path, and not because nothing passes any more.
        if n % 250 == 0 {
            rig.pass(&weak, "/open/x", &[]);
        }
    }
}

#[test]
fn no_spelling_gets_past_nginx() {
    try_all(ProxyKind::Nginx);
}

#[test]
fn no_spelling_gets_past_caddy() {
    try_all(ProxyKind::Caddy);
}

#[test]
fn no_spelling_gets_past_traefik() {
    try_all(ProxyKind::Traefik);
}

#[test]
fn no_spelling_gets_past_haproxy() {
    try_all(ProxyKind::Haproxy);
}

#[test]
fn no_spelling_gets_past_envoy() {
    try_all(ProxyKind::Envoy);
}
