//! What every command starts from: settings, who asks, and the open database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Cli;
use super::exit::Failure;
use crate::app::App;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Origin, Surroundings};
use crate::model::key::KeyRef;
use crate::model::principal::Principal;
use crate::model::project::ProjectName;
use crate::model::text::{contains_token, find_token_id};
use crate::store::lock::ServerLock;

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
        Ok(App::open(self.data_dir(), Arc::clone(&self.clock))?)
    }

    /// Opens the database as its server.
    pub(super) fn server(&self, lock: &ServerLock) -> Result<App, Failure> {
        let bytes = self.config.key_cache.value.get();
        Ok(App::open_as_server(self.data_dir(), lock, Arc::clone(&self.clock), bytes)?)
    }

    /// A command line that does this with the same program on the same data.
    pub(super) fn command(&self, words: &[&str]) -> String {
        let words = words.iter().map(|word| quoted(word));
        std::iter::once(self.start()).chain(words).collect::<Vec<_>>().join(" ")
    }

    /// The beginning of such a line.
    fn start(&self) -> String {
        let mut start = quoted(&self.program);
        let data_dir = Some(self.data_dir()).filter(|_| self.config.data_dir.origin == Origin::Flag);
        for (flag, path) in [("--data-dir", data_dir), ("--config", self.config_flag.as_deref())] {
            if let Some(path) = path {
                start.push_str(&format!(" {flag} {}", quoted(&path.display().to_string())));
            }
        }
        start
    }

    /// Adds to a failure what this call alone knows.
    pub(super) fn finish(&self, failure: Failure) -> Failure {
        let mut arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
        let failure = match arguments.find(|argument| contains_token(argument)) {
            Some(token) if failure.is_about_a_token() => failure.hint(self.after_a_leak(&token)),
            _ => failure,
        };
        failure.started_as(&self.start())
    }

    fn after_a_leak(&self, token: &str) -> String {
        let id = find_token_id(token).unwrap_or("ID");
        let project = self.in_project();
        format!(
            "it stands in your shell's history now: give that key another with `keysrv rotate {id}{project}`"
        )
    }

    /// The option that names this call's project again, where it was named.
    pub(super) fn in_project(&self) -> String {
        match self.config.project.origin {
            Origin::Flag => format!(" --project {}", self.project()),
            _ => String::new(),
        }
    }
}

/// Reads the argument that names a key.
pub(super) fn key_ref(text: &str) -> Result<KeyRef, Failure> {
    Ok(KeyRef::parse(text)?)
}

/// A word as a POSIX shell reads it back.
pub(super) fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | ':' | '@' | '~');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
