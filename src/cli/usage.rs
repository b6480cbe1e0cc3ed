//! A command line that cannot be read, told as every other failure is: one line and a hint.

use clap::error::ErrorKind;

use super::exit::Failure;
use crate::model::text::contains_token;

/// Help and version are printed as they are; anything else becomes one line and a hint.
pub(super) fn report(error: &clap::Error) -> Result<(), Failure> {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _closed = error.print();
            Ok(())
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Err(Failure::usage("a command is missing").hint(commands_there(&text)))
        }
        kind => Err(usage_line(&text, kind)),
    }
}

// clap writes "error: …", then maybe "tip: …", a usage line, and where to find help.
fn usage_line(text: &str, kind: ErrorKind) -> Failure {
    if contains_token(text) {
        return Failure::token_in_arguments();
    }
    let first = text.split("\n\n").next().unwrap_or_default().trim().trim_start_matches("error: ");
    let message: Vec<&str> = first.lines().map(str::trim).collect();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let hint = match tip {
        Some(tip) => Some(tip.to_owned()),
        None if kind == ErrorKind::InvalidSubcommand => Some(commands_there(text)),
        None => usage_of(text).map(|usage| format!("usage: {usage}")),
    };
    let failure = Failure::usage(message.join(" "));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn usage_of(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("Usage: "))
}

/// The way out where a command is missing or there is none such.
fn commands_there(text: &str) -> String {
    let usage = usage_of(text).unwrap_or_default().split(' ').skip(1);
    let group = usage.take_while(|word| !word.starts_with(['[', '<']));
    let line: Vec<&str> = std::iter::once("keysrv").chain(group).chain(["--help"]).collect();
    format!("`{}` tells which there are", line.join(" "))
}
