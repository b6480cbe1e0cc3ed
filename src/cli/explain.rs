//! `explain`: every check of a verification with pass or fail. Nothing is counted or consumed.

use clap::Args;

use super::context::{Context, key_ref};
use super::exit::Failure;
use super::output;
use super::verify::{parse_ip, presented_token};
use crate::app::explain::{Explanation, KeyAsk};
use crate::app::verify::{Ask, Routing};
use crate::model::route::OriginalRequest;
use crate::model::scope::Scope;

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without an ID, the token comes from KEYSRV_TOKEN or from standard input. With one, the checks of the
token itself are left out. Nothing is counted. Exit status 3 says that it would be refused.

Examples:
  printf %s \"$TOKEN\" | keysrv explain --scope actions:execute
  keysrv explain ci --scope keys:read --ip 203.0.113.7
  keysrv explain ci --method POST --path /actions/rpc")]
pub(super) struct ExplainArgs {
    /// A key's id, visible start or name [default: the key of the token that is presented]
    id: Option<String>,
    /// A scope that the key must hold; may be repeated
    #[arg(long, value_name = "S")]
    scope: Vec<String>,
    /// The address that the request comes from
    #[arg(long, value_name = "IP")]
    ip: Option<String>,
    /// The method of the request that the route rules are asked about
    #[arg(long, value_name = "M", requires = "path")]
    method: Option<String>,
    /// Its path
    #[arg(long, value_name = "P", requires = "method")]
    path: Option<String>,
}

pub(super) fn explain(context: &Context, args: &ExplainArgs) -> Result<(), Failure> {
    let scopes: Vec<Scope> = args.scope.iter().map(|text| Scope::parse(text)).collect::<Result<_, _>>()?;
    let ip = args.ip.as_deref().map(parse_ip).transpose()?;
    let routing = match (&args.method, &args.path) {
        (Some(method), Some(path)) => Routing::On(Some(OriginalRequest { method, target: path.as_bytes() })),
        _ => Routing::Off,
    };
    let explanation = if let Some(id) = &args.id {
        let ask = KeyAsk { scopes: &scopes, ip, routing };
        context.app()?.explain_key(&context.who, context.project(), &key_ref(id)?, &ask)?
    } else {
        let token = presented_token(context)?;
        let project = Some(context.project().as_str());
        let ask = Ask { project, scopes: &scopes, ip, routing, ..Ask::new(token.trim()) };
        context.app()?.explain(&ask)?
    };
    print(context, &explanation)?;
    if explanation.valid { Ok(()) } else { Err(Failure::refused()) }
}

fn print(context: &Context, explanation: &Explanation) -> Result<(), Failure> {
    if context.is_json {
        return output::json(explanation);
    }
    let rows = explanation.checks.iter().map(|check| {
        let result = if check.passed { "pass" } else { "FAIL" };
        [check.code.to_string(), result.to_owned(), check.detail.clone()]
    });
    output::table(["check", "result", "found"], rows.collect())?;
    output::line(&format!("verdict: {}", explanation.code))?;
    for check in explanation.checks.iter().filter(|check| !check.passed) {
        if let Some(fix) = check.fix {
            output::note(&format!("hint: {}: {fix}", check.code));
        }
    }
    Ok(())
}
