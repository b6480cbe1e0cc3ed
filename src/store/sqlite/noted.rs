//! What the pages watch, in `SQLite`: refusals, scopes that are asked for, strangers, and keys to look at.
//!
//! Every table stays bounded whatever is sent: a key keeps its newest refusals, all keys together so
//! many, an hour so many networks of strangers.

use ipnet::IpNet;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::keys::{key, select_keys};
use super::rows::{found, instant, ms, parsed, unfit};
use super::secrets::add_secrets;
use super::tx::Tx;
use crate::model::code::Code;
use crate::model::key::{Key, KeyId};
use crate::model::noted::{
    AskedScope, Day, Looked, NotedBatch, Refusal, RefusedRequest, StateCounts, StrangerCount,
};
use crate::model::outcome::Outcome;
use crate::model::scope::Scope;
use crate::model::usage::{Hour, UsageRange};
use crate::store::keys::KeySeq;
use crate::store::noted::Look;
use crate::store::projects::ProjectSeq;
use crate::store::{NotedReads, Result};

/// How many refusals a key keeps.
const OF_KEY_MAX: i64 = 10;
/// How many all keys keep together.
const REFUSALS_MAX: i64 = 100_000;
/// How many networks of strangers an hour keeps by themselves.
const NETWORKS_MAX: i64 = 200;
/// How long strangers are kept.
const STRANGER_HOURS: i64 = 30 * 24;
/// How many rows are looked at to count keys that deserve a look.
const LOOKED_AT_MAX: i64 = 2_000;
/// How many keys that have ended or whose account is off are counted; beyond that they count as active.
const STATES_COUNTED_MAX: i64 = 10_000;
/// How many keys with an old secret that is in use are told.
const OLD_SECRETS_MAX: i64 = 10;

/// Adds a batch inside a transaction; keys that are gone are passed over.
pub(super) fn add(connection: &Connection, batch: &NotedBatch) -> Result<()> {
    for (id, refusal) in &batch.refusals {
        if let Some(key) = find_seq(connection, id)? {
            add_refusal(connection, key, refusal)?;
        }
    }
    if !batch.refusals.is_empty() {
        let sql = "DELETE FROM refusals WHERE seq <= (SELECT max(seq) FROM refusals) - ?1";
        connection.prepare_cached(sql)?.execute([REFUSALS_MAX])?;
    }
    for (id, scope, day) in &batch.asked {
        if let Some(key) = find_seq(connection, id)? {
            let sql = "INSERT INTO scopes_asked (key_seq, scope, first_day, last_day) VALUES (?1, ?2, ?3, ?3)
                ON CONFLICT (key_seq, scope) DO UPDATE SET
                    first_day = min(first_day, excluded.first_day), last_day = max(last_day, excluded.last_day)";
            connection.prepare_cached(sql)?.execute(params![key, scope.as_str(), day.0])?;
        }
    }
    for one in &batch.strangers {
        add_strangers(connection, one)?;
    }
    if let Some(newest) = batch.strangers.iter().map(|one| one.hour.0).max() {
        let sql = "DELETE FROM stranger_hours WHERE hour < ?1";
        connection.prepare_cached(sql)?.execute([newest - STRANGER_HOURS])?;
    }
    Ok(())
}

fn find_seq(connection: &Connection, id: &KeyId) -> Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT seq FROM keys WHERE id = ?1")?;
    Ok(statement.query_row([id.as_str()], |row| row.get(0)).optional()?)
}

fn add_refusal(connection: &Connection, key: i64, refusal: &Refusal) -> Result<()> {
    let sql = "INSERT INTO refusals (key_seq, at, code, ip, method, path) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let ip = refusal.ip.map(|ip| ip.to_string());
    let (method, path) = refusal.request.as_ref().map(|request| (&request.method, &request.path)).unzip();
    let values = params![key, ms(refusal.at), refusal.code.as_str(), ip, method, path];
    connection.prepare_cached(sql)?.execute(values)?;
    let sql = "DELETE FROM refusals WHERE key_seq = ?1 AND seq <=
        (SELECT seq FROM refusals WHERE key_seq = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)";
    connection.prepare_cached(sql)?.execute([key, OF_KEY_MAX])?;
    Ok(())
}

fn add_strangers(connection: &Connection, one: &StrangerCount) -> Result<()> {
    let sql = "INSERT INTO stranger_hours (hour, network, code, count)
        VALUES (?1, iif(EXISTS (SELECT 1 FROM stranger_hours WHERE hour = ?1 AND network = ?2)
            OR (SELECT count(DISTINCT network) FROM stranger_hours WHERE hour = ?1) < ?5, ?2, ''), ?3, ?4)
        ON CONFLICT (hour, network, code) DO UPDATE SET count = count + excluded.count";
    let network = one.network.map(|network| network.to_string()).unwrap_or_default();
    let values = params![one.hour.0, network, one.code.as_str(), one.count, NETWORKS_MAX];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// A key that works: on, not ended, its account on.
const WORKS: &str = "k.enabled = 1 AND (k.expires_at IS NULL OR k.expires_at > ?2)
    AND (k.account_seq IS NULL OR k.account_seq NOT IN
        (SELECT seq FROM accounts WHERE project_seq = ?1 AND enabled = 0))";

impl NotedReads for Tx {
    fn list_refusals(&self, key: KeySeq) -> Result<Vec<Refusal>> {
        let sql = "SELECT at, code, ip, method, path FROM refusals WHERE key_seq = ?1
            ORDER BY seq DESC LIMIT ?2";
        let mut statement = self.connection().prepare_cached(sql)?;
        let refusals = statement.query_map([key.0, OF_KEY_MAX], refusal)?;
        Ok(refusals.collect::<rusqlite::Result<_>>()?)
    }

    fn list_asked(&self, key: KeySeq) -> Result<Vec<AskedScope>> {
        let sql = "SELECT scope, first_day, last_day FROM scopes_asked WHERE key_seq = ?1";
        let mut statement = self.connection().prepare_cached(sql)?;
        let asked = statement.query_map([key.0], |row| {
            let (first, last) = (Day(row.get(1)?), Day(row.get(2)?));
            Ok(AskedScope { scope: parsed(row, 0, Scope::parse)?, first, last })
        })?;
        Ok(asked.collect::<rusqlite::Result<_>>()?)
    }

    fn sum_strangers(&self, range: &UsageRange) -> Result<Vec<Outcome>> {
        let sql = "SELECT hour / ?3, sum(count) FROM stranger_hours WHERE hour >= ?1 AND hour < ?2
            GROUP BY 1 ORDER BY 1";
        let mut statement = self.connection().prepare_cached(sql)?;
        let sums = statement.query_map([range.from.0, range.to.0, range.step.hours()], |row| {
            Ok(Outcome { step: row.get(0)?, accepted: 0, refused: row.get(1)? })
        })?;
        Ok(sums.collect::<rusqlite::Result<_>>()?)
    }

    fn list_strangers(&self, range: &UsageRange, n: usize) -> Result<Vec<StrangerCount>> {
        let sql = "SELECT max(hour), network, code, sum(count) FROM stranger_hours
            WHERE hour >= ?1 AND hour < ?2 AND network IN (
                SELECT network FROM stranger_hours WHERE hour >= ?1 AND hour < ?2
                GROUP BY network ORDER BY sum(count) DESC, network LIMIT ?3)
            GROUP BY network, code ORDER BY sum(count) DESC, network, code";
        let mut statement = self.connection().prepare_cached(sql)?;
        let counts = statement.query_map(params![range.from.0, range.to.0, n], strangers)?;
        Ok(counts.collect::<rusqlite::Result<_>>()?)
    }

    fn list_old_secrets(&self, project: ProjectSeq, since: Timestamp, now: Timestamp) -> Result<Vec<Key>> {
        let sql = format!(
            "{} WHERE +k.project_seq = ?1 AND k.seq IN
                (SELECT key_seq FROM key_secrets WHERE ends_at > ?2 AND last_seen_at >= ?3)
             ORDER BY k.name LIMIT ?4",
            select_keys()
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let keys = statement.query_map([project.0, ms(now), ms(since), OLD_SECRETS_MAX], key)?;
        let keys = keys.collect::<rusqlite::Result<Vec<_>>>()?;
        keys.into_iter().map(|key| add_secrets(self.connection(), key, Some(now))).collect()
    }

    fn count_states(&self, project: ProjectSeq, now: Timestamp) -> Result<StateCounts> {
        let count = |sql: &str, values: &[i64]| -> Result<u64> {
            let mut statement = self.connection().prepare_cached(sql)?;
            Ok(statement.query_row(params_from_iter(values), |row| row.get(0))?)
        };
        let all = "SELECT n_keys FROM project_counts WHERE project_seq = ?1";
        let disabled = "SELECT count(*) FROM keys WHERE project_seq = ?1 AND enabled = 0";
        let account_disabled =
            "SELECT count(*) FROM (SELECT 1 FROM keys k WHERE k.enabled = 1 AND k.account_seq IN
            (SELECT seq FROM accounts WHERE project_seq = ?1 AND enabled = 0) LIMIT ?2)";
        let expired = "SELECT coalesce(sum(fits), 0) FROM (SELECT (k.enabled = 1 AND (k.account_seq IS NULL
                OR k.account_seq NOT IN (SELECT seq FROM accounts WHERE project_seq = ?1 AND enabled = 0))) AS fits
            FROM keys k WHERE k.project_seq = ?1 AND k.expires_at IS NOT NULL AND k.expires_at <= ?3 LIMIT ?2)";
        let (seq, most) = (project.0, STATES_COUNTED_MAX);
        let (all, disabled) = (count(all, &[seq])?, count(disabled, &[seq])?);
        let account_disabled = count(account_disabled, &[seq, most])?;
        let expired = count(expired, &[seq, most, ms(now)])?;
        let active = all.saturating_sub(disabled + account_disabled + expired);
        Ok(StateCounts { active, disabled, expired, account_disabled })
    }

    fn count_look(&self, project: ProjectSeq, look: &Look, now: Timestamp) -> Result<Looked> {
        let (from, value): (&str, rusqlite::types::Value) = match look {
            Look::Unused(since) => (
                "FROM keys k WHERE k.project_seq = ?1 AND k.last_used_at < ?3 ORDER BY k.last_used_at",
                ms(*since).into(),
            ),
            Look::Ending(by) => (
                "FROM keys k WHERE k.project_seq = ?1 AND k.expires_at > ?2 AND k.expires_at <= ?3",
                ms(*by).into(),
            ),
            Look::Endless(scope) => (
                "FROM key_scopes s JOIN keys k ON k.seq = s.key_seq WHERE s.project_seq = ?1 AND s.scope = ?3",
                scope.as_str().to_owned().into(),
            ),
        };
        let fits = match look {
            Look::Unused(_) => format!("{WORKS} AND k.created_at < ?3"),
            Look::Ending(_) => WORKS.to_owned(),
            Look::Endless(_) => format!("{WORKS} AND k.expires_at IS NULL"),
        };
        let sql =
            format!("SELECT coalesce(sum(fits), 0), count(*) FROM (SELECT ({fits}) AS fits {from} LIMIT ?4)");
        let mut statement = self.connection().prepare_cached(&sql)?;
        Ok(statement.query_row(params![project.0, ms(now), value, LOOKED_AT_MAX], |row| {
            let (n, seen): (u64, i64) = (row.get(0)?, row.get(1)?);
            Ok(Looked { n, is_all: seen < LOOKED_AT_MAX })
        })?)
    }
}

fn refusal(row: &Row<'_>) -> rusqlite::Result<Refusal> {
    let (ip, method, path): (Option<String>, Option<String>, Option<String>) =
        (row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(Refusal {
        at: instant(row, 0)?,
        code: found(row, 1, Code::find)?,
        ip: ip.and_then(|ip| ip.parse().ok()),
        request: method.zip(path).map(|(method, path)| RefusedRequest { method, path }),
    })
}

fn strangers(row: &Row<'_>) -> rusqlite::Result<StrangerCount> {
    let network: String = row.get(1)?;
    let network = if network.is_empty() {
        None
    } else {
        Some(network.parse::<IpNet>().map_err(|error| unfit(1, error))?)
    };
    Ok(StrangerCount {
        hour: Hour(row.get(0)?),
        network,
        code: found(row, 2, Code::find)?,
        count: row.get(3)?,
    })
}
