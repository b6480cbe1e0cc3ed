//! Keys that nobody uses, in `SQLite`.

use jiff::Timestamp;
use rusqlite::params;

use super::rows::{ms, parsed};
use super::tx::Tx;
use crate::model::expiry::Span;
use crate::model::key::KeyId;
use crate::model::project::ProjectName;
use crate::store::keys::KeySeq;
use crate::store::projects::ProjectSeq;
use crate::store::unused::Announcement;
use crate::store::{Result, UnusedReads, UnusedWrites};

impl UnusedReads for Tx {
    fn list_unused_rules(&self) -> Result<Vec<(ProjectSeq, ProjectName, Span)>> {
        let sql = "SELECT seq, name, disable_unused_ms FROM projects WHERE disable_unused_ms IS NOT NULL";
        let mut statement = self.connection().prepare_cached(sql)?;
        let rules = statement.query_map([], |row| {
            Ok((ProjectSeq(row.get(0)?), parsed(row, 1, ProjectName::parse)?, Span::from_ms(row.get(2)?)))
        })?;
        Ok(rules.collect::<rusqlite::Result<_>>()?)
    }

    fn list_unused_due(&self, project: ProjectSeq, now: Timestamp, n: usize) -> Result<Vec<KeyId>> {
        let sql = "SELECT id FROM keys WHERE project_seq = ?1 AND unused_off_at IS NOT NULL
            AND unused_off_at <= ?2 LIMIT ?3";
        let mut statement = self.connection().prepare_cached(sql)?;
        let ids = statement.query_map(params![project.0, ms(now), n], |row| parsed(row, 0, KeyId::parse))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}

impl UnusedWrites for Tx {
    fn announce_unused(
        &mut self,
        project: ProjectSeq,
        announcement: &Announcement,
        n: usize,
    ) -> Result<usize> {
        let sql = "UPDATE keys SET unused_off_at = ?3 WHERE seq IN (
            SELECT k.seq FROM keys k LEFT JOIN accounts a ON a.seq = k.account_seq
            WHERE k.project_seq = ?1 AND k.last_used_at <= ?2 AND k.created_at <= ?2 AND k.enabled_at <= ?2
                AND k.enabled = 1 AND k.unused_off_at IS NULL AND coalesce(a.enabled, 1) = 1
                AND (k.expires_at IS NULL OR k.expires_at > ?4)
            LIMIT ?5)";
        let since = announcement.after.before(announcement.by);
        let values = params![project.0, ms(since), ms(announcement.by), ms(announcement.now), n];
        Ok(self.connection().prepare_cached(sql)?.execute(values)?)
    }

    fn withdraw_unused(&mut self, key: KeySeq) -> Result<()> {
        let sql = "UPDATE keys SET unused_off_at = NULL WHERE seq = ?1";
        self.connection().prepare_cached(sql)?.execute([key.0])?;
        Ok(())
    }

    fn withdraw_all_unused(&mut self, project: ProjectSeq) -> Result<()> {
        let sql = "UPDATE keys SET unused_off_at = NULL WHERE project_seq = ?1 AND unused_off_at IS NOT NULL";
        self.connection().prepare_cached(sql)?.execute([project.0])?;
        Ok(())
    }
}
