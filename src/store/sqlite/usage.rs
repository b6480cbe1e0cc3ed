//! Adding counts of use in `SQLite`; reading and folding them is in `usage_list` and `usage_fold`.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::rows::ms;
use crate::model::code::Code;
use crate::model::usage::{Hour, KeyUsage, SecretUse};
use crate::store::Result;
use crate::store::keys::KeySeq;
use crate::store::usage::UsageBatch;

/// How often each verdict was given in each hour.
type Counts = Vec<(Hour, Code, u64)>;

/// Adds a batch inside a transaction; keys that are gone are passed over.
pub(super) fn add(connection: &Connection, batch: &UsageBatch) -> Result<()> {
    let mut of_projects: HashMap<i64, OfProject> = HashMap::new();
    for (key, usage) in batch {
        if let Some(found) = find(connection, key.0)? {
            add_counts(connection, ADD_OF_KEY, key.0, &usage.counts)?;
            if let Some(account) = found.account {
                add_counts(connection, ADD_OF_ACCOUNT, account, &usage.counts)?;
            }
            let of_project = of_projects.entry(found.project).or_default();
            sum(&mut of_project.counts, &usage.counts);
            of_project.n_first_uses += i64::from(found.is_unused && is_use(usage));
            add_watched(connection, (key.0, found.account), usage)?;
            set_last(connection, key.0, usage)?;
            set_seen(connection, key.0, &usage.secrets)?;
        }
    }
    for (project, of_project) in of_projects {
        add_counts(connection, ADD_OF_PROJECT, project, &of_project.counts)?;
        if of_project.n_first_uses > 0 {
            let sql = "UPDATE project_counts SET n_never_used = n_never_used - ?2 WHERE project_seq = ?1";
            connection.prepare_cached(sql)?.execute([project, of_project.n_first_uses])?;
        }
    }
    Ok(())
}

/// What the keys of a project in a batch have together.
#[derive(Default)]
struct OfProject {
    counts: Counts,
    /// Keys that nobody had used before.
    n_first_uses: i64,
}

fn is_use(usage: &KeyUsage) -> bool {
    usage.last_used.is_some_and(|last| ms(last.at) != 0)
}

/// Adds what few keys have: two secrets, or limits that are only watched.
pub(super) fn add_rare(connection: &Connection, key: KeySeq, usage: &KeyUsage) -> Result<()> {
    if usage.secrets.is_empty() && usage.watched.is_empty() {
        return Ok(());
    }
    let Some(found) = find(connection, key.0)? else { return Ok(()) };
    add_watched(connection, (key.0, found.account), usage)?;
    set_seen(connection, key.0, &usage.secrets)
}

/// A key that was used.
struct Found {
    account: Option<i64>,
    project: i64,
    is_unused: bool,
}

fn find(connection: &Connection, key: i64) -> Result<Option<Found>> {
    let sql = "SELECT account_seq, project_seq, last_used_at = 0 FROM keys WHERE seq = ?1";
    let found =
        |row: &Row<'_>| Ok(Found { account: row.get(0)?, project: row.get(1)?, is_unused: row.get(2)? });
    Ok(connection.prepare_cached(sql)?.query_row([key], found).optional()?)
}

/// Keys of one project meet in few hours and verdicts, so that their sum is a few rows.
fn sum(all: &mut Counts, counts: &[(Hour, Code, u64)]) {
    for (hour, code, n) in counts {
        match all.iter_mut().find(|(h, c, _)| (h, c) == (hour, code)) {
            Some((_, _, sum)) => *sum += n,
            None => all.push((*hour, *code, *n)),
        }
    }
}

const ADD_OF_KEY: &str = "INSERT INTO usage_hours (key_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (key_seq, hour, code) DO UPDATE SET count = count + excluded.count";
const ADD_OF_ACCOUNT: &str =
    "INSERT INTO account_hours (account_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (account_seq, hour, code) DO UPDATE SET count = count + excluded.count";
const ADD_OF_PROJECT: &str =
    "INSERT INTO project_hours (project_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (project_seq, hour, code) DO UPDATE SET count = count + excluded.count";

fn add_counts(connection: &Connection, sql: &str, seq: i64, counts: &[(Hour, Code, u64)]) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    for (hour, code, count) in counts {
        statement.execute(params![seq, hour.0, code.as_str(), count])?;
    }
    Ok(())
}

const WATCHED_OF_KEY: &str = "INSERT INTO watched_hours (key_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (key_seq, hour, code) DO UPDATE SET count = count + excluded.count";
const WATCHED_OF_ACCOUNT: &str =
    "INSERT INTO account_watched_hours (account_seq, hour, code, count) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (account_seq, hour, code) DO UPDATE SET count = count + excluded.count";

fn add_watched(connection: &Connection, (key, account): (i64, Option<i64>), usage: &KeyUsage) -> Result<()> {
    if usage.watched.is_empty() {
        return Ok(());
    }
    let owners = [(WATCHED_OF_KEY, Some(key)), (WATCHED_OF_ACCOUNT, account)];
    for (sql, seq) in owners.into_iter().filter_map(|(sql, seq)| Some((sql, seq?))) {
        let mut statement = connection.prepare_cached(sql)?;
        for (hour, watched, count) in &usage.watched {
            statement.execute(params![seq, hour.0, watched.as_str(), count])?;
        }
    }
    Ok(())
}

// Another process may have written a later time already, so that the later one stays.
fn set_last(connection: &Connection, seq: i64, usage: &KeyUsage) -> Result<()> {
    if let Some(last) = usage.last_used {
        let sql = "UPDATE keys SET last_used_at = ?2, last_used_ip = ?3, unused_off_at = NULL
                WHERE seq = ?1 AND last_used_at <= ?2";
        let ip = last.ip.map(|ip| ip.to_string());
        connection.prepare_cached(sql)?.execute(params![seq, ms(last.at), ip])?;
    }
    if let Some((at, code)) = usage.last_refused {
        let sql = "UPDATE keys SET last_refused_at = ?2, last_refused_code = ?3
            WHERE seq = ?1 AND coalesce(last_refused_at, 0) <= ?2";
        connection.prepare_cached(sql)?.execute(params![seq, ms(at), code.as_str()])?;
    }
    Ok(())
}

fn set_seen(connection: &Connection, seq: i64, secrets: &[SecretUse]) -> Result<()> {
    if secrets.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE key_secrets SET n_seen = n_seen + ?3,
            last_used_at = nullif(max(coalesce(last_used_at, 0), coalesce(?4, 0)), 0),
            last_seen_ip = CASE WHEN coalesce(last_seen_at, 0) <= ?5 THEN ?6 ELSE last_seen_ip END,
            last_seen_at = max(coalesce(last_seen_at, 0), ?5)
        WHERE key_seq = ?1 AND n = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    for secret in secrets {
        let ip = secret.seen.ip.map(|ip| ip.to_string());
        let (used, seen) = (secret.used_at.map(ms), ms(secret.seen.at));
        statement.execute(params![seq, secret.n, secret.count, used, seen, ip])?;
    }
    Ok(())
}
