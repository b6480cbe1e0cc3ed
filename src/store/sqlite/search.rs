//! Searching for a part of a name in `SQLite`, through an index of three characters in a row.
//!
//! The index says which rows may fit; whoever asks looks at each. A row's number there is made of
//! its project's and its own, so that a search walks through one project alone, newest row first.
//!
//! A key enters the index together with up to [`TAIL_MAX`] others: one alone costs a hundred times
//! what it costs among many, which every creation would pay. Those that wait are few and are looked
//! at one by one. Accounts enter at once, by a trigger, since their names change.

use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::store::Result;
use crate::store::keys::KeySeq;
use crate::store::projects::ProjectSeq;

/// The fewest characters that the index can find.
pub(super) const CHARS_MIN: usize = 3;
/// The most keys that wait for the index.
const TAIL_MAX: i64 = if cfg!(test) { 4 } else { 500 };
/// The most triples that are asked for; more make a search slower and no more exact.
const TRIPLES_MAX: usize = 16;
const PROJECT_SHIFT: u32 = 40;

/// The number of a row in an index, for a key or an account of this project with this number; in SQL
/// `rowid & ((1 << 40) - 1)` is that one again.
pub(super) fn number(project: ProjectSeq, seq: i64) -> i64 {
    (project.0 << PROJECT_SHIFT) + seq
}

/// The first number of the next project.
pub(super) fn end(project: ProjectSeq) -> i64 {
    number(ProjectSeq(project.0 + 1), 0)
}

/// What an index is asked for; `None` when the text is too short for it, or cannot be in a name.
pub(super) fn triples(q: &str) -> Option<String> {
    let chars: Vec<char> = q.chars().collect();
    if chars.contains(&'\0') {
        return None;
    }
    let mut triples: Vec<String> = Vec::new();
    for three in chars.windows(CHARS_MIN) {
        let quoted = format!("\"{}\"", three.iter().collect::<String>().replace('"', "\"\""));
        if !triples.contains(&quoted) {
            triples.push(quoted);
        }
    }
    triples.truncate(TRIPLES_MAX);
    (!triples.is_empty()).then(|| triples.join(" AND "))
}

/// Text for `LIKE … ESCAPE '\'` that finds `q`: anywhere, or where it is too short for the index
/// only at the start.
pub(super) fn like(q: &str) -> Value {
    let mut pattern = String::with_capacity(q.len() + 2);
    if q.chars().count() >= CHARS_MIN {
        pattern.push('%');
    }
    for c in q.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern.into()
}

/// The ranges of a binary index in which texts start with `q`, whatever the case of its ASCII
/// letters, in the order of the index. For short texts: there are two to the power of its length.
pub(super) fn starts(q: &str) -> Vec<(String, String)> {
    let mut starts = vec![String::new()];
    for c in q.chars() {
        let mut cases = vec![c.to_ascii_uppercase(), c.to_ascii_lowercase()];
        cases.dedup();
        starts = starts.iter().flat_map(|start| cases.iter().map(move |c| format!("{start}{c}"))).collect();
    }
    starts.into_iter().map(|start| (start.clone(), format!("{start}{}", char::MAX))).collect()
}

/// The number of the newest key in the index.
pub(super) fn indexed_to(connection: &Connection) -> Result<i64> {
    let sql = "SELECT seq FROM key_search_end LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Takes notice of a new key; it may be the one with which all that wait enter the index.
pub(super) fn added(connection: &Connection, key: i64) -> Result<()> {
    let indexed_to = indexed_to(connection)?;
    if key - indexed_to < TAIL_MAX {
        return Ok(());
    }
    let sql = "INSERT INTO key_search (rowid, name) SELECT (project_seq << 40) + seq, name
        FROM keys WHERE seq > ?1 AND seq <= ?2";
    connection.prepare_cached(sql)?.execute([indexed_to, key])?;
    connection.prepare_cached("UPDATE key_search_end SET seq = ?1")?.execute([key])?;
    Ok(())
}

/// Takes a key that still is there out of the index. Its name is as it was, since none ever changes.
pub(super) fn removed(connection: &Connection, key: KeySeq) -> Result<()> {
    if key.0 > indexed_to(connection)? {
        return Ok(());
    }
    let sql = "INSERT INTO key_search (key_search, rowid, name)
        SELECT 'delete', (project_seq << 40) + seq, name FROM keys WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute(params![key.0])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_asks_for_each_triple_once_and_for_none_where_there_is_none() {
        assert_eq!(triples("abab").unwrap(), r#""aba" AND "bab""#);
        assert_eq!(triples("aaaaa").unwrap(), r#""aaa""#);
        assert_eq!(triples(r#"a"b"#).unwrap(), r#""a""b""#);
        assert_eq!(triples("ab"), None);
        assert_eq!(triples("a\0bc"), None);
    }

    #[test]
    fn a_short_text_starts_in_each_case_in_the_order_of_bytes() {
        let firsts = |q: &str| starts(q).into_iter().map(|(from, _)| from).collect::<Vec<_>>();
        assert_eq!(firsts("a1"), ["A1", "a1"]);
        assert_eq!(firsts("Ab"), ["AB", "Ab", "aB", "ab"]);
        assert_eq!(firsts("%"), ["%"]);
        assert_eq!(firsts("É"), ["É"]);
    }

    #[test]
    fn a_number_is_of_one_project() {
        let (one, two) = (ProjectSeq(1), ProjectSeq(2));
        assert!(number(one, 1_000_000_000) < end(one) && end(one) < number(two, 1));
    }
}
