//! The parts of the cache by themselves; the whole on a real database is in `tests/it/app/key_cache`.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::model::account::Metadata;
use crate::model::key::{KeyFacts, KeyName};
use crate::model::limit::{Limits, Zone};
use crate::model::project::Prefix;
use crate::model::scope::ScopeSet;
use crate::store::keys::{Beside, KeySeq, StoredSecret};

use super::table::Table;

pub(in crate::app) fn record(n: usize) -> VerifyRecord {
    let at = jiff::Timestamp::UNIX_EPOCH;
    VerifyRecord {
        seq: KeySeq(i64::try_from(n).unwrap()),
        facts: KeyFacts {
            id: id(n),
            project: ProjectName::default(),
            name: KeyName::parse(&format!("key {n:06}")).unwrap(),
            prefix: Prefix::default(),
            scopes: ScopeSet::parse(["platform:read", "keys:read"]).unwrap(),
            enabled: true,
            account: None,
            created_at: at,
            expires_at: None,
            metadata: Metadata::default(),
            allowed_ips: Vec::new(),
            shown_reason: None,
            contact: None,
            limits: Limits::default(),
            zone: Zone::default(),
        },
        secrets: vec![StoredSecret { n: 1, hash: [1; 32], created_at: at, ends_at: None }],
        beside: Beside::default(),
        asked: Beside::default(),
        told: Beside::default(),
        used: Beside::default(),
    }
}

fn id(n: usize) -> KeyId {
    KeyId::parse(&format!("{n:012}")).unwrap()
}

fn put(table: &Table, n: usize) {
    table.put(Cached::new(Arc::new(record(n)), 0, [0; 3]));
}

fn has(table: &Table, n: usize) -> bool {
    table.get(&id(n), |_| ()).is_some()
}

#[test]
fn a_table_never_holds_more_bytes_than_it_may_and_keeps_what_is_used() {
    let one = size::of(&record(0));
    let table = Table::new(1000 * one);
    for n in 0..20 {
        put(&table, n);
    }
    for n in 20..20_000 {
        put(&table, n);
        assert!(table.bytes() <= 1000 * one);
        if n % 50 == 0 {
            (0..20).for_each(|used| assert!(has(&table, used), "{used} was used all the time"));
        }
    }
    let kept = (0..20_000).filter(|n| has(&table, *n)).count();
    assert_eq!(kept, table.n_records());
    assert!(kept > 900, "{kept}");
    assert_eq!(table.bytes(), kept * one);
}

#[test]
fn a_record_takes_the_place_of_an_older_one_of_the_same_key() {
    let table = Table::new(1 << 20);
    (0..100).for_each(|_| put(&table, 7));
    assert_eq!((table.n_records(), table.bytes()), (1, size::of(&record(7))));
}

#[test]
fn a_table_smaller_than_any_record_holds_none() {
    let table = Table::new(1);
    (0..100).for_each(|n| put(&table, n));
    assert_eq!((table.n_records(), table.bytes()), (0, 0));
}

#[test]
fn readers_and_writers_of_one_table_see_each_key_or_nothing() {
    let table = Table::new(20 * size::of(&record(0)));
    let n_found = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (table, n_found) = (&table, &n_found);
            scope.spawn(move || {
                for round in 0..5_000 {
                    let n = (round * 7 + thread) % 40;
                    match table.get(&id(n), |cached| cached.record.facts.id) {
                        Some(found) => {
                            assert_eq!(found, id(n));
                            n_found.fetch_add(1, Ordering::Relaxed);
                        }
                        None => put(table, n),
                    }
                }
            });
        }
    });
    assert!(n_found.into_inner() > 0);
    let kept = (0..40).filter(|n| has(&table, *n)).count();
    assert_eq!((kept, table.bytes()), (table.n_records(), kept * size::of(&record(0))));
}

#[test]
fn one_mark_makes_old_what_stands_on_it_and_only_that() {
    let marks: Marks = Marks::new(8, 10);
    let look = |changed: Changed| marks.look(|| 0, 1, || Ok::<_, ()>(changed)).unwrap();
    assert!(!marks.are_fresh(0, 1), "nobody has looked");
    assert_eq!(marks.look(|| 0, 1, || Err(())), Err(()));
    assert!(!marks.are_fresh(0, 1), "a look that failed counts for nobody");
    look(Changed::Some(vec![3]));
    assert!(marks.are_fresh(0, 10) && !marks.are_fresh(0, 11), "a look counts for less than ten");
    assert!(!marks.are_fresh(1, 2), "somebody has committed");
    assert!(marks.is_current(0, &[1, 2, 4]) && !marks.is_current(0, &[1, 3, 4]));
    assert_eq!(marks.read(|| 7), (1, 7));
    assert!(marks.is_current(1, &[1, 3, 4]), "it was read after that");
    marks.look(|| 1, 2, || Ok::<_, ()>(Changed::All)).unwrap();
    assert!(!marks.is_current(1, &[1, 3, 4]) && marks.is_current(2, &[1, 3, 4]));
}
