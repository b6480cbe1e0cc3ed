//! What a connection remembers of the keys, and of the route rules, that it read for verifications.
//!
//! Exact: before each use the connection is asked whether anybody else, in this process or another,
//! has committed since (`PRAGMA data_version`, <https://www.sqlite.org/pragma.html#pragma_data_version>),
//! and if so everything is forgotten. A change that was acknowledged before a request began is
//! therefore never missed. It saves the search and the decoding, not the look at the database.
//!
//! Bounded in records; what does not exist is not remembered.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::Connection;

use super::keys;
use super::metrics::Counters;
use super::routes::RouteTables;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;
use crate::model::route::RouteTable;
use crate::store::{Result, RoutedRecord, VerifyRecord};

/// The most records of one connection, about 1 KiB each; when they are reached all are forgotten.
const RECORDS_MAX: usize = 4096;

/// The records of one connection, and the state of the database that they are of.
#[derive(Debug)]
pub(super) struct Remembered {
    version: i64,
    records: HashMap<KeyId, Arc<VerifyRecord>>,
    routes: HashMap<ProjectName, Arc<RouteTable>>,
    counters: Arc<Counters>,
}

impl Remembered {
    /// Nothing yet; how much is remembered is told to the store's counters.
    pub(super) fn new(counters: Arc<Counters>) -> Self {
        Self { version: 0, records: HashMap::new(), routes: HashMap::new(), counters }
    }

    /// What a verification needs; `None` when there is no such key.
    pub(super) fn record(
        &mut self,
        connection: &Connection,
        id: &KeyId,
    ) -> Result<Option<Arc<VerifyRecord>>> {
        // Asked before anything is read: a commit in between is seen by the read or by the next
        // question, and a record that is newer than the version it stands under is forgotten then.
        let version = data_version(connection)?;
        if version != self.version {
            self.forget();
            self.routes.clear();
            self.version = version;
        }
        if let Some(record) = self.records.get(id) {
            return Ok(Some(Arc::clone(record)));
        }
        let Some(record) = keys::verify_record(connection, id)?.map(Arc::new) else { return Ok(None) };
        if self.records.len() >= RECORDS_MAX {
            self.forget();
        }
        self.records.insert(*id, Arc::clone(&record));
        self.counters.remembered();
        Ok(Some(record))
    }

    /// What a verification needs that asks the route rules as well; `None` when there is no such key.
    pub(super) fn routed_record(
        &mut self,
        connection: &Connection,
        id: &KeyId,
        tables: &RouteTables,
    ) -> Result<Option<RoutedRecord>> {
        let Some(record) = self.record(connection, id)? else { return Ok(None) };
        let project = &record.facts.project;
        if let Some(routes) = self.routes.get(project) {
            let routes = Arc::clone(routes);
            return Ok(Some(RoutedRecord { record, routes }));
        }
        let routes = tables.get(connection, id)?;
        self.routes.insert(project.clone(), Arc::clone(&routes));
        Ok(Some(RoutedRecord { record, routes }))
    }

    fn forget(&mut self) {
        self.counters.forgot(self.records.len());
        self.records.clear();
    }
}

impl Drop for Remembered {
    fn drop(&mut self) {
        self.forget();
    }
}

fn data_version(connection: &Connection) -> Result<i64> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DATABASE_FILE;
    use crate::store::sqlite::SqliteStore;
    use crate::store::sqlite::pool::{Role, connect};

    const INSERT: &str = "INSERT INTO projects (name, prefix, created_at) VALUES ('p', 'ks', 0);
        INSERT INTO keys (id, project_seq, name, prefix, scopes, enabled, created_at, metadata, allowed_ips,
            created_by_kind, created_by_id, created_by_name)
        VALUES ('aaaaaaaaaaaa', 1, 'a', 'ks', '', 1, 0, '{}', '', 'operator', 'x', 'x');
        INSERT INTO key_secrets (key_seq, n, algorithm, hash, created_at) VALUES (1, 1, 'sha256', zeroblob(32), 0)";

    #[test]
    fn what_another_connection_changes_is_seen_at_once_and_what_nobody_changes_is_not_read_again() {
        let dir = tempfile::tempdir().unwrap();
        SqliteStore::create(dir.path(), &mut |_| Ok(())).unwrap();
        let path = dir.path().join(DATABASE_FILE);
        let (writer, reader) =
            (connect(&path, Role::Writer).unwrap(), connect(&path, Role::Verifier).unwrap());
        let id = KeyId::parse("aaaaaaaaaaaa").unwrap();
        let mut remembered = Remembered::new(Arc::default());
        let mut read = || remembered.record(&reader, &id).unwrap();

        assert_eq!(read(), None);
        writer.execute_batch(INSERT).unwrap();
        let first = read().unwrap();
        assert!(Arc::ptr_eq(&first, &read().unwrap()), "it was read again");
        for enabled in [false, true, false] {
            writer.execute("UPDATE keys SET enabled = ?1", [enabled]).unwrap();
            assert_eq!(read().unwrap().facts.enabled, enabled);
        }
        writer.execute_batch("DELETE FROM keys").unwrap();
        assert_eq!(read(), None);
    }
}
