//! How a command ends that did not do what was asked: one `error:` line, maybe a `hint:` line,
//! and an exit status.
//!
//! A hint names commands as `` `keysrv …` ``; what is printed is how this program was started, on the
//! same data, so that it works when pasted.

use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::app::Error;
use crate::config::ConfigError;
use crate::model::Invalid;
use crate::model::code::Code;
use crate::model::text::contains_token;
use crate::store::StoreError;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const REFUSED: u8 = 3;

/// Why a command ends with another status than 0.
#[derive(Debug)]
pub(super) struct Failure {
    status: u8,
    message: Option<String>,
    hint: Option<String>,
    code: Option<Code>,
}

impl Failure {
    /// It did not work.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { status: FAILED, message: Some(message.into()), hint: None, code: None }
    }

    /// It was not asked for as it must be.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { status: USAGE, ..Self::new(message) }
    }

    /// The token was refused; what to say has been printed.
    pub(super) fn refused() -> Self {
        Self { status: REFUSED, message: None, hint: None, code: None }
    }

    /// Whether an argument held a whole token.
    pub(super) fn is_about_a_token(&self) -> bool {
        self.code == Some(Code::ContainsToken)
    }

    /// Adds what to do.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Puts how the program was started into the commands of the hint.
    pub(super) fn started_as(self, start: &str) -> Self {
        let hint = self.hint.map(|hint| hint.replace("`keysrv ", &format!("`{start} ")));
        Self { hint, ..self }
    }

    /// Prints the lines and answers with the status.
    pub(super) fn report(self) -> ExitCode {
        let mut stderr = anstream::stderr().lock();
        // When even standard error is gone there is nobody left to tell.
        if let Some(message) = &self.message {
            let _nobody = writeln!(stderr, "error: {}", message.replace('\n', " "));
        }
        if let Some(hint) = &self.hint {
            let _nobody = writeln!(stderr, "hint: {}", hint.replace('\n', " "));
        }
        ExitCode::from(self.status)
    }
}

/// Help and version are printed as they are; anything else becomes one line and a hint.
pub(super) fn usage(error: &clap::Error) -> Result<(), Failure> {
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
        let failure = Failure::from(Invalid::token("argument"));
        return Failure { status: USAGE, ..failure };
    }
    let first = text.split("\n\n").next().unwrap_or_default().trim().trim_start_matches("error: ");
    let message: Vec<&str> = first.lines().map(str::trim).collect();
    let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
    let hint = match tip {
        Some(tip) => Some(tip.to_owned()),
        None if kind == ErrorKind::InvalidSubcommand => Some(commands_there(text)),
        None => usage_of(text).map(|usage| format!("usage: {usage}")),
    };
    Failure { hint, ..Failure::usage(message.join(" ")) }
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

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self { hint: error.hint, ..Self::new(error.message) }
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Error::Invalid(invalid).into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = match &error {
            // The operator may read what the engine says.
            Error::Store(store) => store.to_string(),
            Error::Internal(why) => format!("keysrv failed: {why}"),
            other => other.to_string(),
        };
        Self { hint: hint_for(&error), code: Some(error.code()), ..Self::new(message) }
    }
}

fn hint_for(error: &Error) -> Option<String> {
    if error.code() == Code::ContainsToken {
        return Some("rotate that key, and name it by its id or name".to_owned());
    }
    let Error::Store(error) = error else { return None };
    match error {
        StoreError::Missing(_) => {
            Some("make one with `keysrv init`, or name its directory with --data-dir".to_owned())
        }
        StoreError::Newer { .. } => Some("use the keysrv that wrote it, or a newer one".to_owned()),
        StoreError::Busy => Some("try again; if it stays so, look which process holds the file".to_owned()),
        StoreError::Full => Some("make room on the disk and try again; nothing was changed".to_owned()),
        StoreError::Damaged(_) => Some("put a backup in its place with `keysrv restore FILE`".to_owned()),
        StoreError::File { source, path, .. } => file_hint(source.kind(), path),
        _ => None,
    }
}

fn file_hint(kind: std::io::ErrorKind, path: &std::path::Path) -> Option<String> {
    let path = path.display();
    match kind {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            Some(format!("may this user write to `{path}`? name another directory with --data-dir"))
        }
        std::io::ErrorKind::AlreadyExists => Some(format!("choose another name, or move `{path}` away")),
        _ => None,
    }
}
