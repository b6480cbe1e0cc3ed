//! Route rules against a list that is sorted as the documentation says and read from its start.

use std::collections::BTreeMap;

use keysrv::model::route::{OriginalRequest, RouteMatch, RouteRule, RouteTable};
use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::cases;

/// Spellings of few segments, so that rules and paths often meet.
const SEGMENTS: [&str; 9] = ["a", "b", "A", "caf%C3%A9", "caf%c3%a9", "CAF%C3%A9", "me@x", "me%40x", "c"];
const METHODS: [&str; 4] = ["GET", "HEAD", "POST", "PUT"];

fn segments(path: &str) -> Vec<&str> {
    let inside = path.trim_start_matches('/').trim_end_matches('/');
    if inside.is_empty() { Vec::new() } else { inside.split('/').collect() }
}

fn loosely(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8().unwrap().to_ascii_lowercase()
}

/// Whether a pattern fits a path when two segments are compared like this.
fn fits(pattern: &str, path: &str, is_equal: impl Fn(&str, &str) -> bool) -> bool {
    let (pattern, path) = (segments(pattern), segments(path));
    let is_rest = pattern.last() == Some(&"*");
    let is_long_enough = if is_rest { path.len() >= pattern.len() } else { path.len() == pattern.len() };
    is_long_enough && pattern.iter().zip(&path).all(|(part, segment)| *part == "*" || is_equal(part, segment))
}

/// The order of the documentation: segment by segment, a literal before one `*` before the last; then
/// a named method before any, and `HEAD` before the `GET` that covers it.
fn rank(rule: &RouteRule) -> (Vec<u8>, u8) {
    let parts = segments(rule.pattern.as_str());
    let kind = |(at, part): (usize, &&str)| match *part {
        "*" if at + 1 == parts.len() => 2,
        "*" => 1,
        _ => 0,
    };
    let method = match rule.method.as_str() {
        "HEAD" => 0,
        "*" => 2,
        _ => 1,
    };
    (parts.iter().enumerate().map(kind).collect(), method)
}

fn expected(rules: &[RouteRule], method: &str, path: &str) -> String {
    let mut sorted: Vec<&RouteRule> = rules.iter().collect();
    sorted.sort_by_key(|rule| rank(rule));
    let covers = |rule: &RouteRule| {
        let named = rule.method.as_str();
        named == "*" || named == method || (named == "GET" && method == "HEAD")
    };
    let loose = |a: &str, b: &str| loosely(a) == loosely(b);
    let first = sorted.into_iter().find(|rule| covers(rule) && fits(rule.pattern.as_str(), path, loose));
    let spelled = first.filter(|rule| fits(rule.pattern.as_str(), path, |a, b| a == b));
    spelled.map_or_else(|| "nothing".to_owned(), RouteRule::name)
}

fn found(table: &RouteTable, method: &str, path: &str) -> String {
    match table.find(Some(&OriginalRequest { method, target: path.as_bytes() })) {
        RouteMatch::Rule(rule) => rule.name(),
        RouteMatch::Nothing(_) | RouteMatch::NoRules => "nothing".to_owned(),
    }
}

fn rule() -> impl Strategy<Value = RouteRule> {
    let part = prop_oneof![2 => proptest::sample::select(&SEGMENTS[..]), 1 => Just("*")];
    let method = proptest::sample::select(&["GET", "HEAD", "POST", "*"][..]);
    (method, proptest::collection::vec(part, 0..4))
        .prop_filter_map("spelled as no path is", |(method, parts)| {
            RouteRule::parse(&format!("{method} /{}", parts.join("/"))).ok()
        })
}

fn path() -> impl Strategy<Value = String> {
    let parts = proptest::collection::vec(proptest::sample::select(&SEGMENTS[..]), 0..5);
    (parts, any::<bool>()).prop_map(|(parts, has_slash)| {
        let slash = if has_slash && !parts.is_empty() { "/" } else { "" };
        format!("/{}{slash}", parts.join("/"))
    })
}

/// As the use case keeps them: one rule of each method and pattern, and each pattern spelled in one way.
fn one_of_each(rules: Vec<RouteRule>) -> Vec<RouteRule> {
    let mut patterns: BTreeMap<String, String> = BTreeMap::new();
    let mut kept: Vec<RouteRule> = Vec::new();
    for rule in rules {
        let spelled =
            patterns.entry(rule.pattern.folded()).or_insert_with(|| rule.pattern.as_str().to_owned());
        let is_new = kept.iter().all(|other| other.name() != rule.name());
        if spelled == rule.pattern.as_str() && is_new {
            kept.push(rule);
        }
    }
    kept
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn the_table_finds_what_the_sorted_list_says(
        rules in proptest::collection::vec(rule(), 1..12),
        paths in proptest::collection::vec((proptest::sample::select(&METHODS[..]), path()), 1..20),
        turn in 0_usize..12,
    ) {
        let mut rules = one_of_each(rules);
        let table = RouteTable::new(rules.clone());
        let turn = turn % rules.len();
        rules.rotate_left(turn);
        let turned = RouteTable::new(rules.clone());
        for (method, path) in paths {
            let says = expected(&rules, method, &path);
            prop_assert_eq!(&found(&table, method, &path), &says, "{} {} {:?}", method, path, rules);
            prop_assert_eq!(&found(&turned, method, &path), &says, "the order of insertion counted");
        }
    }

    #[test]
    fn no_spelling_of_a_guarded_path_meets_a_wider_rule(
        at in 0_usize..8,
        trick in proptest::sample::select(&[
            "%2f", "%2F", "%5c", "%5C", "\\", ";", ";x=1", "//", "/./", "/../", "%2e", "%00", "\0", "\r", "%0d%0a",
            "%c0%af", "%c0%ae%c0%ae/", "%252f", "%25", "%", "#", "?x#", " ", "%09", "é", "%ff", "%u002e", "/.;/", "..",
            "%E2%80%AE\u{202e}",
        ][..]),
        insert in any::<bool>(),
    ) {
        // Whoever holds no scope may ask for everything but /guarded and what is below it.
        let rules = ["GET /guarded keys:read", "GET /guarded/* keys:read", "GET /* "];
        let table = RouteTable::new(rules.iter().map(|text| RouteRule::parse(text).unwrap()).collect());
        let path = "/guarded/x";
        let before = if insert { &path[..at] } else { "/other" };
        let spelled = format!("{before}{trick}{}", &path[at..]);
        let (spelled, method) = (spelled.as_bytes(), "GET");
        let open = table.find(Some(&OriginalRequest { method, target: spelled }));
        let path = spelled.split(|byte| *byte == b'?').next().unwrap();
        // What is let through by the wide rule is a plain path that no server reads as /guarded.
        if let RouteMatch::Rule(rule) = open && rule.scopes.is_empty() {
            let text = std::str::from_utf8(path).unwrap();
            prop_assert!(!text.contains(['\\', ';', '#', ' ']) && !text.contains("//"), "{}", text);
            let decoded = percent_decode_str(text).decode_utf8().unwrap().into_owned();
            prop_assert!(!decoded.to_ascii_lowercase().starts_with("/guarded"), "{}", decoded);
            prop_assert!(decoded.split('/').all(|part| part != "." && part != ".."), "{}", decoded);
        }
    }
}
