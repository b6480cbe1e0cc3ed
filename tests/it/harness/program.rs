//! The real binary in a clean environment, on a data directory of its own.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with a data directory in it, gone with the test.
pub struct Place {
    dir: tempfile::TempDir,
}

/// What a command did; failing assertions show all of it.
pub struct Outcome {
    pub args: Vec<String>,
    pub cwd: PathBuf,
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    /// A folder without a database.
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A folder with a new database.
    pub fn new() -> Self {
        let place = Self::empty();
        place.run(&["init"]).ok();
        place
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The data directory in it.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The program with `--data-dir` and nothing of the tester's environment.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keysrv"));
        command.arg("--data-dir").arg(self.data()).args(args);
        command.env_clear().env("HOME", self.dir.path()).env("USER", "tester").current_dir(self.dir.path());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Outcome {
        self.run_with(args, "", &[])
    }

    /// Runs a command with text on standard input and variables.
    pub fn run_with(&self, args: &[&str], stdin: &str, variables: &[(&str, &str)]) -> Outcome {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that does not read its input closes it first.
        let _closed = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        self.outcome(args, child.wait_with_output().unwrap())
    }

    /// Runs a line as somebody would who pasted it into a shell.
    pub fn paste(&self, line: &str) -> Outcome {
        let mut command = Command::new("sh");
        command.arg("-c").arg(line).env_clear().env("HOME", self.dir.path()).current_dir(self.dir.path());
        command.stdin(Stdio::null());
        self.outcome(&[line], command.output().unwrap())
    }

    fn outcome(&self, args: &[&str], output: Output) -> Outcome {
        Outcome {
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            cwd: self.dir.path().to_owned(),
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Makes a key; answers with its token.
    pub fn create(&self, args: &[&str]) -> String {
        self.create_by(&[&["create"], args].concat())
    }

    /// Makes a key with every scope that the project offers; answers with its token.
    pub fn token_for_everything(&self) -> String {
        let catalogue = self.json(&["scope", "list"]);
        let resources = catalogue["data"].as_array().unwrap().iter();
        let scopes = resources.flat_map(|resource| resource["scopes"].as_array().unwrap());
        let scopes: Vec<&str> = scopes.map(|scope| scope["scope"].as_str().unwrap()).collect();
        let options = scopes.iter().flat_map(|scope| ["--scope", *scope]);
        self.create(&["driver"].into_iter().chain(options).collect::<Vec<_>>())
    }

    /// Runs a command that prints a token; answers with it.
    pub fn create_by(&self, args: &[&str]) -> String {
        self.run(args).ok().stdout.trim_end().to_owned()
    }

    /// Makes a user with this password.
    pub fn add_user(&self, name: &str, role: &str, password: &str) {
        self.run_with(&["user", "add", name, "--role", role, "--password-stdin"], password, &[]).ok();
    }

    /// What `--json` prints.
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let outcome = self.run(&[args, &["--json"]].concat()).ok();
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
    }
}

impl Outcome {
    /// Requires that it succeeded.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.status(0)
    }

    /// Requires an exit status.
    #[track_caller]
    pub fn status(self, expected: i32) -> Self {
        assert_eq!(self.status, expected, "{self:?}");
        self
    }
}

impl Outcome {
    /// The command in the hint, between backticks.
    #[track_caller]
    pub fn hinted(&self) -> String {
        let hint = self.stderr.lines().find_map(|line| line.strip_prefix("hint: "));
        let command = hint.and_then(|hint| hint.split('`').nth(1));
        command.unwrap_or_else(|| panic!("a command in the hint: {self:?}")).to_owned()
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "keysrv {}", self.args.join(" "))?;
        writeln!(f, "in {}", self.cwd.display())?;
        for entry in walk(&self.cwd) {
            writeln!(f, "   {}", entry.display())?;
        }
        write!(f, "status {}\n--- stdout\n{}\n--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { vec![entry.path()] })
        .collect()
}
