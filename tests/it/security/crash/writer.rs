//! One who changes keys without pause until the end comes, by pages or in the shell.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Course;
use super::ledger::{Change, Ledger};
use crate::harness::{Client, Place};

const BUSY: &str = "the database is busy with another change";

pub(super) enum Way {
    Page(Box<Client>),
    Shell(Arc<Place>),
}

pub(super) struct Writer {
    pub(super) ledger: Ledger,
    pub(super) way: Way,
    pub(super) cycle: u64,
    pub(super) course: Arc<Course>,
}

/// Why a change was not acknowledged.
enum Unanswered {
    /// The end came first.
    Ended,
    /// It was told to try again, since the disk kept another change waiting for too long; then
    /// nothing of it may be there.
    Refused,
}

impl Writer {
    /// Writes until the end; a change that was not acknowledged stays open in the ledger.
    pub(super) fn write(mut self) -> Ledger {
        let mut n = 0;
        while !self.course.is_over() {
            n += 1;
            let name = format!("w{} c{} k{n}", self.ledger.writer, self.cycle);
            match self.live(&name) {
                Ok(()) => {}
                Err(Unanswered::Refused) => self.ledger.refused(),
                Err(Unanswered::Ended) => break,
            }
        }
        self.ledger
    }

    /// A short random life of one key.
    fn live(&mut self, name: &str) -> Result<(), Unanswered> {
        let id = self.change(name, "", Change::Create)?;
        for _ in 0..rand::random_range(1..6) {
            let is_enabled = self.ledger.keys[name].is_enabled();
            let change = match rand::random_range(0..8) {
                0 => Change::Delete,
                1..4 => Change::Rotate,
                _ if is_enabled => Change::Disable,
                _ => Change::Enable,
            };
            self.change(name, &id, change)?;
            if change == Change::Delete {
                break;
            }
        }
        Ok(())
    }

    /// Answers with the key's id, as far as the way needs it.
    fn change(&mut self, name: &str, id: &str, change: Change) -> Result<String, Unanswered> {
        if self.course.is_over() {
            return Err(Unanswered::Ended);
        }
        let answer = match &mut self.way {
            Way::Page(client) => {
                let nonce = if matches!(change, Change::Create | Change::Rotate) {
                    nonce(client, id)?
                } else {
                    String::new()
                };
                self.ledger.begin(name, change);
                by_page(client, name, id, &nonce, change)?
            }
            Way::Shell(place) => {
                self.ledger.begin(name, change);
                by_shell(place, name, change, &self.course)?
            }
        };
        self.ledger.done();
        self.course.n_changes.fetch_add(1, Ordering::SeqCst);
        Ok(answer)
    }
}

/// What the form of a page carries, so that sending it twice makes one key.
fn nonce(client: &mut Client, id: &str) -> Result<String, Unanswered> {
    let path =
        if id.is_empty() { "/p/default/keys/new".to_owned() } else { format!("/p/default/keys/{id}/rotate") };
    let page = client.try_send("GET", &path, &[], None).map_err(|_gone| Unanswered::Ended)?;
    // A page writes the gathered counts before it reads them.
    if page.status == 503 && page.body.contains(BUSY) {
        return Err(Unanswered::Refused);
    }
    let (_, rest) = page.body.split_once("name=\"nonce\" value=\"").unwrap_or_else(|| panic!("{page:?}"));
    Ok(rest.split('"').next().unwrap().to_owned())
}

fn by_page(
    client: &mut Client,
    name: &str,
    id: &str,
    nonce: &str,
    change: Change,
) -> Result<String, Unanswered> {
    let key = format!("/p/default/keys/{id}");
    let (path, fields): (_, &[(&str, &str)]) = match change {
        Change::Create => ("/p/default/keys/new".to_owned(), &[("name", name), ("nonce", nonce)]),
        Change::Disable => (format!("{key}/disable"), &[("sure", "yes")]),
        Change::Enable => (format!("{key}/enable"), &[]),
        Change::Rotate => (format!("{key}/rotate"), &[("nonce", nonce)]),
        Change::Delete => (format!("{key}/delete"), &[]),
    };
    let answer = client.try_post_form(&path, fields).map_err(|_gone| Unanswered::Ended)?;
    if answer.status == 503 && answer.body.contains(BUSY) {
        return Err(Unanswered::Refused);
    }
    assert_eq!(answer.status, 303, "{change:?} {answer:?}");
    let location = answer.header("location").unwrap();
    Ok(location.trim_start_matches("/p/default/keys/").split(['/', '?']).next().unwrap().to_owned())
}

/// Runs a command, and kills it when the end comes while it runs.
fn by_shell(place: &Place, name: &str, change: Change, course: &Course) -> Result<String, Unanswered> {
    let args: &[&str] = match change {
        Change::Create => &["create", name],
        Change::Disable => &["disable", name],
        Change::Enable => &["enable", name],
        Change::Rotate => &["rotate", name],
        Change::Delete => &["delete", name, "--yes"],
    };
    let mut command = place.command(args);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let mut stderr = String::new();
            std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut stderr).unwrap();
            if status.code() == Some(1) && stderr.contains(BUSY) {
                return Err(Unanswered::Refused);
            }
            assert!(status.success(), "{args:?} {status}: {stderr}");
            return Ok(String::new());
        }
        if course.is_over() {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(Unanswered::Ended);
        }
        std::thread::park_timeout(std::time::Duration::from_millis(1));
    }
}
