//! Numbered migrations, each applied once, all that are missing in one transaction.
//!
//! The number of the newest stands in the file's `user_version`. Before an existing database is
//! changed, a copy of it is put beside it.

use std::path::Path;

use rusqlite::Connection;

use super::copy;
use crate::store::check::silent;
use crate::store::files::{Draft, folder_of};
use crate::store::{Result, StoreError};

/// The migrations in order; number n is at n - 1.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/001_first.sql"),
    include_str!("migrations/002_limits.sql"),
    include_str!("migrations/003_callers.sql"),
    include_str!("migrations/004_routes.sql"),
    include_str!("migrations/005_life.sql"),
    include_str!("migrations/006_lists.sql"),
    include_str!("migrations/007_usage.sql"),
    include_str!("migrations/008_recent_uses.sql"),
    include_str!("migrations/009_audit.sql"),
    include_str!("migrations/010_watch.sql"),
    include_str!("migrations/011_contact.sql"),
    include_str!("migrations/012_lists.sql"),
    include_str!("migrations/013_counts.sql"),
    include_str!("migrations/014_recent_uses.sql"),
];

/// The newest schema that this program knows.
#[expect(clippy::cast_possible_truncation, reason = "a handful")]
pub const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

pub(super) fn schema_version(connection: &Connection) -> Result<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Applies those of `migrations` that the file lacks.
pub(super) fn bring_up(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Result<()> {
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let found = schema_version(connection)?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        keep_copy(path, found)?;
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let applied = apply_missing(connection, migrations);
    let end = if applied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.execute_batch(end)?;
    applied
}

// The version is read again inside the transaction: another process may have been quicker.
fn apply_missing(connection: &Connection, migrations: &[&str]) -> Result<()> {
    let found = schema_version(connection)?;
    for sql in migrations.iter().skip(found as usize) {
        connection.execute_batch(sql)?;
    }
    Ok(connection.pragma_update(None, "user_version", migrations.len())?)
}

fn keep_copy(path: &Path, version: u32) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".before-schema-{}", version + 1));
    let target = Path::new(&name);
    if target.symlink_metadata().is_ok() {
        // A migration that failed half-way through an earlier start made it; the file is as it was.
        return Ok(());
    }
    let draft = Draft::new(folder_of(target))?;
    copy::copy_into(path, &draft, &mut silent)?;
    draft.publish(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::pool::{Role, connect};

    const NEXT: &[&str] = &["CREATE TABLE a (x)", "CREATE TABLE b (x)"];

    fn empty() -> (tempfile::TempDir, std::path::PathBuf, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        std::fs::write(&path, b"").unwrap();
        let connection = connect(&path, Role::Writer).unwrap();
        (dir, path, connection)
    }

    #[test]
    fn an_older_file_is_copied_and_brought_up() {
        let (dir, path, mut connection) = empty();
        bring_up(&mut connection, &path, &NEXT[..1]).unwrap();
        connection.execute_batch("INSERT INTO a VALUES (7)").unwrap();
        bring_up(&mut connection, &path, NEXT).unwrap();
        assert_eq!(schema_version(&connection).unwrap(), 2);
        let copy = connect(&dir.path().join("x.db.before-schema-2"), Role::Writer).unwrap();
        assert_eq!(schema_version(&copy).unwrap(), 1);
        assert_eq!(copy.query_row("SELECT x FROM a", [], |row| row.get::<_, i64>(0)).unwrap(), 7);
    }

    #[test]
    fn a_newer_file_is_refused_untouched() {
        let (_dir, path, mut connection) = empty();
        bring_up(&mut connection, &path, NEXT).unwrap();
        drop(connection);
        let before = std::fs::read(&path).unwrap();
        let refused = bring_up(&mut connect(&path, Role::Writer).unwrap(), &path, &NEXT[..1]);
        assert!(matches!(refused, Err(StoreError::Newer { found: 2, known: 1, .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let (_dir, path, mut connection) = empty();
        bring_up(&mut connection, &path, &NEXT[..1]).unwrap();
        let broken = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
        assert!(bring_up(&mut connection, &path, &broken).is_err());
        assert_eq!(schema_version(&connection).unwrap(), 1);
        assert!(connection.execute_batch("SELECT * FROM b").is_err());
    }
}
