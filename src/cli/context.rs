//! What every command starts from: settings, who asks, and the open database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Cli;
use super::exit::Failure;
use crate::app::{App, Error};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Origin, Surroundings};
use crate::model::key::KeyRef;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::store::StoreError;

/// The state of one call.
pub(super) struct Context {
    pub(super) config: Config,
    pub(super) around: Surroundings,
    pub(super) is_json: bool,
    /// How the program was started, for hints that work when pasted.
    program: String,
    config_flag: Option<PathBuf>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) who: Principal,
}

impl Context {
    pub(super) fn new(program: &str, cli: &Cli) -> Result<Self, Failure> {
        let around = Surroundings::of_process();
        let config = Config::load(&cli.options(), cli.global.config.as_deref(), &around)?;
        Ok(Self {
            who: Principal::Operator(around.operator()),
            config,
            around,
            is_json: cli.global.json,
            program: program.to_owned(),
            config_flag: cli.global.config.clone(),
            clock: Arc::new(SystemClock),
        })
    }

    pub(super) fn data_dir(&self) -> &Path {
        &self.config.data_dir.value
    }

    pub(super) fn project(&self) -> &ProjectName {
        &self.config.project.value
    }

    /// Opens the database; only `init` and `serve` make one.
    pub(super) fn app(&self) -> Result<App, Failure> {
        App::open(self.data_dir(), Arc::clone(&self.clock)).map_err(|error| self.explain(error))
    }

    /// Adds the hint that only the shell can give: how to make or find a database.
    fn explain(&self, error: Error) -> Failure {
        let is_missing = matches!(error, Error::Store(StoreError::Missing(_)));
        let failure = Failure::from(error);
        if !is_missing {
            return failure;
        }
        failure.hint(format!(
            "make one with `{}`, or name its directory with --data-dir",
            self.command(&["init"])
        ))
    }

    /// A command line that does this with the same program on the same data.
    pub(super) fn command(&self, words: &[&str]) -> String {
        let mut line = vec![quoted(&self.program)];
        let mut push_path = |flag: &str, path: &Path| {
            line.extend([flag.to_owned(), quoted(&path.display().to_string())]);
        };
        if self.config.data_dir.origin == Origin::Flag {
            push_path("--data-dir", self.data_dir());
        }
        if let Some(file) = &self.config_flag {
            push_path("--config", file);
        }
        line.extend(words.iter().map(|word| quoted(word)));
        line.join(" ")
    }
}

/// Reads the argument that names a key.
pub(super) fn key_ref(text: &str) -> Result<KeyRef, Failure> {
    Ok(KeyRef::parse(text)?)
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ':' | '@' | '~');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
