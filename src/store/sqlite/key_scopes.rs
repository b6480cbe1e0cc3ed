//! The rows of keys' scopes in `SQLite`, for questions that start from a scope. A key's own row says the same, for
//! its verification; both are written together (`keys`), and `check` compares them.

use rusqlite::{Connection, params};

use crate::model::scope::ScopeSet;
use crate::store::Result;
use crate::store::keys::KeySeq;

/// Takes the rows of a key's scopes away; answers with the key's project.
pub(super) fn remove_scopes(connection: &Connection, key: KeySeq) -> Result<i64> {
    let sql = "SELECT project_seq, scopes FROM keys WHERE seq = ?1";
    let (project, scopes): (i64, String) =
        connection.prepare_cached(sql)?.query_row([key.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = "DELETE FROM key_scopes WHERE project_seq = ?1 AND scope = ?2 AND key_seq = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    for scope in scopes.split_ascii_whitespace() {
        statement.execute(params![project, scope, key.0])?;
    }
    Ok(project)
}

/// Adds the rows of a key's scopes.
pub(super) fn insert_scopes(
    connection: &Connection,
    project: i64,
    key: i64,
    scopes: &ScopeSet,
) -> Result<()> {
    let sql = "INSERT INTO key_scopes (project_seq, scope, key_seq) VALUES (?1, ?2, ?3)";
    let mut statement = connection.prepare_cached(sql)?;
    for scope in scopes {
        statement.execute(params![project, scope.as_str(), key])?;
    }
    Ok(())
}
