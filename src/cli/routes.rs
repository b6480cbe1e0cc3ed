//! `route`: list, add, remove, test.

use std::io::Read;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::context::Context;
use super::exit::Failure;
use super::output::{self, counted};
use crate::app::routes::AddedRoutes;
use crate::app::{Error, refusal};
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::route::{NoRoute, OriginalRequest, PathPattern, RouteMatch, RouteMethod, RouteRule};
use crate::model::scope::ScopeSet;

/// The most that is read of a file of rules.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Commands for route rules.
#[derive(Debug, Subcommand)]
pub(super) enum RouteCommand {
    /// List the rules in the order in which they are asked
    List,
    /// Add a rule, or several at once
    Add(AddArgs),
    /// Remove a rule; until another matches, what it was for is refused
    #[command(after_help = "\
Example:
  keysrv route remove GET '/unified/*'")]
    Remove {
        /// Its method
        method: String,
        /// Its pattern
        pattern: String,
    },
    /// Tell which rule a request would meet, and which scopes it needs
    #[command(after_help = "\
Examples:
  keysrv route test POST /actions/rpc
  keysrv route test GET /unified/hris/employees?page=2 --json")]
    Test {
        /// The request's method
        method: String,
        /// The request's path
        path: String,
    },
}

/// Arguments of `route add`.
#[derive(Debug, Args)]
#[command(after_help = "\
A pattern is a path in which `*` stands for one whole segment, as the last segment for one or more.
The most specific rule that matches decides: segment by segment from the left, a literal before `*`;
then a named method before `*`. While a project has no rules, forward auth lets any valid key pass;
from its first rule on, what no rule allows is refused.

A line of a file is METHOD PATTERN [SCOPE]…; empty lines and lines that start with # are passed over.

Examples:
  keysrv route add GET '/unified/*' unified:read
  keysrv route add POST /actions/rpc actions:execute
  keysrv route add GET /status
  keysrv route add --preset example
  keysrv route add --from rules.txt")]
pub(super) struct AddArgs {
    /// The method, in capitals, or `*` for any; GET covers HEAD
    #[arg(requires = "pattern", required_unless_present_any = ["preset", "from"])]
    method: Option<String>,
    /// The paths, such as `/unified/*`
    pattern: Option<String>,
    /// The scopes that a key must hold, all of them; with none, any valid key will do
    #[arg(value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Add a prepared set of rules: those for the example catalogue
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(RouteRule::PRESETS), conflicts_with_all = ["method", "from"])]
    preset: Option<String>,
    /// Add the rules of a file, or of standard input with `-`: all of them or none
    #[arg(long, value_name = "FILE", conflicts_with = "method")]
    from: Option<String>,
}

/// What `route test` prints as JSON.
#[derive(Debug, Serialize)]
struct Tested<'a> {
    allowed: bool,
    code: Code,
    rule: Option<&'a RouteRule>,
    scopes: &'a ScopeSet,
    detail: &'a str,
}

pub(super) fn run(context: &Context, command: RouteCommand) -> Result<(), Failure> {
    match command {
        RouteCommand::List => list(context),
        RouteCommand::Add(args) => add(context, &args),
        RouteCommand::Remove { method, pattern } => remove(context, &method, &pattern),
        RouteCommand::Test { method, path } => test(context, &method, &path),
    }
}

fn add(context: &Context, args: &AddArgs) -> Result<(), Failure> {
    let rules = match (&args.method, &args.pattern, &args.from) {
        (Some(method), Some(pattern), _) => vec![rule(method, pattern, &args.scopes)?],
        (_, _, Some(file)) => parse_lines(&read(file)?)?,
        _ => RouteRule::example(),
    };
    let project = context.project();
    let added = context.app()?.add_routes(&context.who, project, &rules);
    let added = added.map_err(|error| explain(context, error))?;
    if context.is_json {
        return output::json(&added);
    }
    output::note(&told(&added));
    Ok(())
}

fn told(added: &AddedRoutes) -> String {
    match (added.added.as_slice(), added.unchanged.as_slice()) {
        ([rule], []) => format!("rule `{}` is added: {}", rule.name(), needs(&rule.scopes)),
        ([], [rule]) => format!("rule `{}` was there already", rule.name()),
        (new, []) => format!("{} are added", counted(new.len() as u64, "rule")),
        (new, old) => {
            format!("{} are added, {} were there already", counted(new.len() as u64, "rule"), old.len())
        }
    }
}

fn explain(context: &Context, error: Error) -> Failure {
    let code = error.code();
    let is_scope = error.field() == Some("scopes");
    let (failure, project) = (Failure::from(error), context.in_project());
    match code {
        Code::Taken => {
            failure.hint(format!("remove it first: `keysrv route remove{project} METHOD PATTERN`"))
        }
        Code::InvalidValue if is_scope => failure
            .hint(format!("`keysrv scope list{project}` shows them, `keysrv scope add{project}` adds one")),
        _ => failure,
    }
}

fn rule(method: &str, pattern: &str, scopes: &[impl AsRef<str>]) -> Result<RouteRule, Failure> {
    let method = RouteMethod::parse(method)?;
    let scopes = ScopeSet::parse(scopes.iter().map(AsRef::as_ref))?;
    Ok(RouteRule { method, pattern: PathPattern::parse(pattern)?, scopes })
}

fn read(file: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if file == "-" {
        std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::new(format!("cannot read `{file}`: {error}")))?;
    Ok(text)
}

fn parse_lines(text: &str) -> Result<Vec<RouteRule>, Failure> {
    let within = |(at, rule): (usize, Result<RouteRule, Invalid>)| {
        rule.map_err(|invalid| Failure::from(invalid).within(&format!("line {at}")))
    };
    RouteRule::lines(text).map(within).collect()
}

fn list(context: &Context) -> Result<(), Failure> {
    let rules = context.app()?.all_routes(&context.who, context.project())?;
    if context.is_json {
        return output::json_items(&rules);
    }
    let row = |rule: &RouteRule| [rule.method.to_string(), rule.pattern.to_string(), rule.scopes.to_text()];
    output::table(["method", "pattern", "scopes"], rules.iter().map(row).collect())
}

fn remove(context: &Context, method: &str, pattern: &str) -> Result<(), Failure> {
    let (method, pattern) = (RouteMethod::parse(method)?, PathPattern::parse(pattern)?);
    let removed = context.app()?.remove_route(&context.who, context.project(), &method, &pattern)?;
    if context.is_json {
        return output::json(&removed);
    }
    output::note(&format!("rule `{}` is removed", removed.name()));
    Ok(())
}

fn test(context: &Context, method: &str, path: &str) -> Result<(), Failure> {
    let request = OriginalRequest { method, target: path.as_bytes() };
    let tell = |found: RouteMatch<'_>| match found {
        RouteMatch::NoRules => {
            print(context, None, "the project has no route rules, so that any valid key passes", Code::Valid)
        }
        RouteMatch::Rule(rule) => {
            let sentence = format!("rule `{}`: {}", rule.name(), needs(&rule.scopes));
            print(context, Some(rule), &sentence, Code::Valid)
        }
        RouteMatch::Nothing(why) => print(context, None, &no_route(why), Code::NoRoute),
    };
    context.app()?.test_route(&context.who, context.project(), &request, tell)?
}

fn no_route(why: NoRoute) -> String {
    format!("{}: {}", Code::NoRoute, refusal::no_route(why))
}

fn print(context: &Context, rule: Option<&RouteRule>, detail: &str, code: Code) -> Result<(), Failure> {
    if !context.is_json {
        return output::line(detail);
    }
    let none = ScopeSet::default();
    let scopes = rule.map_or(&none, |rule| &rule.scopes);
    output::json(&Tested { allowed: code.is_valid(), code, rule, scopes, detail })
}

fn needs(scopes: &ScopeSet) -> String {
    if scopes.is_empty() { "any valid key passes".to_owned() } else { format!("needs {}", scopes.to_text()) }
}
