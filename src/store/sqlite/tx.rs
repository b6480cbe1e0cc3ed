//! One transaction on one connection.
//!
//! Readers begin deferred and see one state; writers begin immediate, since a deferred one that
//! turns to writing fails at once when somebody else wrote in between. Dropping rolls back. How writers
//! take turns, and share a commit, is in `writer`.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::pool::Pooled;
use super::writer::Turn;
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
    pub(super) fn wait(&self) {
        if let Self::AnyServer(data_dir) = self
            && ServerLock::is_held(data_dir)
        {
            std::thread::sleep(LOOK_INTERVAL);
        }
    }
}

enum Held {
    Reader(Undone<Pooled>),
    Turn(Box<Turn>),
    Lone(Undone<Box<Connection>>),
}

/// A connection whose transaction is undone at the end, unless it was committed.
struct Undone<C: Deref<Target = Connection>>(C);

impl<C: Deref<Target = Connection>> Drop for Undone<C> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // When even this fails the pool sees an open transaction and throws the connection away.
            let _thrown_away = self.0.execute_batch("ROLLBACK");
        }
    }
}

/// A transaction that has begun.
pub(super) struct Tx {
    held: Held,
    beside: Beside,
}

impl Tx {
    pub(super) fn begin_read(pooled: Pooled) -> Result<Self> {
        pooled.execute_batch("BEGIN")?;
        Ok(Self { held: Held::Reader(Undone(pooled)), beside: Beside::Nobody })
    }

    /// A change in its turn; `beside` is who must look again before it is acknowledged.
    pub(super) fn begin_write(turn: Turn, beside: Beside) -> Self {
        Self { held: Held::Turn(Box::new(turn)), beside }
    }

    /// A writing transaction on a connection that belongs to no pool.
    pub(super) fn begin_lone(connection: Connection) -> Result<Self> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Self { held: Held::Lone(Undone(Box::new(connection))), beside: Beside::Nobody })
    }

    pub(super) fn connection(&self) -> &Connection {
        match &self.held {
            Held::Reader(pooled) => &pooled.0,
            Held::Turn(turn) => turn.connection(),
            Held::Lone(connection) => &connection.0,
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
        match self.held {
            Held::Turn(turn) => turn.commit()?,
            Held::Lone(Undone(ref connection)) => connection.execute_batch("COMMIT")?,
            Held::Reader(_) => return Err(StoreError::Engine("a reader has nothing to commit".to_owned())),
        }
        self.beside.wait();
        Ok(())
    }
}
