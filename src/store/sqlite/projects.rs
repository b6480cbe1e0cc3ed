//! Projects in `SQLite`.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::error::taken;
use super::rows::{instant, ms, parsed};
use super::tx::Tx;
use crate::model::limit::Zone;
use crate::model::project::{Prefix, Project, ProjectName};
use crate::store::projects::{PROJECTS_MAX, ProjectSeq};
use crate::store::{ProjectReads, ProjectWrites, Result};

const COLUMNS: &str = "p.name, p.prefix, p.created_at,
    (SELECT count(*) FROM keys k WHERE k.project_seq = p.seq),
    (SELECT count(*) FROM accounts a WHERE a.project_seq = p.seq), p.timezone";

fn project(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project {
        name: parsed(row, 0, ProjectName::parse)?,
        prefix: parsed(row, 1, Prefix::parse)?,
        created_at: instant(row, 2)?,
        n_keys: row.get(3)?,
        n_accounts: row.get(4)?,
        timezone: parsed(row, 5, Zone::parse)?,
    })
}

impl ProjectReads for Tx {
    fn find_project_seq(&self, name: &ProjectName) -> Result<Option<ProjectSeq>> {
        let mut statement = self.connection().prepare_cached("SELECT seq FROM projects WHERE name = ?1")?;
        let seq = statement.query_row([name.as_str()], |row| row.get(0)).optional()?;
        Ok(seq.map(ProjectSeq))
    }

    fn get_project(&self, seq: ProjectSeq) -> Result<Project> {
        let sql = format!("SELECT {COLUMNS} FROM projects p WHERE p.seq = ?1");
        Ok(self.connection().prepare_cached(&sql)?.query_row([seq.0], project)?)
    }

    fn get_prefix(&self, seq: ProjectSeq) -> Result<Prefix> {
        let mut statement = self.connection().prepare_cached("SELECT prefix FROM projects WHERE seq = ?1")?;
        Ok(statement.query_row([seq.0], |row| parsed(row, 0, Prefix::parse))?)
    }

    fn list_projects(&self) -> Result<Vec<Project>> {
        let sql = format!("SELECT {COLUMNS} FROM projects p ORDER BY p.name LIMIT {PROJECTS_MAX}");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let projects = statement.query_map([], project)?;
        Ok(projects.collect::<rusqlite::Result<_>>()?)
    }

    fn list_project_names(&self) -> Result<Vec<ProjectName>> {
        let sql = format!("SELECT name FROM projects ORDER BY name LIMIT {PROJECTS_MAX}");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let names = statement.query_map([], |row| parsed(row, 0, ProjectName::parse))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }
}

impl ProjectWrites for Tx {
    fn insert_project(&mut self, name: &ProjectName, prefix: &Prefix, at: Timestamp) -> Result<ProjectSeq> {
        let sql = "INSERT INTO projects (name, prefix, created_at) VALUES (?1, ?2, ?3)";
        let values = params![name.as_str(), prefix.as_str(), ms(at)];
        self.connection().execute(sql, values).map_err(taken("projects.name", "name"))?;
        Ok(ProjectSeq(self.connection().last_insert_rowid()))
    }

    fn update_project(&mut self, seq: ProjectSeq, name: &ProjectName, prefix: &Prefix) -> Result<()> {
        let sql = "UPDATE projects SET name = ?2, prefix = ?3 WHERE seq = ?1";
        let values = params![seq.0, name.as_str(), prefix.as_str()];
        self.connection().execute(sql, values).map_err(taken("projects.name", "name"))?;
        Ok(())
    }

    fn set_timezone(&mut self, seq: ProjectSeq, zone: &Zone) -> Result<()> {
        let sql = "UPDATE projects SET timezone = ?2 WHERE seq = ?1";
        self.connection().execute(sql, params![seq.0, zone.as_str()])?;
        Ok(())
    }

    fn delete_project(&mut self, seq: ProjectSeq) -> Result<()> {
        self.connection().execute("DELETE FROM projects WHERE seq = ?1", [seq.0])?;
        Ok(())
    }
}
