//! Audit events in `SQLite`.

use rusqlite::{OptionalExtension, Row, params};

use super::audit_list;
use super::rows::{found, hash, instant, ms, parsed_opt, unfit};
use super::tx::Tx;
use crate::model::account::AccountId;
use crate::model::audit::{AuditEvent, AuditFilter, AuditTarget};
use crate::model::page::{Page, PageAfter};
use crate::model::principal::{Actor, ActorKind};
use crate::store::audit::AuditHead;
use crate::store::{AuditReads, AuditWrites, Result};

pub(super) const COLUMNS: &str =
    "n, at, project, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
    detail, hash, account";

pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<AuditEvent> {
    let detail = row.get_ref(10)?.as_str()?;
    Ok(AuditEvent {
        n: row.get(0)?,
        at: instant(row, 1)?,
        project: row.get(2)?,
        actor: Actor { kind: found(row, 3, ActorKind::find)?, id: row.get(4)?, name: row.get(5)? },
        action: row.get(6)?,
        target: AuditTarget { kind: row.get(7)?, id: row.get(8)?, name: row.get(9)? },
        detail: serde_json::from_str(detail).map_err(|error| unfit(10, error))?,
        hash: hash(row, 11)?,
        account: parsed_opt(row, 12, AccountId::parse)?,
    })
}

impl AuditReads for Tx {
    fn audit_head(&self) -> Result<Option<AuditHead>> {
        let mut statement =
            self.connection().prepare_cached("SELECT n, at, hash FROM audit ORDER BY n DESC LIMIT 1")?;
        let head =
            |row: &Row<'_>| Ok(AuditHead { n: row.get(0)?, at: instant(row, 1)?, hash: hash(row, 2)? });
        Ok(statement.query_row([], head).optional()?)
    }

    fn list_audit(&self, filter: &AuditFilter, page: &PageAfter) -> Result<Page<AuditEvent>> {
        audit_list::list_audit(self.connection(), filter, page)
    }

    fn scan_audit(&self, after: i64, n: usize) -> Result<Vec<AuditEvent>> {
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE n > ?1 ORDER BY n LIMIT ?2");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(params![after, n], event)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl AuditWrites for Tx {
    fn append_audit(&mut self, event: &AuditEvent) -> Result<()> {
        let sql = format!(
            "INSERT INTO audit ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        );
        self.connection().prepare_cached(&sql)?.execute(params![
            event.n,
            ms(event.at),
            event.project,
            event.actor.kind.as_str(),
            event.actor.id,
            event.actor.name,
            event.action,
            event.target.kind,
            event.target.id,
            event.target.name,
            event.detail.to_string(),
            event.hash.as_slice(),
            event.account.as_ref().map(AccountId::as_str),
        ])?;
        Ok(())
    }
}
