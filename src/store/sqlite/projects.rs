//! Projects in `SQLite`.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::error::taken;
use super::rows::{instant, ms, parsed, parsed_opt};
use super::tx::Tx;
use crate::model::expiry::Span;
use crate::model::limit::Zone;
use crate::model::project::{Contact, Prefix, Project, ProjectName, ProjectRules, ReasonShown};
use crate::store::projects::{PROJECTS_MAX, ProjectSeq};
use crate::store::{ProjectReads, ProjectWrites, Result};

const COLUMNS: &str = "p.name, p.prefix, p.created_at,
    (SELECT n_keys FROM project_counts c WHERE c.project_seq = p.seq),
    (SELECT n_accounts FROM project_counts c WHERE c.project_seq = p.seq), p.timezone,
    p.max_lifetime_ms, p.disable_unused_ms, p.show_reason, p.contact";

fn project(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project {
        name: parsed(row, 0, ProjectName::parse)?,
        prefix: parsed(row, 1, Prefix::parse)?,
        created_at: instant(row, 2)?,
        n_keys: row.get(3)?,
        n_accounts: row.get(4)?,
        timezone: parsed(row, 5, Zone::parse)?,
        rules: rules(row, 6)?,
        contact: parsed_opt(row, 9, Contact::parse)?.flatten(),
    })
}

fn rules(row: &Row<'_>, at: usize) -> rusqlite::Result<ProjectRules> {
    let span = |at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(Span::from_ms));
    let is_shown: bool = row.get(at + 2)?;
    Ok(ProjectRules {
        max_lifetime: span(at)?,
        disable_unused: span(at + 1)?,
        reason: if is_shown { ReasonShown::ToHolder } else { ReasonShown::Never },
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

    fn get_rules(&self, seq: ProjectSeq) -> Result<ProjectRules> {
        let sql = "SELECT max_lifetime_ms, disable_unused_ms, show_reason FROM projects WHERE seq = ?1";
        Ok(self.connection().prepare_cached(sql)?.query_row([seq.0], |row| rules(row, 0))?)
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

    fn update_project(
        &mut self,
        seq: ProjectSeq,
        name: &ProjectName,
        prefix: &Prefix,
        rules: &ProjectRules,
    ) -> Result<()> {
        let sql = "UPDATE projects SET name = ?2, prefix = ?3, max_lifetime_ms = ?4, disable_unused_ms = ?5,
            show_reason = ?6 WHERE seq = ?1";
        let ms = |span: Option<Span>| span.map(Span::as_ms);
        let values = params![
            seq.0,
            name.as_str(),
            prefix.as_str(),
            ms(rules.max_lifetime),
            ms(rules.disable_unused),
            rules.reason.is_shown(),
        ];
        self.connection().execute(sql, values).map_err(taken("projects.name", "name"))?;
        Ok(())
    }

    fn set_timezone(&mut self, seq: ProjectSeq, zone: &Zone) -> Result<()> {
        let sql = "UPDATE projects SET timezone = ?2 WHERE seq = ?1";
        self.connection().execute(sql, params![seq.0, zone.as_str()])?;
        Ok(())
    }

    fn set_contact(&mut self, seq: ProjectSeq, contact: Option<&Contact>) -> Result<()> {
        let sql = "UPDATE projects SET contact = ?2 WHERE seq = ?1";
        self.connection().execute(sql, params![seq.0, contact.map(Contact::as_str)])?;
        Ok(())
    }

    fn delete_project(&mut self, seq: ProjectSeq) -> Result<()> {
        self.connection().execute("DELETE FROM projects WHERE seq = ?1", [seq.0])?;
        Ok(())
    }
}
