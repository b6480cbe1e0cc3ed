//! What can go wrong at the boundary, without a driver's type.
//!
//! `Display` is for the log and the shell of the operator, never for a caller of the API.

use std::path::{Path, PathBuf};

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no database.
    #[error("there is no database in `{}`", .0.display())]
    Missing(PathBuf),
    /// There is one already.
    #[error("there is a database in `{}` already", .0.display())]
    Exists(PathBuf),
    /// The file was written by a newer keysrv.
    #[error("`{}` has schema {found}, and this keysrv knows schemas up to {known}", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// The file is from an older keysrv, and a server goes by what it is.
    #[error("`{}` is from an older keysrv and cannot be brought up to date now: {reason}", .path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Who uses it.
        reason: String,
    },
    /// The file is something else.
    #[error("`{}` is not a keysrv database: {reason}", .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("cannot {what} `{}`: {source}", .path.display())]
    File {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Another process holds it.
    #[error("{0}")]
    Held(String),
    /// Another writer did not finish in time.
    #[error("the database is busy with another change")]
    Busy,
    /// A value that must be unique is there already.
    #[error("a value of `{0}` is taken")]
    Taken(&'static str),
    /// There is no room on the disk.
    #[error("the disk is full")]
    Full,
    /// The file is damaged.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A commit failed before; nothing is acknowledged since.
    #[error("an earlier change could not be written to the disk, so that none is accepted now")]
    Failed,
    /// Anything else that the engine says.
    #[error("the database failed: {0}")]
    Engine(String),
}

impl StoreError {
    /// The same of another file: what was opened is a copy, and a person knows the original.
    #[must_use]
    pub fn about(self, path: &Path) -> Self {
        let path = path.to_owned();
        match self {
            Self::Foreign { reason, .. } => Self::Foreign { path, reason },
            Self::Newer { found, known, .. } => Self::Newer { path, found, known },
            other => other,
        }
    }

    /// Adds which file an I/O error was about.
    pub fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| {
            if source.kind() == std::io::ErrorKind::StorageFull {
                return Self::Full;
            }
            Self::File { what, path, source }
        }
    }
}
