//! The scope catalogue in `SQLite`: four small tables, read and written whole.

use rusqlite::{Connection, params};

use super::rows::parsed;
use super::tx::Tx;
use crate::model::scope::{
    Catalogue, Holders, Preset, PresetName, PresetScope, Resource, Scope, ScopeDetail, ScopeSet,
};
use crate::store::projects::ProjectSeq;
use crate::store::{Result, ScopeReads, ScopeWrites};

impl ScopeReads for Tx {
    fn get_catalogue(&self, project: ProjectSeq) -> Result<Catalogue> {
        let connection = self.connection();
        Ok(Catalogue { resources: resources(connection, project)?, presets: presets(connection, project)? })
    }

    fn default_scopes(&self, project: ProjectSeq) -> Result<ScopeSet> {
        let sql = "SELECT scope FROM scopes WHERE project_seq = ?1 AND is_default";
        let mut statement = self.connection().prepare_cached(sql)?;
        let scopes = statement.query_map([project.0], |row| parsed(row, 0, Scope::parse))?;
        Ok(scopes.collect::<rusqlite::Result<_>>()?)
    }

    fn has_scope(&self, project: ProjectSeq, scope: &Scope) -> Result<bool> {
        let sql = "SELECT 1 FROM scopes WHERE project_seq = ?1 AND scope = ?2";
        Ok(self.connection().prepare_cached(sql)?.exists(params![project.0, scope.as_str()])?)
    }

    fn count_keys_with_scope(&self, project: ProjectSeq, scope: &Scope) -> Result<Holders> {
        let sql = "SELECT count(*) FROM
            (SELECT 1 FROM key_scopes WHERE project_seq = ?1 AND scope = ?2 LIMIT ?3)";
        let mut statement = self.connection().prepare_cached(sql)?;
        let values = params![project.0, scope.as_str(), Holders::COUNTED_MAX + 1];
        Ok(Holders::counted(statement.query_row(values, |row| row.get(0))?))
    }
}

fn resources(connection: &Connection, project: ProjectSeq) -> Result<Vec<Resource>> {
    let sql = "SELECT r.name, r.label, r.description, s.scope, s.label, s.is_default
        FROM resources r JOIN scopes s ON s.project_seq = r.project_seq AND s.resource = r.name
        WHERE r.project_seq = ?1 ORDER BY r.position, r.name, s.position, s.scope";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([project.0])?;
    let mut resources: Vec<Resource> = Vec::new();
    while let Some(row) = rows.next()? {
        let detail =
            ScopeDetail { scope: parsed(row, 3, Scope::parse)?, label: row.get(4)?, is_default: row.get(5)? };
        let name: String = row.get(0)?;
        match resources.last_mut().filter(|resource| resource.name == name) {
            Some(resource) => resource.scopes.push(detail),
            None => resources.push(Resource {
                name,
                label: row.get(1)?,
                description: row.get(2)?,
                scopes: vec![detail],
            }),
        }
    }
    Ok(resources)
}

fn presets(connection: &Connection, project: ProjectSeq) -> Result<Vec<Preset>> {
    let sql = "SELECT p.name, p.label, s.scope, s.reason
        FROM presets p LEFT JOIN preset_scopes s ON s.project_seq = p.project_seq AND s.preset = p.name
        WHERE p.project_seq = ?1 ORDER BY p.position, p.name, s.position";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([project.0])?;
    let mut presets: Vec<Preset> = Vec::new();
    while let Some(row) = rows.next()? {
        let name = super::rows::parsed(row, 0, PresetName::parse)?;
        if presets.last().is_none_or(|preset| preset.name != name) {
            presets.push(Preset { name, label: row.get(1)?, scopes: Vec::new() });
        }
        let scope = super::rows::parsed_opt(row, 2, Scope::parse)?;
        if let (Some(preset), Some(scope)) = (presets.last_mut(), scope) {
            preset.scopes.push(PresetScope { scope, reason: row.get(3)? });
        }
    }
    Ok(presets)
}

impl ScopeWrites for Tx {
    fn replace_catalogue(&mut self, project: ProjectSeq, catalogue: &Catalogue) -> Result<()> {
        let connection = self.connection();
        // The actions and the presets' scopes go with them by their foreign keys.
        connection.execute("DELETE FROM resources WHERE project_seq = ?1", [project.0])?;
        connection.execute("DELETE FROM presets WHERE project_seq = ?1", [project.0])?;
        for (at, resource) in catalogue.resources.iter().enumerate() {
            insert_resource(connection, project, at, resource)?;
        }
        for (at, preset) in catalogue.presets.iter().enumerate() {
            insert_preset(connection, project, at, preset)?;
        }
        Ok(())
    }
}

fn insert_resource(
    connection: &Connection,
    project: ProjectSeq,
    at: usize,
    resource: &Resource,
) -> Result<()> {
    connection.execute(
        "INSERT INTO resources (project_seq, name, position, label, description) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![project.0, resource.name, at, resource.label, resource.description],
    )?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO scopes (project_seq, scope, resource, position, label, is_default)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (at, detail) in resource.scopes.iter().enumerate() {
        let scope = detail.scope.as_str();
        statement.execute(params![project.0, scope, resource.name, at, detail.label, detail.is_default])?;
    }
    Ok(())
}

fn insert_preset(connection: &Connection, project: ProjectSeq, at: usize, preset: &Preset) -> Result<()> {
    connection.execute(
        "INSERT INTO presets (project_seq, name, position, label) VALUES (?1, ?2, ?3, ?4)",
        params![project.0, preset.name.as_str(), at, preset.label],
    )?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO preset_scopes (project_seq, preset, position, scope, reason) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (at, entry) in preset.scopes.iter().enumerate() {
        statement.execute(params![
            project.0,
            preset.name.as_str(),
            at,
            entry.scope.as_str(),
            entry.reason
        ])?;
    }
    Ok(())
}
