//! A project's rules, compiled: one walk along a path finds the rule, however many there are.
//!
//! A tree with a node for each segment. The walk prefers a literal to `*` and goes back where that
//! leads nowhere, so that it finds what the first matching rule of the sorted list would be
//! (`props::routes::the_table_finds_what_the_sorted_list_says`). It goes by the path's spelling set
//! aside (`path::folded`): a path that is only another spelling of a rule's path matches nothing,
//! instead of slipping through to a wider rule.

use std::collections::HashMap;

use super::RouteRule;
use super::path::{self, RequestPath, Unclear};
use super::pattern::Part;

/// The request that a proxy asks about, as the proxy says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OriginalRequest<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, with its query if there is one.
    pub target: &'a [u8],
}

/// What the rules say about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteMatch<'t> {
    /// There are no rules: any valid key will do.
    NoRules,
    /// This rule decides.
    Rule(&'t RouteRule),
    /// Nothing allows it.
    Nothing(NoRoute),
}

/// Why no rule matches a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoute {
    /// Nobody said what the request is.
    Unsaid,
    /// Its path can be read in more than one way.
    Unclear(Unclear),
    /// It would match if it were spelled like the rule.
    Spelling,
    /// There is no such rule.
    NoRule,
}

/// The compiled rules of one project.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RouteTable {
    rules: Vec<RouteRule>,
    root: Node,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Node {
    literals: HashMap<Box<[u8]>, Node>,
    one: Option<Box<Node>>,
    /// Rules for the path that ends here, by their place in the list.
    ends: Vec<usize>,
    /// Rules for every path that goes on from here.
    rest: Vec<usize>,
}

impl RouteTable {
    /// Compiles rules; their order does not count.
    pub fn new(mut rules: Vec<RouteRule>) -> Self {
        rules.sort_by(RouteRule::order);
        let mut root = Node::default();
        for (at, rule) in rules.iter().enumerate() {
            root.insert(rule.pattern.parts(), at);
        }
        Self { rules, root }
    }

    /// The rules in the order in which they are asked.
    pub fn rules(&self) -> &[RouteRule] {
        &self.rules
    }

    /// What the rules say about a request; `None` for one that nobody said anything about.
    pub fn find(&self, request: Option<&OriginalRequest<'_>>) -> RouteMatch<'_> {
        if self.rules.is_empty() {
            return RouteMatch::NoRules;
        }
        let Some(request) = request else { return RouteMatch::Nothing(NoRoute::Unsaid) };
        let path = match RequestPath::parse(request.target) {
            Ok(path) => path,
            Err(unclear) => return RouteMatch::Nothing(NoRoute::Unclear(unclear)),
        };
        // A method in small letters is another spelling, too.
        if !super::is_method(request.method) {
            return RouteMatch::Nothing(NoRoute::Spelling);
        }
        match self.walk(&self.root, path.inside(), request.method) {
            None => RouteMatch::Nothing(NoRoute::NoRule),
            Some(rule) if rule.pattern.is_spelled_like(path) => RouteMatch::Rule(rule),
            Some(_) => RouteMatch::Nothing(NoRoute::Spelling),
        }
    }

    /// The first rule that fits what is left of the path, its spelling set aside. No deeper than
    /// the longest pattern, and through each node once at most.
    fn walk(&self, node: &Node, rest: &str, method: &str) -> Option<&RouteRule> {
        if rest.is_empty() {
            return self.first(&node.ends, method);
        }
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        let literal = || {
            let next =
                if node.literals.is_empty() { None } else { node.literals.get(&*path::folded(segment)) };
            self.walk(next?, after, method)
        };
        let one = || self.walk(node.one.as_deref()?, after, method);
        literal().or_else(one).or_else(|| self.first(&node.rest, method))
    }

    fn first(&self, at: &[usize], method: &str) -> Option<&RouteRule> {
        at.iter().filter_map(|at| self.rules.get(*at)).find(|rule| rule.method.covers(method))
    }
}

impl Node {
    fn insert<'a>(&mut self, mut parts: impl Iterator<Item = Part<'a>>, at: usize) {
        match parts.next() {
            None => self.ends.push(at),
            Some(Part::Rest) => self.rest.push(at),
            Some(Part::One) => self.one.get_or_insert_default().insert(parts, at),
            Some(Part::Literal(text)) => {
                self.literals.entry(path::folded(text).into()).or_default().insert(parts, at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PathPattern, RouteMethod};
    use super::*;
    use crate::model::scope::ScopeSet;

    fn table(rules: &[&str]) -> RouteTable {
        let rule = |text: &&str| {
            let (method, pattern) = text.split_once(' ').unwrap();
            RouteRule {
                method: RouteMethod::parse(method).unwrap(),
                pattern: PathPattern::parse(pattern).unwrap(),
                scopes: ScopeSet::default(),
            }
        };
        RouteTable::new(rules.iter().map(rule).collect())
    }

    fn found(table: &RouteTable, request: &str) -> String {
        let (method, target) = request.split_once(' ').unwrap();
        match table.find(Some(&OriginalRequest { method, target: target.as_bytes() })) {
            RouteMatch::Rule(rule) => rule.name(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_most_specific_rule_decides_wherever_it_stands() {
        let mut rules = vec![
            "* /*",
            "GET /unified/*",
            "* /unified/*",
            "POST /unified/hris/employees",
            "GET /unified/*/employees",
            "GET /",
            "HEAD /files/*",
            "GET /files/*",
            "GET /a/b",
            "* /a",
        ];
        for _ in 0..rules.len() {
            rules.rotate_left(1);
            let table = table(&rules);
            for (request, rule) in [
                ("GET /unified/hris", "GET /unified/*"),
                ("HEAD /unified/hris/x/y", "GET /unified/*"),
                ("PUT /unified/hris", "* /unified/*"),
                ("GET /unified/hris/employees", "GET /unified/*/employees"),
                ("POST /unified/hris/employees", "POST /unified/hris/employees"),
                ("PUT /unified/hris/employees", "* /unified/*"),
                ("GET /unified", "* /*"),
                ("GET /unified/", "* /*"),
                ("GET /", "GET /"),
                ("POST /", "Nothing(NoRule)"),
                ("HEAD /files/x", "HEAD /files/*"),
                ("GET /files/x/", "GET /files/*"),
                ("GET /a/b/", "GET /a/b"),
                ("GET /a/b?c=/d", "GET /a/b"),
                ("GET /a/c", "* /*"),
                ("GET /a", "* /a"),
            ] {
                assert_eq!(found(&table, request), rule, "{request}");
            }
        }
    }

    #[test]
    fn another_spelling_of_a_rules_path_matches_nothing_instead_of_a_wider_rule() {
        let table = table(&["GET /Unified/me@x", "* /*", "GET /caf%C3%A9/*"]);
        assert_eq!(found(&table, "GET /Unified/me@x"), "GET /Unified/me@x");
        for spelled in [
            "/unified/me@x",
            "/UNIFIED/me@x/",
            "/Unified/me%40x",
            "/Unified/ME%40X",
            "/caf%c3%a9/b",
            "/CAF%C3%A9/b",
        ] {
            assert_eq!(found(&table, &format!("GET {spelled}")), "Nothing(Spelling)", "{spelled}");
        }
        assert_eq!(found(&table, "get /Unified/me@x"), "Nothing(Spelling)");
        assert_eq!(found(&table, "GET /Unified/me@y"), "* /*");
        assert_eq!(found(&table, "GET /unified/me@y"), "* /*");
        assert_eq!(found(&table, "GET /%55nified/me@x"), "Nothing(Unclear(Encoding))");
    }

    #[test]
    fn without_rules_everything_is_allowed_and_with_some_what_nobody_said_is_not() {
        assert_eq!(table(&[]).find(None), RouteMatch::NoRules);
        assert_eq!(table(&["GET /a"]).find(None), RouteMatch::Nothing(NoRoute::Unsaid));
    }
}
