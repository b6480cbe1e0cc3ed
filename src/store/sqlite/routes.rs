//! Route rules in `SQLite`, and the compiled ones that the connections of a store share.
//!
//! Compiling ten thousand rules takes as long as some thousand verifications, and whatever anybody
//! commits makes a connection forget what it remembers. So the compiled rules stay until the number
//! that grows with each change of them says otherwise.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Row, params};

use super::error::taken;
use super::rows::parsed;
use super::tx::Tx;
use crate::model::key::KeyId;
use crate::model::route::{PathPattern, RouteMethod, RouteRule, RouteTable};
use crate::model::scope::ScopeSet;
use crate::store::projects::{PROJECTS_MAX, ProjectSeq};
use crate::store::{Result, RouteReads, RouteWrites};

/// Compiled rules by project, each with the version that they are of.
#[derive(Debug, Default)]
pub(super) struct RouteTables(Mutex<HashMap<i64, (i64, Arc<RouteTable>)>>);

impl RouteTables {
    /// The rules of a key's project as they are in the database now.
    ///
    /// # Errors
    /// When they cannot be read, or the key is gone: without its rules nobody may decide.
    pub(super) fn get(&self, connection: &Connection, key: &KeyId) -> Result<Arc<RouteTable>> {
        // The version is read before the rules: what is committed in between is in the rules, and
        // under a version that is newer than the one they are kept under, so that they are read again.
        let (seq, version) = version(connection, key)?;
        self.at(connection, seq, version)
    }

    /// The rules of a project as they are in the database now.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn of_project(&self, connection: &Connection, project: ProjectSeq) -> Result<Arc<RouteTable>> {
        let sql = "SELECT routes_version FROM projects WHERE seq = ?1";
        let version = connection.prepare_cached(sql)?.query_row([project.0], |row| row.get(0))?;
        self.at(connection, project.0, version)
    }

    fn at(&self, connection: &Connection, seq: i64, version: i64) -> Result<Arc<RouteTable>> {
        // Held while the rules are read, so that they are compiled once and not by each connection.
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, table)) = tables.get(&seq)
            && *of == version
        {
            return Ok(Arc::clone(table));
        }
        let table = Arc::new(RouteTable::new(list(connection, seq)?));
        if tables.len() > PROJECTS_MAX {
            // Those of projects that are gone.
            tables.clear();
        }
        tables.insert(seq, (version, Arc::clone(&table)));
        Ok(table)
    }
}

fn version(connection: &Connection, key: &KeyId) -> Result<(i64, i64)> {
    let sql = "SELECT p.seq, p.routes_version FROM keys k JOIN projects p ON p.seq = k.project_seq
        WHERE k.id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([key.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn list(connection: &Connection, project_seq: i64) -> Result<Vec<RouteRule>> {
    let sql = "SELECT method, pattern, scopes FROM routes WHERE project_seq = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rules = statement.query_map([project_seq], rule)?;
    Ok(rules.collect::<rusqlite::Result<_>>()?)
}

fn rule(row: &Row<'_>) -> rusqlite::Result<RouteRule> {
    Ok(RouteRule {
        method: parsed(row, 0, RouteMethod::parse)?,
        pattern: parsed(row, 1, PathPattern::parse)?,
        scopes: parsed(row, 2, |text| ScopeSet::parse(text.split_ascii_whitespace()))?,
    })
}

impl RouteReads for Tx {
    fn list_routes(&self, project: ProjectSeq) -> Result<Vec<RouteRule>> {
        list(self.connection(), project.0)
    }
}

impl RouteWrites for Tx {
    fn insert_route(&mut self, project: ProjectSeq, rule: &RouteRule) -> Result<()> {
        let sql =
            "INSERT INTO routes (project_seq, folded, method, pattern, scopes) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![
            project.0,
            rule.pattern.folded(),
            rule.method.as_str(),
            rule.pattern.as_str(),
            rule.scopes.to_text()
        ];
        let mut statement = self.connection().prepare_cached(sql)?;
        statement.execute(values).map_err(taken("routes.method", "pattern"))?;
        bump(self.connection(), project)
    }

    fn delete_route(
        &mut self,
        project: ProjectSeq,
        method: &RouteMethod,
        pattern: &PathPattern,
    ) -> Result<()> {
        let sql = "DELETE FROM routes WHERE project_seq = ?1 AND method = ?2 AND pattern = ?3";
        self.connection().execute(sql, params![project.0, method.as_str(), pattern.as_str()])?;
        bump(self.connection(), project)
    }
}

fn bump(connection: &Connection, project: ProjectSeq) -> Result<()> {
    let sql = "UPDATE projects SET routes_version = routes_version + 1 WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute([project.0])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::project::{Prefix, ProjectName};
    use crate::priority::count_steps;
    use crate::store::Store;
    use crate::store::sqlite::SqliteStore;

    #[test]
    fn who_shows_a_page_compiles_without_stepping_aside_since_verifications_wait_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::create(dir.path(), &mut |_| Ok(())).unwrap();
        let mut tx = store.write().unwrap();
        let project =
            tx.insert_project(&ProjectName::default(), &Prefix::default(), Timestamp::UNIX_EPOCH).unwrap();
        for n in 0..300 {
            let pattern = PathPattern::parse(&format!("/things-{n}")).unwrap();
            let rule = RouteRule {
                method: RouteMethod::parse("GET").unwrap(),
                pattern,
                scopes: ScopeSet::default(),
            };
            tx.insert_route(project, &rule).unwrap();
        }
        tx.commit().unwrap();
        assert!(
            count_steps(|| assert_eq!(store.read().unwrap().list_routes(project).unwrap().len(), 300)) > 0
        );
        assert_eq!(count_steps(|| drop(store.project_routes(project).unwrap())), 0);
    }
}
