//! How a command ends that did not do what was asked: one `error:` line, maybe a `hint:` line,
//! and an exit status.
//!
//! A hint names commands as `` `keysrv …` ``; what is printed is how this program was started, on the
//! same data, so that it works when pasted.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::ExitCode;

use crate::app::Error;
use crate::config::ConfigError;
use crate::model::Invalid;
use crate::model::code::Code;
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

    /// A whole token stood among the arguments.
    pub(super) fn token_in_arguments() -> Self {
        Self { status: USAGE, ..Self::from(Invalid::token("argument")) }
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

    /// Adds where in what was read it went wrong.
    pub(super) fn within(self, place: &str) -> Self {
        Self { message: self.message.map(|message| format!("{place}: {message}")), ..self }
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
        StoreError::Older { .. } => Some("stop that server and start this keysrv's in its place".to_owned()),
        StoreError::Busy => Some("try again; if it stays so, look which process holds the file".to_owned()),
        StoreError::Full => Some("make room on the disk and try again; nothing was changed".to_owned()),
        StoreError::Damaged(_) => Some("put a backup in its place with `keysrv restore FILE`".to_owned()),
        StoreError::File { source, path, .. } => file_hint(source.kind(), path),
        _ => None,
    }
}

fn file_hint(kind: std::io::ErrorKind, path: &Path) -> Option<String> {
    match kind {
        std::io::ErrorKind::PermissionDenied => {
            let me = rustix::process::geteuid().as_raw();
            Some(denied_hint(path, owner(path).filter(|(_, uid)| *uid != me)))
        }
        std::io::ErrorKind::ReadOnlyFilesystem => Some(format!(
            "name a directory that can be written to with --data-dir; `{}` cannot",
            path.display()
        )),
        std::io::ErrorKind::AlreadyExists => {
            Some(format!("choose another name, or move `{}` away", path.display()))
        }
        _ => None,
    }
}

/// The first of the path and the folders above it that can be looked at, and whose it is.
fn owner(path: &Path) -> Option<(&Path, u32)> {
    path.ancestors().find_map(|path| {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        Some((path, path.symlink_metadata().ok()?.uid()))
    })
}

/// The usual reason is a server that runs as a user of its own.
fn denied_hint(path: &Path, other: Option<(&Path, u32)>) -> String {
    match other {
        None => format!("this user may not use `{}`; name another directory with --data-dir", path.display()),
        Some((path, uid)) => format!(
            "`{}` belongs to user {uid}: run this as that user (`sudo -u '#{uid}' …`), or name another directory with --data-dir",
            path.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_use_the_data_is_told_whose_it_is() {
        let path = Path::new("/srv/keysrv/keysrv.db");
        assert!(denied_hint(path, Some((path, 999))).contains("belongs to user 999: "));
        assert!(denied_hint(path, None).starts_with("this user may not use `/srv/keysrv/keysrv.db`"));
        let dir = tempfile::tempdir().unwrap();
        let mine = rustix::process::geteuid().as_raw();
        assert_eq!(owner(&dir.path().join("a/b")), Some((dir.path(), mine)));
    }
}
