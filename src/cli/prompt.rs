//! Asking the person at the terminal: passwords, tokens and confirmations.
//!
//! A password is never an argument: it comes from a prompt or from standard input.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use zeroize::Zeroizing;

use super::exit::Failure;

const STDIN_BYTES_MAX: u64 = 4096;

/// Where a new password comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordFrom {
    /// Standard input, its first line.
    Stdin,
    /// A prompt, twice.
    Prompt,
}

impl PasswordFrom {
    pub(super) fn flag(stdin: bool) -> Self {
        if stdin { Self::Stdin } else { Self::Prompt }
    }
}

/// Reads a new password.
pub(super) fn new_password(from: PasswordFrom) -> Result<Zeroizing<String>, Failure> {
    match from {
        PasswordFrom::Stdin => stdin_line("the password"),
        PasswordFrom::Prompt => ask_twice(),
    }
}

fn ask_twice() -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("a password is needed, and standard input is no terminal")
            .hint("pipe it in with --password-stdin"));
    }
    let password = unseen("New password (at least 12 characters): ")?;
    if *password == *unseen("Once more: ")? {
        return Ok(password);
    }
    Err(Failure::new("the two passwords are not the same; nothing was changed"))
}

/// Asks for something that must not appear on the screen.
fn unseen(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let read = rpassword::prompt_password(prompt).map(Zeroizing::new);
    read.map_err(|error| Failure::new(format!("cannot read from the terminal: {error}")))
}

/// A token that is to be verified: standard input, or a prompt where that is a terminal.
pub(super) fn token() -> Result<Zeroizing<String>, Failure> {
    if io::stdin().is_terminal() { unseen("Token: ") } else { stdin_line("the token") }
}

/// The first line of standard input, without its end.
fn stdin_line(what: &str) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    let read = io::stdin().lock().take(STDIN_BYTES_MAX).read_line(&mut line);
    read.map_err(|error| Failure::new(format!("cannot read {what} from standard input: {error}")))?;
    let text = line.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(Failure::usage(format!("{what} is missing on standard input")));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// Asks yes or no; without a terminal the answer must have been given with `--yes`.
pub(super) fn confirm(question: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        let message = format!("standard input is no terminal to ask: {}", question.trim_end_matches('.'));
        return Err(Failure::usage(message).hint("confirm it with --yes"));
    }
    let mut stderr = io::stderr().lock();
    let asked = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    asked.map_err(|error| Failure::new(format!("cannot ask: {error}")))?;
    let mut answer = String::new();
    let read = io::stdin().lock().take(STDIN_BYTES_MAX).read_line(&mut answer);
    read.map_err(|error| Failure::new(format!("cannot read the answer: {error}")))?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new("not confirmed; nothing was changed"))
}
