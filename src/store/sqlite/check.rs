//! Looks whether a file is whole: `SQLite`'s own check, its foreign keys, and what the schema cannot
//! say (the two places that hold a key's scopes, and what was counted).

use rusqlite::Connection;

use crate::store::Result;

const FINDINGS_MAX: usize = 20;

/// What is wrong, at most twenty findings; nothing when all is well.
pub(super) fn find_damage(connection: &Connection) -> Result<Vec<String>> {
    let mut findings = integrity(connection)?;
    if findings.is_empty() {
        findings.extend(foreign_keys(connection)?);
        findings.extend(scopes(connection)?);
        findings.extend(secretless(connection)?);
        findings.extend(counts(connection)?);
    }
    findings.truncate(FINDINGS_MAX);
    Ok(findings)
}

fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(rows.take(FINDINGS_MAX).collect::<rusqlite::Result<_>>()?)
}

fn integrity(connection: &Connection) -> Result<Vec<String>> {
    let lines = texts(connection, &format!("PRAGMA integrity_check({FINDINGS_MAX})"))?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

fn foreign_keys(connection: &Connection) -> Result<Vec<String>> {
    let tables = texts(connection, "PRAGMA foreign_key_check")?;
    Ok(tables
        .into_iter()
        .map(|table| format!("a row of `{table}` belongs to something that is gone"))
        .collect())
}

// Each key's list of scopes must be as long as the number of its rows, and each row stand in it.
fn scopes(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT k.id FROM keys k LEFT JOIN (
            SELECT s.key_seq AS seq, count(*) AS n, sum(instr(' ' || k2.scopes || ' ', ' ' || s.scope || ' ') > 0) AS fit
            FROM key_scopes s JOIN keys k2 ON k2.seq = s.key_seq AND k2.project_seq = s.project_seq GROUP BY s.key_seq
        ) r ON r.seq = k.seq
        WHERE coalesce(r.n, 0) <> coalesce(r.fit, 0) OR coalesce(r.n, 0) <>
            CASE WHEN k.scopes = '' THEN 0 ELSE length(k.scopes) - length(replace(k.scopes, ' ', '')) + 1 END
        UNION ALL
        SELECT 'number ' || s.key_seq FROM key_scopes s LEFT JOIN keys k ON k.seq = s.key_seq WHERE k.seq IS NULL";
    let ids = texts(connection, sql)?;
    Ok(ids
        .into_iter()
        .map(|id| format!("the scopes of key {id} are not the same in their two places"))
        .collect())
}

fn secretless(connection: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT id FROM keys k WHERE NOT EXISTS (SELECT 1 FROM key_secrets s WHERE s.key_seq = k.seq)";
    let ids = texts(connection, sql)?;
    Ok(ids.into_iter().map(|id| format!("key {id} has no secret")).collect())
}

fn counts(connection: &Connection) -> Result<Vec<String>> {
    let sql =
        "SELECT 'project ' || p.name FROM projects p LEFT JOIN project_counts c ON c.project_seq = p.seq
        WHERE c.n_keys IS NOT (SELECT count(*) FROM keys k WHERE k.project_seq = p.seq)
            OR c.n_never_used IS NOT
                (SELECT count(*) FROM keys k WHERE k.project_seq = p.seq AND k.last_used_at = 0)
            OR c.n_accounts IS NOT (SELECT count(*) FROM accounts a WHERE a.project_seq = p.seq)
        UNION ALL
        SELECT 'account ' || a.id FROM accounts a
            WHERE a.n_keys <> (SELECT count(*) FROM keys k WHERE k.account_seq = a.seq)";
    let owners = texts(connection, sql)?;
    Ok(owners
        .into_iter()
        .map(|owner| format!("the keys of {owner} are not as many as were counted"))
        .collect())
}
