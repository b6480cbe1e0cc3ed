//! Standard output: tables for people, JSON for programs, and a pipe that closes early.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};
use jiff::Timestamp;
use serde::Serialize;

use super::exit::Failure;

/// Writes one line. A reader that has gone (`| head`) is no failure: the command has done its work.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    done(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.write_all(b"\n"))
            .and_then(|()| stdout.flush()),
    )
}

fn done(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes many lines through one buffer.
pub(super) fn lines(lines: impl IntoIterator<Item = Result<String, Failure>>) -> Result<(), Failure> {
    pieces(lines.into_iter().map(|line| Ok(line? + "\n")))
}

fn pieces(pieces: impl IntoIterator<Item = Result<String, Failure>>) -> Result<(), Failure> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    for piece in pieces {
        let written = stdout.write_all(piece?.as_bytes());
        if written.is_err() {
            return done(written);
        }
    }
    done(stdout.flush())
}

/// One thing, as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(&json_text(value)?)
}

/// The JSON text of a thing.
pub(super) fn json_text<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::new(format!("cannot write JSON: {error}")))
}

/// A list, as `{"data":[…]}`, written while it is read.
pub(super) fn json_list<T>(
    items: impl IntoIterator<Item = Result<T, Failure>>,
    text: impl Fn(&T) -> Result<String, Failure>,
) -> Result<(), Failure> {
    let mut items = items.into_iter();
    // A list that cannot be read at all prints nothing.
    let first = items.next().transpose()?;
    let texts = first.into_iter().map(Ok).chain(items).enumerate().map(|(n, item)| {
        let comma = if n == 0 { "" } else { "," };
        Ok(format!("{comma}{}", text(&item?)?))
    });
    let piece = |text: &str| std::iter::once(Ok(text.to_owned()));
    pieces(piece("{\"data\":[").chain(texts).chain(piece("]}\n")))
}

/// A list that is in memory already.
pub(super) fn json_items<T: Serialize>(items: &[T]) -> Result<(), Failure> {
    json_list(items.iter().map(Ok), json_text)
}

/// A table for people: a line of headings, then the rows.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: Vec<[String; N]>) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.iter().map(|heading| heading.to_uppercase()));
    table.add_rows(rows);
    let first_column = table.column_mut(0).into_iter();
    first_column.for_each(|column| {
        column.set_padding((0, 1));
    });
    lines(table.lines().map(|line| Ok(line.trim_end().to_owned())))
}

/// Facts for people, one a line: a name and a value.
pub(super) fn facts(rows: Vec<(&str, String)>) -> Result<(), Failure> {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    lines(rows.into_iter().map(|(name, value)| Ok(format!("{name:width$}  {value}").trim_end().to_owned())))
}

/// A note on standard error.
pub(super) fn note(text: &str) {
    // When standard error is gone there is nobody to tell.
    let _nobody = writeln!(anstream::stderr().lock(), "{text}");
}

/// "1 key", "2 keys".
pub(super) fn counted(n: impl Into<u64>, what: &str) -> String {
    let n = n.into();
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// An instant for people, to the second.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// An instant that may not be, for people.
pub(super) fn instant_or(at: Option<Timestamp>, otherwise: &str) -> String {
    at.map_or_else(|| otherwise.to_owned(), instant)
}
