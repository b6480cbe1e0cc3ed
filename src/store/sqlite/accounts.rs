//! Accounts in `SQLite`.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::accounts_list;
use super::error::taken;
use super::limits;
use super::rows::{instant, ms, parsed, parsed_opt};
use super::tx::Tx;
use crate::model::account::{
    Account, AccountFilter, AccountId, AccountName, ExternalId, Metadata, NewAccount,
};
use crate::model::page::{Page, PageAfter};
use crate::model::project::ProjectName;
use crate::store::accounts::AccountSeq;
use crate::store::projects::ProjectSeq;
use crate::store::{AccountReads, AccountWrites, Result};

pub(super) const SELECT: &str =
    "SELECT a.id, p.name, a.name, a.external_id, a.metadata, a.enabled, a.created_at,
        a.n_keys, a.seq, a.limits, p.timezone
    FROM accounts a JOIN projects p ON p.seq = a.project_seq";

pub(super) fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let limits = limits::limits(row, 9)?;
    Ok(Account {
        id: parsed(row, 0, AccountId::parse)?,
        project: parsed(row, 1, ProjectName::parse)?,
        name: parsed(row, 2, AccountName::parse)?,
        external_id: parsed_opt(row, 3, ExternalId::parse)?,
        metadata: parsed(row, 4, Metadata::parse)?,
        enabled: row.get(5)?,
        created_at: instant(row, 6)?,
        n_keys: row.get(7)?,
        seq: row.get(8)?,
        zone: limits::zone(row, 10, &[Some(&limits)])?,
        limits,
        quota_state: None,
    })
}

impl AccountReads for Tx {
    fn find_account(&self, project: ProjectSeq, reference: &str) -> Result<Option<Account>> {
        let sql = format!("{SELECT} WHERE a.project_seq = ?1 AND (a.id = ?2 OR a.external_id = ?2)");
        let mut statement = self.connection().prepare_cached(&sql)?;
        Ok(statement.query_row(params![project.0, reference], account).optional()?)
    }

    fn list_accounts(
        &self,
        project: ProjectSeq,
        filter: &AccountFilter,
        page: &PageAfter,
    ) -> Result<Page<Account>> {
        accounts_list::list_accounts(self.connection(), project, filter, page)
    }
}

impl AccountWrites for Tx {
    fn insert_account(
        &mut self,
        project: ProjectSeq,
        id: &AccountId,
        new: &NewAccount,
        at: Timestamp,
    ) -> Result<()> {
        let sql = "INSERT INTO accounts (id, project_seq, name, external_id, metadata, enabled, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let external_id = new.external_id.as_ref().map(ExternalId::as_str);
        let (name, metadata) = (new.name.as_str(), new.metadata.to_text());
        let values = params![id.as_str(), project.0, name, external_id, metadata, new.enabled, ms(at)];
        self.connection().execute(sql, values).map_err(taken("accounts.external_id", "external_id"))?;
        Ok(())
    }

    fn update_account(&mut self, account: AccountSeq, update: &NewAccount) -> Result<()> {
        let sql = "UPDATE accounts SET name = ?2, external_id = ?3, metadata = ?4, enabled = ?5
            WHERE seq = ?1";
        let external_id = update.external_id.as_ref().map(ExternalId::as_str);
        let values =
            params![account.0, update.name.as_str(), external_id, update.metadata.to_text(), update.enabled];
        self.connection().execute(sql, values).map_err(taken("accounts.external_id", "external_id"))?;
        Ok(())
    }

    fn delete_account(&mut self, account: AccountSeq) -> Result<()> {
        self.connection().execute("DELETE FROM accounts WHERE seq = ?1", [account.0])?;
        Ok(())
    }
}
