//! `verify`: is this token good for this? The token is never an argument.

use std::net::IpAddr;

use clap::Args;
use zeroize::Zeroizing;

use super::context::Context;
use super::exit::Failure;
use super::{output, prompt};
use crate::app::refusal;
use crate::app::verify::{Ask, Counting, Verdict};
use crate::app::view::VerdictView;
use crate::model::Invalid;
use crate::model::scope::Scope;

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
The token comes from KEYSRV_TOKEN or from standard input, never from an argument. Exit status 3
says that it was refused.

Examples:
  printf %s \"$TOKEN\" | keysrv verify --scope actions:execute
  KEYSRV_TOKEN=$TOKEN keysrv verify --ip 203.0.113.7 --json")]
pub(super) struct VerifyArgs {
    /// A scope that the key must hold; may be repeated
    #[arg(long, value_name = "S")]
    scope: Vec<String>,
    /// The address that the request comes from
    #[arg(long, value_name = "IP")]
    ip: Option<String>,
}

pub(super) fn verify(context: &Context, args: &VerifyArgs) -> Result<(), Failure> {
    let scopes: Vec<Scope> = args.scope.iter().map(|text| Scope::parse(text)).collect::<Result<_, _>>()?;
    let ip = args.ip.as_deref().map(parse_ip).transpose()?;
    let token = presented_token(context)?;
    let app = context.app()?;
    let project = Some(context.project().as_str());
    let ask = Ask { project, scopes: &scopes, ip, counting: Counting::Use, ..Ask::new(token.trim()) };
    let verdict = app.verify(&ask)?;
    app.flush_usage()?;
    print(context, &verdict)?;
    if verdict.code.is_valid() { Ok(()) } else { Err(Failure::refused()) }
}

/// The token from the environment, else from standard input.
pub(super) fn presented_token(context: &Context) -> Result<Zeroizing<String>, Failure> {
    match context.around.token() {
        Some(token) => Ok(Zeroizing::new(token.to_owned())),
        None => prompt::token(),
    }
}

pub(super) fn parse_ip(text: &str) -> Result<IpAddr, Invalid> {
    text.parse().map_err(|_| Invalid::new("ip", text, "is no IP address"))
}

fn print(context: &Context, verdict: &Verdict) -> Result<(), Failure> {
    if context.is_json {
        return output::json(&VerdictView::new(verdict));
    }
    let sentence = match verdict.key.as_ref().filter(|_| verdict.code.is_valid()) {
        Some(key) => format!("key `{}` ({}) is good for this", key.record.facts.name, key.record.facts.id),
        None => refusal::detail(verdict),
    };
    output::line(&format!("{}: {sentence}", verdict.code))?;
    if !verdict.code.is_valid() {
        let fix = refusal::whom_to_ask(verdict).unwrap_or_else(|| verdict.code.fix().to_owned());
        output::note(&format!("hint: {fix}"));
    }
    Ok(())
}
