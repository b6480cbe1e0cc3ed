//! Every statement that a list runs is listened to, and its plan read: it searches an index, in the
//! order of the list, from the place where the page starts, and sorts nothing.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::SqliteStore;
use super::pool::{Role, connect};
use super::tx::Tx;
use crate::model::account::{AccountFilter, AccountId};
use crate::model::audit::AuditFilter;
use crate::model::key::{KeyFilter, KeyOrder, KeyStatus};
use crate::model::page::{Cursor, Limit, PageAfter};
use crate::model::principal::ActorKind;
use crate::model::project::ProjectName;
use crate::model::scope::Scope;
use crate::model::usage::{UsageRange, UsageStep};
use crate::model::user::UserId;
use crate::store::accounts::{ACCOUNT_ORDER, AccountSeq};
use crate::store::audit::AUDIT_ORDER;
use crate::store::keys::KeySeq;
use crate::store::projects::ProjectSeq;
use crate::store::usage::UsageOwner;
use crate::store::{
    AccountReads, AuditReads, DATABASE_FILE, KeyReads, LimitReads, ProjectReads, ScopeReads, SessionReads,
    UsageReads, UserReads,
};

/// Tables that never have more than a few rows.
const SMALL: [&str; 4] = ["users", "p", "key_search_end", "few"];

thread_local! {
    static HEARD: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

fn hear(event: TraceEvent<'_>) {
    // What starts with dashes or names a schema is a virtual table's own.
    if let TraceEvent::Stmt(_, sql) = event
        && !sql.starts_with("--")
        && !sql.contains("'main'.")
    {
        HEARD.with_borrow_mut(|heard| heard.insert(sql.to_owned()));
    }
}

/// Enough keys that none of the parts of a filter has few, or none at all.
const KEYS: &str = "
    INSERT INTO projects (name, prefix, created_at) VALUES ('default', 'ks', 0);
    INSERT INTO accounts (id, project_seq, name, external_id, metadata, enabled, created_at)
        VALUES ('acc_000000000001', 1, 'Acme', 'cus_1', '{}', 0, 0);
    WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60)
    INSERT INTO keys (id, project_seq, account_seq, name, prefix, scopes, enabled, created_at, expires_at,
            metadata, allowed_ips, created_by_kind, created_by_id, created_by_name, last_used_at)
        SELECT format('%012d', n), 1, iif(n % 2, 1, NULL), 'worker-' || n, 'ks', 'keys:read', n % 3 <> 0, n, n,
            '{}', '', 'operator', 'x', 'x', n % 5
        FROM n;
    INSERT INTO key_scopes SELECT 1, 'keys:read', seq FROM keys;
    INSERT INTO key_search (rowid, name) SELECT (1 << 40) + seq, name FROM keys;
    UPDATE key_search_end SET seq = 60";

/// What `run` asks of a database with these rows.
fn heard(rows: &str, run: impl FnOnce(&Tx)) -> Vec<(String, Vec<String>)> {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::create(dir.path(), &mut |_| Ok(())).unwrap();
    drop(store);
    let mut connection = connect(&dir.path().join(DATABASE_FILE), Role::Writer).unwrap();
    connection.execute_batch(rows).unwrap();
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(hear)).unwrap();
    let tx = Tx::begin_lone(connection).unwrap();
    HEARD.take();
    run(&tx);
    HEARD
        .take()
        .into_iter()
        .map(|sql| (plan(tx.connection(), &sql), sql))
        .map(|(plan, sql)| (sql, plan))
        .collect()
}

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let n = statement.parameter_count();
    let lines = statement.query_map(rusqlite::params_from_iter(vec![0; n]), |row| row.get(3)).unwrap();
    lines.collect::<Result<_, _>>().unwrap()
}

/// Requires that each plan is bounded by its index.
fn require_bounded(heard: &[(String, Vec<String>)]) {
    for (sql, plan) in heard {
        for step in plan {
            let words: Vec<&str> = step.split(' ').collect();
            let is_scan = words[0] == "SCAN" && words.len() > 1 && !SMALL.contains(&words[1]);
            // A search for words is no scan, but it needs words to search for.
            let is_match = step.contains("VIRTUAL TABLE") && step.contains('M');
            // What a query in it counts to a bound.
            let is_inner = step.starts_with("SCAN (subquery") || step == "SCAN CONSTANT ROW";
            assert!(!is_scan || is_match || is_inner, "{step}\n{sql}\n{plan:#?}");
            assert!(!step.contains("TEMP B-TREE"), "{step}\n{sql}\n{plan:#?}");
            assert!(!step.contains("AUTOMATIC"), "{step}\n{sql}\n{plan:#?}");
        }
        assert!(!sql.contains("OFFSET"), "{sql}");
    }
}

fn page(order: char, after: Option<&str>) -> PageAfter {
    let after = after.map(|value| Cursor { order, value: value.to_owned(), seq: 30 });
    PageAfter { limit: Limit::parse("5").unwrap(), after }
}

fn key_filters() -> Vec<KeyFilter> {
    let mut filters = Vec::new();
    let statuses = KeyStatus::ALL.map(Some);
    for n in 0..(3 * 5 * 3 * 32) {
        filters.push(KeyFilter {
            q: [None, Some("work"), Some("wo")][n % 3].map(str::to_owned),
            status: statuses.get(n / 3 % 5).copied().flatten(),
            order: [KeyOrder::Created, KeyOrder::Name, KeyOrder::LastUsed][n / 15 % 3],
            scope: ((n / 45) & 1 != 0).then(|| Scope::parse("keys:read").unwrap()),
            account: ((n / 45) & 2 != 0).then(|| "cus_1".to_owned()),
            unused_since: ((n / 45) & 4 != 0).then(|| Timestamp::from_millisecond(4).unwrap()),
            never_used: (n / 45) & 8 != 0,
            never_ends: false,
            expires_by: ((n / 45) & 16 != 0).then(|| Timestamp::from_millisecond(59).unwrap()),
        });
    }
    filters
}

fn list_keys(tx: &Tx, after: Option<&str>) {
    let now = Timestamp::from_millisecond(50).unwrap();
    for filter in key_filters() {
        // Keys that were never used stand at one place in the order of use.
        let after = after.map(|after| if filter.never_used { "0" } else { after });
        tx.list_keys(ProjectSeq(1), &filter, &page(filter.order.letter(), after), now).unwrap();
    }
}

#[test]
fn every_list_of_keys_is_on_an_index() {
    let few = heard("INSERT INTO projects (name, prefix, created_at) VALUES ('default', 'ks', 0)", |tx| {
        list_keys(tx, None);
    });
    let many = heard(KEYS, |tx| list_keys(tx, None));
    assert!(few.len() > 10 && many.len() > 100, "{} and {}", few.len(), many.len());
    require_bounded(&few);
    require_bounded(&many);
}

#[test]
fn every_further_page_of_keys_starts_at_its_place() {
    let heard = heard(KEYS, |tx| list_keys(tx, Some("3")));
    require_bounded(&heard);
    let walks = heard.iter().filter(|(sql, _)| sql.contains("ORDER BY") && sql.contains(", CASE "));
    for (sql, plan) in walks {
        let order = sql.rsplit_once("ORDER BY ").unwrap().1;
        let starts: &[&str] = match order {
            "k.name" => &["name>?"],
            "k.seq DESC" => &["seq<?)", "rowid<?)"],
            "s.key_seq DESC" => &["key_seq<?)"],
            "k.last_used_at DESC, k.seq DESC" => {
                &["last_used_at<?)", "last_used_at=? AND seq<?)", "last_used_at=? AND rowid<?)"]
            }
            "f.rowid DESC" => &["<"],
            other => panic!("{other} has no place"),
        };
        let step = plan.first().unwrap();
        assert!(starts.iter().any(|start| step.contains(start)), "{step}\n{sql}");
    }
}

#[test]
fn every_other_list_is_on_an_index() {
    let heard = heard(KEYS, |tx| {
        let accounts = |q: Option<&str>, external_id: Option<&str>, enabled: Option<bool>| AccountFilter {
            q: q.map(str::to_owned),
            external_id: external_id.map(str::to_owned),
            enabled,
            only: None,
        };
        for (q, external_id, enabled) in [None, Some("cme"), Some("ac")].into_iter().flat_map(|q| {
            [None, Some("cus_1")].into_iter().flat_map(move |external_id| {
                [None, Some(true), Some(false)].map(move |enabled| (q, external_id, enabled))
            })
        }) {
            for after in [None, Some("")] {
                let filter = accounts(q, external_id, enabled);
                tx.list_accounts(ProjectSeq(1), &filter, &page(ACCOUNT_ORDER, after)).unwrap();
            }
        }
        tx.list_account_key_ids(AccountSeq(1)).unwrap();
        tx.count_keys(ProjectSeq(1)).unwrap();
        tx.count_keys_with_scope(ProjectSeq(1), &Scope::parse("keys:read").unwrap()).unwrap();
        tx.scan_keys(KeySeq(0), 10).unwrap();
        for (step, after) in [
            (UsageStep::Hour, None),
            (UsageStep::Day, None),
            (UsageStep::Hour, Some("valid")),
            (UsageStep::Day, Some("valid")),
        ] {
            let now = Timestamp::from_second(90_000_000).unwrap();
            let range = UsageRange::new(step, None, None, now).unwrap();
            for owner in [UsageOwner::Key(KeySeq(1)), UsageOwner::Account(AccountSeq(1))] {
                tx.list_usage(owner, &range, &page(step.letter(), after)).unwrap();
                tx.sum_watched(owner, range.from, range.to).unwrap();
            }
        }
        tx.list_users().unwrap();
        tx.list_projects().unwrap();
    });
    require_bounded(&heard);
}

/// Filters by every part and by any two of them.
fn audit_filters() -> impl Iterator<Item = AuditFilter> {
    let text = |yes: bool, text: &str| yes.then(|| text.to_owned());
    (0..256).map(move |n: u32| {
        let bit = |at: u32| n >> at & 1 == 1;
        AuditFilter {
            project: bit(0).then(ProjectName::default),
            actor_kind: bit(1).then_some(ActorKind::User),
            actor: text(bit(2), "ann"),
            action: text(bit(3), if bit(1) { "key." } else { "key.deleted" }),
            account: bit(4).then(|| AccountId::parse("acc_000000000001").unwrap()),
            target_id: text(bit(5), "a"),
            target: text(bit(6), "a"),
            from: bit(7).then_some(Timestamp::UNIX_EPOCH),
            to: bit(7).then_some(Timestamp::UNIX_EPOCH),
        }
    })
}

#[test]
fn the_audit_log_and_sessions_are_on_an_index() {
    let event = "INSERT INTO audit (n, at, actor_kind, actor_id, actor_name, action, target_kind, target_id,
            target_name, detail, hash)
        VALUES (1, 0, 'user', 'ann', 'ann', 'key.created', 'key', 'a', 'a', '{}', zeroblob(32));";
    let heard = heard(event, |tx| {
        for filter in audit_filters() {
            for after in [None, Some("")] {
                tx.list_audit(&filter, &page(AUDIT_ORDER, after)).unwrap();
            }
        }
        tx.scan_audit(0, 10).unwrap();
        tx.list_user_sessions(UserId(1)).unwrap();
        tx.find_session(&[0; 32]).unwrap();
    });
    assert!(heard.len() > 20, "{}", heard.len());
    require_bounded(&heard);
    for (sql, plan) in heard.iter().filter(|(sql, _)| sql.contains("n < ?")) {
        assert!(plan.iter().all(|step| step.contains("<?)")), "{sql}\n{plan:#?}");
    }
}
