//! Audit events in `SQLite`.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params, params_from_iter};

use super::rows::{found, hash, instant, ms, parsed_opt, unfit};
use super::tx::Tx;
use crate::model::account::AccountId;
use crate::model::audit::{AuditEvent, AuditFilter, AuditTarget};
use crate::model::page::{Cursor, Page, PageAfter};
use crate::model::principal::{Actor, ActorKind};
use crate::store::audit::AUDIT_ORDER;
use crate::store::{AuditReads, AuditWrites, Result};

const COLUMNS: &str =
    "n, at, project, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name,
    detail, hash, account";

fn event(row: &Row<'_>) -> rusqlite::Result<AuditEvent> {
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
    fn audit_head(&self) -> Result<Option<(i64, [u8; 32])>> {
        let mut statement =
            self.connection().prepare_cached("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1")?;
        Ok(statement.query_row([], |row| Ok((row.get(0)?, hash(row, 1)?))).optional()?)
    }

    fn list_audit(&self, filter: &AuditFilter, page: &PageAfter) -> Result<Page<AuditEvent>> {
        let (conditions, mut values) = conditions(filter, page);
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE {conditions} ORDER BY n DESC LIMIT ?");
        values.push(Value::from(i64::try_from(page.limit.get()).unwrap_or(i64::MAX) + 1));
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), event)?;
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let place = |event: &AuditEvent| Cursor { order: AUDIT_ORDER, value: String::new(), seq: event.n };
        Ok(Page::from_rows(rows, page.limit, place))
    }

    fn scan_audit(&self, after: i64, n: usize) -> Result<Vec<AuditEvent>> {
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE n > ?1 ORDER BY n LIMIT ?2");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(params![after, n], event)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn conditions(filter: &AuditFilter, page: &PageAfter) -> (String, Vec<Value>) {
    let mut sql = vec!["true"];
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition, value: Value| {
        sql.push(condition);
        values.push(value);
    };
    if let Some(after) = &page.after {
        add("n < ?", after.seq.into());
    }
    if let Some(project) = &filter.project {
        add("project = ?", project.as_str().to_owned().into());
    }
    if let Some(kind) = filter.actor_kind {
        add("actor_kind = ?", kind.as_str().to_owned().into());
    }
    if let Some(account) = &filter.account {
        add("account = ?", account.as_str().to_owned().into());
    }
    if let Some(target_id) = &filter.target_id {
        add("target_id = ?", target_id.clone().into());
    }
    match &filter.action {
        Some(thing) if thing.ends_with('.') => {
            add("substr(action, 1, instr(action, '.')) = ?", thing.clone().into());
        }
        Some(action) => add("action = ?", action.clone().into()),
        None => {}
    }
    (sql.join(" AND "), values)
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
