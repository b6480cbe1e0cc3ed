//! The table of a project's route rules in the order in which they are asked, and what they say
//! about one request.

use askama::Template;

use super::needs;
use crate::app::refusal;
use crate::model::page::{Limit, PageRequest};
use crate::model::project::ProjectName;
use crate::model::route::{OriginalRequest, RouteMatch, RouteRule};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Frame, Place, cli_project, with_query};
use crate::web::admin::visit::Visit;
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "routes/list.html")]
struct RoutesPage {
    frame: Frame,
    rows: Vec<RouteRow>,
    first: String,
    next: String,
    /// The request that is tried, as it was typed.
    method: String,
    path: String,
    tested: Option<Tested>,
    cli_project: String,
}

struct RouteRow {
    method: String,
    pattern: String,
    scopes: Vec<String>,
    /// Where removing it is asked about.
    remove: String,
}

/// What the rules say about a request.
struct Tested {
    is_allowed: bool,
    /// The rule that decides; empty where none does.
    rule: String,
    sentence: String,
}

/// The rules.
pub(crate) fn list(visit: &Visit) -> PageResult {
    let (project, query) = (visit.project()?, visit.query());
    let frame = visit.frame(Place::Routes, &project)?;
    let cursor = query.filled("cursor").map(str::to_owned);
    let request = PageRequest { limit: Limit::default(), cursor: cursor.clone() };
    let page = visit.app.list_routes(&visit.who(), &project, &request)?;
    let base = routes::route_rules(&project);
    Answer::page(&RoutesPage {
        rows: page.items.iter().map(|rule| RouteRow::new(&project, rule)).collect(),
        first: cursor.map(|_| base.clone()).unwrap_or_default(),
        next: page
            .next_cursor
            .map(|cursor| with_query(&base, &format!("cursor={cursor}")))
            .unwrap_or_default(),
        method: query.filled("method").unwrap_or("GET").to_owned(),
        path: query.typed("path").to_owned(),
        tested: test(visit, &project, &query)?,
        cli_project: cli_project(&project),
        frame,
    })
}

fn test(visit: &Visit, project: &ProjectName, query: &Fields) -> crate::app::Result<Option<Tested>> {
    let (Some(method), Some(path)) = (query.filled("method"), query.filled("path")) else { return Ok(None) };
    let request = OriginalRequest { method, target: path.as_bytes() };
    visit.app.test_route(&visit.who(), project, &request, Tested::new).map(Some)
}

impl Tested {
    fn new(found: RouteMatch<'_>) -> Self {
        let (is_allowed, rule, sentence) = match found {
            RouteMatch::NoRules => {
                (true, String::new(), "There are no rules, so that any valid key passes.".to_owned())
            }
            RouteMatch::Rule(rule) => (true, rule.name(), needs(&rule.scopes)),
            RouteMatch::Nothing(why) => (false, String::new(), refusal::no_route(why)),
        };
        Self { is_allowed, rule, sentence }
    }
}

impl RouteRow {
    fn new(project: &ProjectName, rule: &RouteRule) -> Self {
        let (method, pattern) = (rule.method.as_str(), rule.pattern.as_str());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("method", method).append_pair("pattern", pattern);
        Self {
            method: method.to_owned(),
            pattern: pattern.to_owned(),
            scopes: rule.scopes.iter().map(ToString::to_string).collect(),
            remove: with_query(&routes::route_rule_remove(project), &query.finish()),
        }
    }
}
