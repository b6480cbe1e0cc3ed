//! Keys and their secrets in `SQLite`: the one read of a verification, single keys, and changes.
//!
//! Lists are in `keys_list`.

use ipnet::IpNet;
use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};

use super::error::taken;
use super::key_scopes::{insert_scopes, remove_scopes};
use super::rows::{found, hash, instant, instant_opt, ms, parsed, parsed_opt};
use super::secrets::{add_secrets, insert_secret};
use super::tx::Tx;
use super::{keys_list, limits, recent, search};
use crate::model::account::{AccountId, AccountName, ExternalId, Metadata};
use crate::model::code::Code;
use crate::model::key::{
    AccountRef, Key, KeyCounts, KeyFacts, KeyFilter, KeyId, KeyName, Note, parse_allowed_ips,
};
use crate::model::page::{Page, PageAfter};
use crate::model::principal::{Actor, ActorKind};
use crate::model::project::{Contact, Prefix, ProjectName};
use crate::model::scope::ScopeSet;
use crate::store::accounts::AccountSeq;
use crate::store::keys::{Beside, KeyRow, KeySeq, KeyUpdate, StoredSecret, Switch};
use crate::store::projects::ProjectSeq;
use crate::store::shared::Shared;
use crate::store::{KeyReads, KeyWrites, Result, VerifyRecord};

const FACTS: &str =
    "k.id, p.name, k.name, k.prefix, k.scopes, k.enabled, k.created_at, k.expires_at, k.metadata,
    k.allowed_ips, a.id, a.external_id, a.name, a.enabled, k.limits, a.limits, p.timezone,
    CASE WHEN p.show_reason THEN k.disabled_reason END, p.contact";
const N_FACTS: usize = 19;
const FROM: &str =
    "FROM keys k JOIN projects p ON p.seq = k.project_seq LEFT JOIN accounts a ON a.seq = k.account_seq";
const MANAGED: &str =
    "k.note, k.created_by_kind, k.created_by_id, k.created_by_name, k.last_used_at, k.last_used_ip,
    k.last_refused_at, k.last_refused_code, k.seq, k.disabled_reason, k.unused_off_at";

/// A select of whole keys, to which `WHERE` is added.
pub(super) fn select_keys() -> String {
    format!("SELECT {FACTS}, {MANAGED} {FROM}")
}

fn facts(row: &Row<'_>) -> rusqlite::Result<KeyFacts> {
    let scopes = |text: &str| ScopeSet::parse(text.split_ascii_whitespace());
    let common = Common {
        project: parsed(row, 1, ProjectName::parse)?,
        prefix: parsed(row, 3, Prefix::parse)?,
        scopes: parsed(row, 4, scopes)?,
    };
    facts_with(row, common)
}

/// What a key has in common with many others.
struct Common {
    project: ProjectName,
    prefix: Prefix,
    scopes: ScopeSet,
}

fn shared_facts(row: &Row<'_>, shared: &Shared) -> rusqlite::Result<KeyFacts> {
    let common = Common {
        project: parsed(row, 1, |text| shared.project(text))?,
        prefix: parsed(row, 3, |text| shared.prefix(text))?,
        scopes: parsed(row, 4, |text| shared.scopes(text))?,
    };
    facts_with(row, common)
}

fn facts_with(row: &Row<'_>, Common { project, prefix, scopes }: Common) -> rusqlite::Result<KeyFacts> {
    let (limits, account) = (limits::limits(row, 14)?, account(row)?);
    Ok(KeyFacts {
        id: parsed(row, 0, KeyId::parse)?,
        project,
        name: parsed(row, 2, KeyName::parse)?,
        prefix,
        scopes,
        enabled: row.get(5)?,
        created_at: instant(row, 6)?,
        expires_at: instant_opt(row, 7)?,
        metadata: metadata(row, 8)?,
        allowed_ips: allowed_ips(row, 9)?,
        zone: limits::zone(row, 16, &[Some(&limits), account.as_ref().map(|account| &account.limits)])?,
        limits,
        account,
        shown_reason: reason(row, 17)?,
        contact: parsed_opt(row, 18, Contact::parse)?.flatten(),
    })
}

fn reason(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Note>> {
    Ok(parsed_opt(row, at, |text| Note::parse("reason", text))?.flatten())
}

// Nearly every key has none, and a verification reads it each time.
fn metadata(row: &Row<'_>, at: usize) -> rusqlite::Result<Metadata> {
    if row.get_ref(at)?.as_str()? == "{}" {
        Ok(Metadata::default())
    } else {
        parsed(row, at, Metadata::parse)
    }
}

fn allowed_ips(row: &Row<'_>, at: usize) -> rusqlite::Result<Vec<IpNet>> {
    parsed(row, at, |text| parse_allowed_ips(text.split_ascii_whitespace()))
}

fn account(row: &Row<'_>) -> rusqlite::Result<Option<AccountRef>> {
    let Some(id) = parsed_opt(row, 10, AccountId::parse)? else { return Ok(None) };
    let (external_id, name) = (parsed_opt(row, 11, ExternalId::parse)?, parsed(row, 12, AccountName::parse)?);
    Ok(Some(AccountRef { id, external_id, name, enabled: row.get(13)?, limits: limits::limits(row, 15)? }))
}

/// A whole key but its secrets, which [`add_secrets`] reads.
pub(super) fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    let last_used_at = Some(instant(row, N_FACTS + 4)?).filter(|at| at.as_millisecond() != 0);
    let refused_code: Option<String> = row.get(N_FACTS + 7)?;
    Ok(Key {
        facts: facts(row)?,
        note: parsed_opt(row, N_FACTS, |text| Note::parse("note", text))?.flatten(),
        created_by: Actor {
            kind: found(row, N_FACTS + 1, ActorKind::find)?,
            id: row.get(N_FACTS + 2)?,
            name: row.get(N_FACTS + 3)?,
        },
        last_used_at,
        last_used_ip: row.get(N_FACTS + 5)?,
        last_refused_at: instant_opt(row, N_FACTS + 6)?,
        last_refused_code: refused_code.as_deref().and_then(Code::find),
        secrets: Vec::new(),
        quota_state: None,
        seq: row.get(N_FACTS + 8)?,
        disabled_reason: reason(row, N_FACTS + 9)?,
        unused_off_at: instant_opt(row, N_FACTS + 10)?,
    })
}

fn secret(row: &Row<'_>) -> rusqlite::Result<StoredSecret> {
    Ok(StoredSecret {
        n: row.get(N_FACTS)?,
        hash: hash(row, N_FACTS + 1)?,
        created_at: instant(row, N_FACTS + 2)?,
        ends_at: instant_opt(row, N_FACTS + 3)?,
    })
}

/// What one verification needs; what many keys have in common is taken from `shared`.
pub(super) fn verify_record(
    connection: &Connection,
    id: &KeyId,
    shared: &Shared,
) -> Result<Option<VerifyRecord>> {
    read_record(connection, id, |row| shared_facts(row, shared))
}

/// One statement: the key by its id, and a row for each of its secrets. It is stepped to its end,
/// so that the connection goes back without a read transaction.
fn read_record(
    connection: &Connection,
    id: &KeyId,
    facts: impl Fn(&Row<'_>) -> rusqlite::Result<KeyFacts>,
) -> Result<Option<VerifyRecord>> {
    let sql = verify_sql();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([id.as_str()])?;
    let mut record: Option<VerifyRecord> = None;
    while let Some(row) = rows.next()? {
        let secret = secret(row)?;
        match &mut record {
            Some(record) => record.secrets.push(secret),
            None => {
                record = Some(VerifyRecord {
                    seq: KeySeq(row.get(N_FACTS + 4)?),
                    facts: facts(row)?,
                    secrets: vec![secret],
                    beside: Beside::default(),
                    asked: Beside::default(),
                    told: Beside::default(),
                    used: Beside::default(),
                });
            }
        }
    }
    Ok(record)
}

// Written out once: the path of a verification formats no SQL.
fn verify_sql() -> &'static str {
    static SQL: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        format!(
            "SELECT {FACTS}, s.n, s.hash, s.created_at, s.ends_at, k.seq
             {FROM} JOIN key_secrets s ON s.key_seq = k.seq WHERE k.id = ?1 ORDER BY s.n DESC"
        )
    });
    &SQL
}

fn find(connection: &Connection, condition: &str, values: impl rusqlite::Params) -> Result<Option<Key>> {
    let sql = format!("{} WHERE {condition}", select_keys());
    let key = connection.prepare_cached(&sql)?.query_row(values, key).optional()?;
    key.map(|key| add_secrets(connection, key, None)).transpose()
}

impl KeyReads for Tx {
    fn find_key(&self, project: ProjectSeq, id: &KeyId) -> Result<Option<Key>> {
        find(self.connection(), "k.id = ?2 AND k.project_seq = ?1", params![project.0, id.as_str()])
    }

    fn find_key_by_name(&self, project: ProjectSeq, name: &str) -> Result<Option<Key>> {
        find(self.connection(), "k.project_seq = ?1 AND k.name = ?2", params![project.0, name])
    }

    fn has_key_id(&self, id: &KeyId) -> Result<bool> {
        Ok(self.connection().prepare_cached("SELECT 1 FROM keys WHERE id = ?1")?.exists([id.as_str()])?)
    }

    fn list_keys(
        &self,
        project: ProjectSeq,
        filter: &KeyFilter,
        page: &PageAfter,
        now: Timestamp,
    ) -> Result<Page<Key>> {
        keys_list::list_keys(self.connection(), project, filter, page, now)
    }

    fn list_account_key_ids(&self, account: AccountSeq) -> Result<Vec<KeyId>> {
        let sql = "SELECT id FROM keys WHERE account_seq = ?1 ORDER BY seq";
        let mut statement = self.connection().prepare_cached(sql)?;
        let ids = statement.query_map([account.0], |row| parsed(row, 0, KeyId::parse))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    fn count_keys(&self, project: ProjectSeq) -> Result<KeyCounts> {
        let sql = "SELECT n_keys, n_never_used FROM project_counts WHERE project_seq = ?1";
        let mut statement = self.connection().prepare_cached(sql)?;
        Ok(statement
            .query_row([project.0], |row| Ok(KeyCounts { total: row.get(0)?, never_used: row.get(1)? }))?)
    }

    fn scan_keys(&self, after: KeySeq, n: usize) -> Result<Vec<(KeySeq, VerifyRecord)>> {
        let sql = "SELECT seq, id FROM keys WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut statement = self.connection().prepare_cached(sql)?;
        let ids = statement
            .query_map(params![after.0, n], |row| Ok((row.get(0)?, parsed(row, 1, KeyId::parse)?)))?;
        let ids = ids.collect::<rusqlite::Result<Vec<(i64, KeyId)>>>()?;
        let record =
            |(seq, id)| Ok(read_record(self.connection(), &id, facts)?.map(|record| (KeySeq(seq), record)));
        ids.into_iter().filter_map(|row| record(row).transpose()).collect()
    }

    fn find_verify_record(&self, id: &KeyId) -> Result<Option<VerifyRecord>> {
        read_record(self.connection(), id, facts)
    }
}

impl KeyWrites for Tx {
    fn insert_key(&mut self, project: ProjectSeq, row: &KeyRow<'_>) -> Result<()> {
        let connection = self.connection();
        insert_row(&mut connection.prepare_cached(INSERT)?, project, row)?;
        let seq = connection.last_insert_rowid();
        insert_secret(connection, seq, 1, row.secret, row.created_at)?;
        insert_scopes(connection, project.0, seq, row.scopes)?;
        count(connection, project, row.account)?;
        search::added(connection, seq)
    }

    fn switch_key(&mut self, key: KeySeq, switch: &Switch<'_>) -> Result<()> {
        let connection = self.connection();
        match switch {
            Switch::On { at } => {
                let sql = "UPDATE keys SET enabled = 1, enabled_at = ?2, disabled_reason = NULL,
                    unused_off_at = NULL WHERE seq = ?1";
                connection.prepare_cached(sql)?.execute(params![key.0, ms(*at)])?;
            }
            Switch::Off { reason } => {
                let sql = "UPDATE keys SET enabled = 0, disabled_reason = ?2, unused_off_at = NULL
                    WHERE seq = ?1";
                connection.prepare_cached(sql)?.execute(params![key.0, reason.map(Note::as_str)])?;
            }
        }
        Ok(())
    }

    fn update_key(&mut self, key: KeySeq, update: &KeyUpdate<'_>) -> Result<()> {
        let connection = self.connection();
        // What was counted belongs to the account of before.
        recent::settle_key(connection, key)?;
        let project = remove_scopes(connection, key)?;
        insert_scopes(connection, project, key.0, update.scopes)?;
        let values = params![
            key.0,
            update.account.map(|account| account.0),
            update.scopes.to_text(),
            update.expires_at.map(ms),
            update.metadata.to_text(),
            addresses_text(update.allowed_ips),
            update.note.map(Note::as_str),
        ];
        connection.prepare_cached(UPDATE)?.execute(values)?;
        Ok(())
    }

    fn delete_key(&mut self, key: KeySeq) -> Result<()> {
        let connection = self.connection();
        // Its account keeps what it counted.
        recent::settle_key(connection, key)?;
        remove_scopes(connection, key)?;
        search::removed(connection, key)?;
        // Secrets and counts go with it by their foreign keys.
        connection.prepare_cached("DELETE FROM keys WHERE seq = ?1")?.execute([key.0])?;
        Ok(())
    }
}

/// Counts a new key. One that goes or moves is counted by triggers, a first use by `usage`.
fn count(connection: &Connection, project: ProjectSeq, account: Option<AccountSeq>) -> Result<()> {
    let sql = "UPDATE project_counts SET n_keys = n_keys + 1, n_never_used = n_never_used + 1
        WHERE project_seq = ?1";
    connection.prepare_cached(sql)?.execute([project.0])?;
    if let Some(account) = account {
        let sql = "UPDATE accounts SET n_keys = n_keys + 1 WHERE seq = ?1";
        connection.prepare_cached(sql)?.execute([account.0])?;
    }
    Ok(())
}

fn addresses_text(addresses: &[IpNet]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

const UPDATE: &str = "UPDATE keys SET account_seq = ?2, scopes = ?3, expires_at = ?4, metadata = ?5,
        allowed_ips = ?6, note = ?7
    WHERE seq = ?1";

const INSERT: &str =
    "INSERT INTO keys (id, project_seq, account_seq, name, prefix, scopes, enabled, created_at,
        expires_at, metadata, allowed_ips, note, created_by_kind, created_by_id, created_by_name, limits)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";

fn insert_row(statement: &mut CachedStatement<'_>, project: ProjectSeq, row: &KeyRow<'_>) -> Result<()> {
    let new = row.new;
    let values = params![
        row.id.as_str(),
        project.0,
        row.account.map(|account| account.0),
        new.name.as_str(),
        row.prefix.as_str(),
        row.scopes.to_text(),
        ms(row.created_at),
        row.expires_at.map(ms),
        new.metadata.to_text(),
        addresses_text(&new.allowed_ips),
        new.note.as_ref().map(Note::as_str),
        row.created_by.kind.as_str(),
        row.created_by.id,
        row.created_by.name,
        row.limits.to_text(),
    ];
    statement.execute(values).map_err(taken("keys.name", "name"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::DATABASE_FILE;
    use crate::store::sqlite::SqliteStore;
    use crate::store::sqlite::pool::{Role, connect};

    #[test]
    fn a_verification_is_not_compiled_again_for_another_key() {
        let dir = tempfile::tempdir().unwrap();
        SqliteStore::create(dir.path(), &mut |_| Ok(())).unwrap();
        let connection = connect(&dir.path().join(DATABASE_FILE), Role::Reader).unwrap();
        for id in ["aaaaaaaaaaaa", "bbbbbbbbbbbb", "cccccccccccc"] {
            read_record(&connection, &KeyId::parse(id).unwrap(), facts).unwrap();
        }
        let statement = connection.prepare_cached(verify_sql()).unwrap();
        assert_eq!(statement.get_status(StatementStatus::Run), 3);
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
