//! The overview of a project: what state its keys are in, their requests, which keys deserve a look,
//! and the strangers that the server turned away. Each number leads to the list behind it.

use askama::Template;
use jiff::Timestamp;

use super::answer::{Answer, PageResult};
use super::audit::change::Change;
use super::chart::{Chart, UsagePanel};
use super::keys::scopes_worth_a_look;
use super::page::{Frame, Place, cli_project, with_query};
use super::visit::Visit;
use super::when::{When, counted, grouped};
use crate::app::overview::Overview;
use crate::model::audit::AuditFilter;
use crate::model::code::Code;
use crate::model::noted::{Looked, StrangerCount};
use crate::model::outcome::last;
use crate::model::page::{Limit, PageRequest};
use crate::model::project::ProjectName;
use crate::model::usage::{UsageRange, UsageStep};
use crate::web::problem::Problem;
use crate::web::routes;

/// How many changes the page tells.
const RECENT: &str = "5";

/// The page, in words.
#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    /// Whether the project has a key at all.
    has_keys: bool,
    states: Vec<State>,
    usage: UsagePanel,
    looks: Vec<LookRow>,
    /// The newest changes of the project.
    recent: Vec<Change>,
    /// All of them.
    audit_href: String,
    strangers: Strangers,
    cli_project: String,
}

/// How many keys are in one state.
struct State {
    label: &'static str,
    /// Whether no key is.
    is_none: bool,
    /// The colour of its dot.
    tone: &'static str,
    n: String,
    href: String,
}

/// Keys to look at.
struct LookRow {
    /// "3 keys unused for 90 days".
    what: String,
    /// What to do about it.
    why: String,
    href: String,
}

/// Requests without a key that exists.
struct Strangers {
    chart: Chart,
    rows: Vec<NetworkRow>,
}

/// The strangers of one network.
struct NetworkRow {
    /// "198.51.100.0/24".
    network: String,
    unknown: String,
    malformed: String,
    last: When,
}

/// The overview of a project.
pub(crate) fn show(visit: &Visit) -> PageResult {
    let project = visit.project()?;
    let frame = visit.frame(Place::Overview, &project)?;
    let (who, address) = (visit.who(), routes::overview(&project));
    let wide = scopes_worth_a_look(&visit.app.get_catalogue(&who, &project)?);
    let overview = visit.app.get_overview(&who, &project, &wide)?;
    let usage = |range: &UsageRange| visit.app.project_outcomes(&who, &project, range);
    let states = states(&overview, &project);
    let counts = visit.app.count_keys(&who, &project)?;
    Answer::page(&OverviewPage {
        has_keys: counts.total > 0,
        states,
        usage: UsagePanel::read(visit, &address, usage)?,
        looks: looks(&overview, &project, visit.now()),
        recent: recent(visit, &project)?,
        audit_href: with_query(routes::AUDIT, &format!("project={project}")),
        strangers: strangers(visit)?,
        cli_project: cli_project(&project),
        frame,
    })
}

fn recent(visit: &Visit, project: &ProjectName) -> Result<Vec<Change>, Problem> {
    let of_project = AuditFilter { project: Some(project.clone()), ..AuditFilter::default() };
    let newest = PageRequest { limit: Limit::parse(RECENT)?, cursor: None };
    let events = visit.app.list_audit(&visit.who(), &of_project, &newest)?;
    Ok(events.items.iter().map(|event| Change::new(event, visit.now())).collect())
}

fn states(overview: &Overview, project: &ProjectName) -> Vec<State> {
    let states = &overview.states;
    [
        ("Active", "good", states.active, "active"),
        ("Disabled", "off", states.disabled, "disabled"),
        ("Expired", "bad", states.expired, "expired"),
        ("Account disabled", "off", states.account_disabled, "account_disabled"),
    ]
    .into_iter()
    .map(|(label, tone, n, status)| State {
        label,
        is_none: n == 0,
        tone,
        n: grouped(n),
        href: with_query(&routes::keys(project), &format!("status={status}")),
    })
    .collect()
}

fn looks(overview: &Overview, project: &ProjectName, now: Timestamp) -> Vec<LookRow> {
    let mut rows = Vec::new();
    let mut add = |looked: Looked, what: &str, why: &str, query: &str| {
        if looked.n > 0 {
            rows.push(LookRow {
                what: format!("{} {what}", told(looked)),
                why: why.to_owned(),
                href: with_query(&routes::keys(project), &format!("status=active&{query}")),
            });
        }
    };
    let why = "They stop by themselves. Whoever uses them needs a new date or a new key.";
    add(overview.ending, "expiring within 14 days", why, "expires_within=14d");
    for (scope, looked) in &overview.endless {
        let what = format!("with {scope} and no end");
        let why = "A wide scope that never ends. Give these keys a date, or narrow them.";
        let query = format!(
            "scope={}&expires_within=never",
            form_urlencoded::byte_serialize(scope.as_str().as_bytes()).collect::<String>()
        );
        add(*looked, &what, why, &query);
    }
    let why = "Nobody would miss them. Disable them; that can be undone.";
    add(overview.unused, "unused for 90 days", why, "unused_for=90d");
    for key in &overview.old_secrets {
        let seen = key.overlap().and_then(|overlap| overlap.old.last_seen_at);
        let seen = seen.map(|at| format!(", last {}", When::new(at, now).relative)).unwrap_or_default();
        rows.push(LookRow {
            what: format!("The old secret of {} is still in use", key.facts.name),
            why: format!("Somebody has not changed to the new one{seen}."),
            href: routes::key(project, &key.facts.id),
        });
    }
    rows
}

/// "3 keys", "more than 120 keys" where not all were looked at.
fn told(looked: Looked) -> String {
    let keys = counted(looked.n, "key");
    if looked.is_all { keys } else { format!("At least {keys}") }
}

fn strangers(visit: &Visit) -> Result<Strangers, Problem> {
    let (who, now) = (visit.who(), visit.now());
    let range = last(UsageStep::Hour, 24, now);
    let chart = Chart::of_refused(&visit.app.stranger_outcomes(&who, &range)?);
    let counts = visit.app.list_strangers(&who, &range)?;
    let mut rows: Vec<(Option<ipnet::IpNet>, [u64; 2], i64)> = Vec::new();
    for StrangerCount { hour, network, code, count } in counts {
        let at = usize::from(code == Code::Malformed);
        if !rows.iter().any(|(known, ..)| *known == network) {
            rows.push((network, [0, 0], hour.0));
        }
        let Some(row) = rows.iter_mut().find(|(known, ..)| *known == network) else { continue };
        if let Some(n) = row.1.get_mut(at) {
            *n += count;
        }
        row.2 = row.2.max(hour.0);
    }
    rows.sort_by_key(|(_, counts, _)| std::cmp::Reverse(counts.iter().sum::<u64>()));
    let rows = rows.into_iter().map(|(network, [unknown, malformed], hour)| NetworkRow {
        network: network.map_or_else(|| "Elsewhere".to_owned(), |network| network.to_string()),
        unknown: grouped(unknown),
        malformed: grouped(malformed),
        last: When::new(Timestamp::from_second(hour * 3600).unwrap_or(now), now),
    });
    Ok(Strangers { chart, rows: rows.collect() })
}
