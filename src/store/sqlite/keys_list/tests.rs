//! Lists against a model, while keys come, go and change between the pages. The bounds are so small
//! here that every way through a list is taken and pages stop half-way.

use std::collections::HashSet;

use jiff::Timestamp;
use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::model::key::KeyStatus;
use crate::model::scope::Scope;
use crate::store::DATABASE_FILE;
use crate::store::keys::KeySeq;
use crate::store::sqlite::pool::{Role, connect};
use crate::store::sqlite::{SqliteStore, search};

const NAMES: [&str; 6] = ["worker", "Work", "ci", "build-ork", "acme", "x"];
const SEARCHES: [&str; 9] = ["ork", "WORK", "ci", "w", "-1", "acme", "globex", "000", "nothing"];

#[derive(Debug, Clone)]
struct Row {
    seq: i64,
    id: String,
    name: String,
    account: Option<usize>,
    has_scope: bool,
    enabled: bool,
    expires_at: Option<i64>,
    created_at: i64,
    used: i64,
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Add { name: u8, account: u8, flags: u8 },
    Delete(u8),
    Switch(u8),
    Use(u8, u8),
    SwitchAccount(u8),
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(name, account, flags)| Change::Add { name, account, flags }),
        2 => any::<u8>().prop_map(Change::Delete),
        1 => any::<u8>().prop_map(Change::Switch),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(key, at)| Change::Use(key, at)),
        1 => any::<u8>().prop_map(Change::SwitchAccount),
    ]
}

fn filters() -> impl Strategy<Value = KeyFilter> {
    (
        proptest::option::weighted(0.4, 0..SEARCHES.len()),
        proptest::option::of(0..KeyStatus::ALL.len()),
        proptest::option::weighted(0.3, Just(())),
        proptest::option::weighted(0.3, 0..3_usize),
        proptest::option::weighted(0.2, 1..9_i64),
        proptest::bool::weighted(0.2),
        proptest::option::weighted(0.2, NOW..12_i64),
        prop_oneof![Just(KeyOrder::Created), Just(KeyOrder::Name), Just(KeyOrder::LastUsed)],
    )
        .prop_map(|(q, status, scope, account, unused, never_used, expires, order)| KeyFilter {
            q: q.map(|q| SEARCHES[q].to_owned()),
            status: status.map(|status| KeyStatus::ALL[status]),
            scope: scope.map(|()| Scope::parse("keys:read").unwrap()),
            account: account.map(|account| format!("cus_{account}")),
            unused_since: unused.map(|unused| Timestamp::from_millisecond(unused).unwrap()),
            never_used,
            expires_by: expires.map(|by| Timestamp::from_millisecond(by).unwrap()),
            never_ends: false,
            order,
        })
}

/// A database with three accounts, and what it should hold.
struct World {
    connection: Connection,
    rows: Vec<Row>,
    accounts: [bool; 3],
    n: i64,
    _dir: tempfile::TempDir,
}

const ACCOUNTS: [&str; 3] = ["Acme", "Globex", "Workshop"];
const NOW: i64 = 5;

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        SqliteStore::create(dir.path(), &mut |_| Ok(())).unwrap();
        let connection = connect(&dir.path().join(DATABASE_FILE), Role::Writer).unwrap();
        connection
            .execute_batch("PRAGMA synchronous = OFF; INSERT INTO projects (name, prefix, created_at) VALUES ('other', 'ks', 0), ('default', 'ks', 0)")
            .unwrap();
        for (n, name) in ACCOUNTS.iter().enumerate() {
            let sql =
                "INSERT INTO accounts (id, project_seq, name, external_id, metadata, enabled, created_at)
                VALUES (?1, 2, ?2, ?3, '{}', 1, 0)";
            connection.execute(sql, params![format!("acc_{n:012}"), name, format!("cus_{n}")]).unwrap();
        }
        let mut world = Self { connection, rows: Vec::new(), accounts: [true; 3], n: 0, _dir: dir };
        world.insert(1, "worker-of-another-project", None, true, None);
        world.rows.clear();
        world
    }

    fn insert(
        &mut self,
        project: i64,
        name: &str,
        account: Option<usize>,
        has_scope: bool,
        expires_at: Option<i64>,
    ) {
        self.n += 1;
        let (id, created_at) = (format!("{:012}", self.n), self.n % 7);
        let sql = "INSERT INTO keys (id, project_seq, account_seq, name, prefix, scopes, enabled, created_at,
                expires_at, metadata, allowed_ips, created_by_kind, created_by_id, created_by_name)
            VALUES (?1, ?2, ?3, ?4, 'ks', ?5, 1, ?6, ?7, '{}', '', 'operator', 'x', 'x')";
        let scopes = if has_scope { "keys:read" } else { "" };
        let account_seq = account.map(|account| account + 1);
        self.connection
            .execute(sql, params![id, project, account_seq, name, scopes, created_at, expires_at])
            .unwrap();
        let seq = self.connection.last_insert_rowid();
        if has_scope {
            let sql = "INSERT INTO key_scopes (project_seq, scope, key_seq) VALUES (?1, 'keys:read', ?2)";
            self.connection.execute(sql, [project, seq]).unwrap();
        }
        search::added(&self.connection, seq).unwrap();
        let name = name.to_owned();
        self.rows.push(Row {
            seq,
            id,
            name,
            account,
            has_scope,
            enabled: true,
            expires_at,
            created_at,
            used: 0,
        });
    }

    fn change(&mut self, change: Change) {
        let at = |n: u8, rows: &[Row]| (!rows.is_empty()).then(|| usize::from(n) % rows.len());
        match change {
            Change::Add { name, account, flags } => {
                let name = format!("{}-{}", NAMES[usize::from(name) % NAMES.len()], self.n);
                let account = Some(usize::from(account) % 5).filter(|account| *account < 3);
                let expires_at = (flags & 2 != 0).then_some(i64::from(flags % 11));
                self.insert(2, &name, account, flags & 1 != 0, expires_at);
            }
            Change::Delete(n) => {
                let Some(at) = at(n, &self.rows) else { return };
                let row = self.rows.remove(at);
                search::removed(&self.connection, KeySeq(row.seq)).unwrap();
                self.connection.execute("DELETE FROM key_scopes WHERE key_seq = ?1", [row.seq]).unwrap();
                self.connection.execute("DELETE FROM keys WHERE seq = ?1", [row.seq]).unwrap();
            }
            Change::Switch(n) => {
                let Some(at) = at(n, &self.rows) else { return };
                let row = &mut self.rows[at];
                row.enabled = !row.enabled;
                let values = params![row.seq, row.enabled];
                self.connection.execute("UPDATE keys SET enabled = ?2 WHERE seq = ?1", values).unwrap();
            }
            Change::Use(n, used) => {
                let Some(at) = at(n, &self.rows) else { return };
                let row = &mut self.rows[at];
                row.used = row.used.max(i64::from(used % 9));
                let sql = "UPDATE keys SET last_used_at = ?2 WHERE seq = ?1";
                self.connection.execute(sql, params![row.seq, row.used]).unwrap();
            }
            Change::SwitchAccount(n) => {
                let at = usize::from(n) % 3;
                self.accounts[at] = !self.accounts[at];
                let sql = "UPDATE accounts SET enabled = ?2 WHERE seq = ?1";
                self.connection.execute(sql, params![at + 1, self.accounts[at]]).unwrap();
            }
        }
    }

    fn fits(&self, row: &Row, filter: &KeyFilter) -> bool {
        let status = if !row.enabled {
            KeyStatus::Disabled
        } else if row.account.is_some_and(|account| !self.accounts[account]) {
            KeyStatus::AccountDisabled
        } else if row.expires_at.is_some_and(|at| at <= NOW) {
            KeyStatus::Expired
        } else {
            KeyStatus::Active
        };
        let since = filter.unused_since.map(Timestamp::as_millisecond);
        let reference = row.account.map(|account| format!("cus_{account}"));
        filter.status.is_none_or(|wanted| wanted == status)
            && (filter.scope.is_none() || row.has_scope)
            && (filter.account.is_none() || filter.account == reference)
            && since.is_none_or(|since| row.used < since && row.created_at < since)
            && (!filter.never_used || row.used == 0)
            && filter
                .expires_by
                .is_none_or(|by| row.expires_at.is_some_and(|at| NOW < at && at <= by.as_millisecond()))
            && filter.q.as_ref().is_none_or(|q| matches(row, q))
    }

    /// The numbers of those that fit and stand where they stand, for this filter.
    fn placed(&self, filter: &KeyFilter) -> HashSet<(i64, i64)> {
        let place = |row: &Row| if filter.order == KeyOrder::LastUsed { row.used } else { 0 };
        self.rows.iter().filter(|row| self.fits(row, filter)).map(|row| (row.seq, place(row))).collect()
    }

    fn page(&self, filter: &KeyFilter, limit: &str, cursor: Option<String>) -> (Vec<i64>, Option<String>) {
        let request = crate::model::page::PageRequest { limit: Limit::parse(limit).unwrap(), cursor };
        let page = PageAfter::new(&request, filter.order.letter()).unwrap();
        let now = Timestamp::from_millisecond(NOW).unwrap();
        let found = list_seqs(&self.connection, ProjectSeq(2), filter, &page, now).unwrap();
        (
            found.steps.iter().map(|step| step.seq).collect(),
            found.next.map(|step| step.cursor(filter.order).encode()),
        )
    }
}

fn matches(row: &Row, q: &str) -> bool {
    let (name, q) = (row.name.to_ascii_lowercase(), q.to_ascii_lowercase());
    if q.len() < search::CHARS_MIN {
        return name.starts_with(&q);
    }
    let of_account = |account: usize| {
        ACCOUNTS[account].to_ascii_lowercase().contains(&q) || format!("cus_{account}").contains(&q)
    };
    name.contains(&q) || row.id.starts_with(&q) || row.account.is_some_and(of_account)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_there_all_the_while_is_shown_exactly_once(
        before in proptest::collection::vec(changes(), 20..90),
        between in proptest::collection::vec(changes(), 60),
        filters in proptest::collection::vec((filters(), 1..6_u8), 12),
    ) {
        let mut world = World::new();
        for change in before {
            world.change(change);
        }
        for (filter, limit) in filters {
            let mut between = between.iter();
            let mut there = world.placed(&filter);
            let (mut shown, mut cursor, limit) = (Vec::new(), None, limit.to_string());
            loop {
                let (seqs, next) = world.page(&filter, &limit, cursor);
                let fitting: HashSet<i64> = world.placed(&filter).into_iter().map(|(seq, _)| seq).collect();
                prop_assert!(seqs.iter().all(|seq| fitting.contains(seq)), "{seqs:?} of {fitting:?}");
                shown.extend(seqs);
                cursor = next;
                if cursor.is_none() {
                    break;
                }
                for change in between.by_ref().take(2) {
                    world.change(*change);
                    let now = world.placed(&filter);
                    there.retain(|row| now.contains(row));
                }
            }
            let once: HashSet<i64> = shown.iter().copied().collect();
            prop_assert_eq!(once.len(), shown.len(), "shown twice: {:?}", shown);
            let missing: Vec<_> = there.iter().filter(|(seq, _)| !once.contains(seq)).collect();
            prop_assert!(missing.is_empty(), "{filter:?} left out {missing:?}");
        }
    }
}
