//! One transaction on one connection.
//!
//! Readers begin deferred and see one state; writers begin immediate, since a deferred one that
//! turns to writing fails at once when somebody else wrote in between. Dropping rolls back.

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::metrics::Counters;
use super::pool::{Durability, Pooled};
use super::{check, migrate};
use crate::store::lock::ServerLock;
use crate::store::watch::LOOK_INTERVAL;
use crate::store::{ReadTx, Result, StoreError, WriteTx};

/// Who else may keep records of this database in memory.
#[derive(Debug, Clone)]
pub(super) enum Beside {
    /// Nobody but this process itself.
    Nobody,
    /// The server of this data directory, if there is one.
    AnyServer(Arc<Path>),
}

impl Beside {
    /// Lets the time go by in which a server need not look. One that starts meanwhile has nothing in
    /// memory that is older than it.
    fn wait(&self) {
        if let Self::AnyServer(data_dir) = self
            && ServerLock::is_held(data_dir)
        {
            std::thread::sleep(LOOK_INTERVAL);
        }
    }
}

enum Held {
    Pooled(Pooled),
    Lone(Connection),
}

/// A transaction that has begun.
pub(super) struct Tx {
    held: Held,
    durability: Durability,
    counters: Arc<Counters>,
    beside: Beside,
}

impl Tx {
    pub(super) fn begin_read(pooled: Pooled) -> Result<Self> {
        pooled.execute_batch("BEGIN")?;
        Ok(Self::alone(Held::Pooled(pooled)))
    }

    pub(super) fn begin_write(
        pooled: Pooled,
        durability: Durability,
        counters: Arc<Counters>,
        beside: Beside,
    ) -> Result<Self> {
        // Set each time: the writer also serves the flush of usage, which runs with less.
        pooled.execute_batch(durability.pragma())?;
        pooled.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Self { held: Held::Pooled(pooled), durability, counters, beside })
    }

    /// A writing transaction on a connection that belongs to no pool.
    pub(super) fn begin_lone(connection: Connection) -> Result<Self> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Self::alone(Held::Lone(connection)))
    }

    fn alone(held: Held) -> Self {
        Self { held, durability: Durability::Full, counters: Arc::default(), beside: Beside::Nobody }
    }

    pub(super) fn connection(&self) -> &Connection {
        match &self.held {
            Held::Pooled(pooled) => pooled,
            Held::Lone(connection) => connection,
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !self.connection().is_autocommit() {
            // When even this fails the pool sees an open transaction and throws the connection away.
            let _thrown_away = self.connection().execute_batch("ROLLBACK");
        }
    }
}

impl ReadTx for Tx {
    fn find_damage(&self) -> Result<Vec<String>> {
        check::find_damage(self.connection())
    }

    fn schema_version(&self) -> Result<u32> {
        migrate::schema_version(self.connection())
    }
}

impl WriteTx for Tx {
    fn commit(self: Box<Self>) -> Result<()> {
        match self.connection().execute_batch("COMMIT").map_err(StoreError::from) {
            Ok(()) => {
                self.counters.committed(self.durability);
                // Counts of use are in nobody's memory.
                if self.durability == Durability::Full {
                    self.beside.wait();
                }
                Ok(())
            }
            // Nothing has been written in these two cases, and the next try may succeed.
            Err(error @ (StoreError::Full | StoreError::Busy)) => Err(error),
            Err(error) => {
                // After a failed sync the kernel may have dropped the pages: a second try that
                // succeeds proves nothing. So nothing is acknowledged from here on.
                self.counters.fail();
                Err(error)
            }
        }
    }
}
