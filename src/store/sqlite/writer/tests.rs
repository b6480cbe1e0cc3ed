//! Shared commits: who is kept, who is told what, and that nobody is left waiting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;
use crate::store::sqlite::pool::{self, Role};

mod rows;

const LONG: Duration = Duration::from_mins(1);

struct Desk {
    writer: Arc<Writer>,
    counters: Arc<Counters>,
    dir: TempDir,
}

impl Desk {
    fn new(wait_max: Duration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        std::fs::write(&path, b"").unwrap();
        pool::connect(&path, Role::Writer)
            .unwrap()
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 CREATE TABLE done (n INTEGER PRIMARY KEY);
                 CREATE TABLE wrong (n REFERENCES done DEFERRABLE INITIALLY DEFERRED);",
            )
            .unwrap();
        let counters = Arc::<Counters>::default();
        let pool = Pool::new(&path, Role::Writer, 1).unwrap();
        Self { writer: Writer::new(pool, Arc::clone(&counters), wait_max), counters, dir }
    }

    fn begin(&self) -> Turn {
        self.writer.begin(Durability::Full, Share::WithOthers).unwrap()
    }

    /// A change that is kept.
    fn make(&self, n: i64) {
        let turn = self.begin();
        insert(&turn, n);
        turn.commit().unwrap();
    }

    /// What becomes of a first change, 1, when another comes before it is done.
    fn first_beside<T: Send>(&self, other: impl FnOnce() -> T + Send) -> (Result<()>, thread::Result<T>) {
        thread::scope(|scope| {
            let first = self.begin();
            insert(&first, 1);
            let other = scope.spawn(other);
            self.wait_for_waiting(1);
            (first.commit(), other.join())
        })
    }

    fn wait_for_waiting(&self, n: usize) {
        let start = Instant::now();
        while self.writer.line().n_waiting != n {
            assert!(start.elapsed() < LONG, "nobody came");
            thread::yield_now();
        }
    }

    /// What somebody else sees.
    fn kept(&self) -> Vec<i64> {
        let connection = pool::connect(&self.dir.path().join("x.db"), Role::Reader).unwrap();
        let mut statement = connection.prepare("SELECT n FROM done ORDER BY n").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    fn commits(&self) -> (u64, u64) {
        let metrics = self.counters.read(self.dir.path());
        (metrics.changes, metrics.change_commits)
    }
}

fn insert(turn: &Turn, n: i64) {
    turn.connection().execute("INSERT INTO done VALUES (?1)", [n]).unwrap();
}

#[test]
fn changes_that_wait_share_a_commit_and_each_is_kept_when_it_is_answered() {
    let desk = Desk::new(LONG);
    thread::scope(|scope| {
        let first = desk.begin();
        let others: Vec<_> = (2..=8)
            .map(|n| {
                let desk = &desk;
                scope.spawn(move || {
                    desk.make(n);
                    assert!(desk.kept().contains(&n));
                })
            })
            .collect();
        desk.wait_for_waiting(others.len());
        insert(&first, 1);
        assert!(desk.kept().is_empty());
        first.commit().unwrap();
        assert!(desk.kept().contains(&1));
    });
    assert_eq!(desk.kept(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(desk.commits(), (8, 1));
}

#[test]
fn a_change_that_is_alone_commits_at_once() {
    let desk = Desk::new(LONG);
    for n in 1..=2 {
        desk.make(n);
    }
    assert_eq!((desk.kept(), desk.commits()), (vec![1, 2], (2, 2)));
}

#[test]
fn a_change_that_is_given_up_loses_its_own_part_and_ends_when_the_others_are_kept() {
    let desk = Desk::new(LONG);
    let (first, other) = desk.first_beside(|| {
        let turn = desk.begin();
        assert!(turn.connection().execute("INSERT INTO done VALUES (1)", []).is_err());
        insert(&turn, 2);
        drop(turn);
        assert_eq!(desk.kept(), [1], "what it saw is kept before it answers");
    });
    assert!(first.is_ok() && other.is_ok());
    assert_eq!((desk.kept(), desk.commits()), (vec![1], (1, 1)));
    drop(desk.begin());
    desk.make(3);
    assert_eq!(desk.kept(), [1, 3]);
}

#[test]
fn when_the_engine_undoes_the_transaction_everybody_in_it_is_told() {
    let desk = Desk::new(LONG);
    let (first, other) = desk.first_beside(|| {
        let turn = desk.begin();
        // As the engine does by itself when the disk is full.
        turn.connection().execute_batch("ROLLBACK").unwrap();
    });
    assert!(matches!(first, Err(StoreError::Busy)) && other.is_ok());
    assert_eq!((desk.kept(), desk.commits()), (Vec::<i64>::new(), (0, 0)));
    desk.make(2);
    assert_eq!(desk.kept(), [2]);
}

#[test]
fn after_a_commit_that_fails_everybody_in_it_is_told_and_nobody_begins() {
    let desk = Desk::new(LONG);
    let (first, other) = desk.first_beside(|| {
        let turn = desk.begin();
        turn.connection().execute("INSERT INTO wrong VALUES (99)", []).unwrap();
        assert!(matches!(turn.commit(), Err(StoreError::Engine(_))));
    });
    assert!(matches!(first, Err(StoreError::Engine(_))) && other.is_ok());
    assert!(desk.kept().is_empty());
    let next = desk.writer.begin(Durability::Full, Share::WithOthers);
    assert!(matches!(next, Err(StoreError::Failed)));
}

#[test]
fn what_shares_with_nobody_commits_for_those_before_it_and_then_begins() {
    let desk = Desk::new(LONG);
    let (first, other) = desk.first_beside(|| {
        let turn = desk.writer.begin(Durability::Normal, Share::WithNobody).unwrap();
        assert_eq!(desk.kept(), [1]);
        insert(&turn, 2);
        turn.commit().unwrap();
    });
    assert!(first.is_ok() && other.is_ok());
    assert_eq!((desk.kept(), desk.commits()), (vec![1, 2], (1, 1)));
}

#[test]
fn whoever_waits_too_long_is_refused_and_nothing_is_left_behind() {
    let desk = Desk::new(Duration::from_millis(1));
    let first = desk.begin();
    insert(&first, 1);
    let late = desk.writer.begin(Durability::Full, Share::WithOthers);
    assert!(matches!(late, Err(StoreError::Busy)));
    first.commit().unwrap();
    assert_eq!(desk.kept(), [1]);
}

#[test]
fn a_panic_gives_the_place_to_the_next() {
    let desk = Desk::new(LONG);
    let (first, other) = desk.first_beside(|| {
        let turn = desk.begin();
        insert(&turn, 2);
        panic!("on purpose");
    });
    assert!(first.is_ok() && other.is_err());
    assert_eq!(desk.kept(), [1]);
    drop(desk.begin());
}

#[test]
fn of_many_at_the_same_time_each_that_is_acknowledged_is_there_and_no_other() {
    const WRITERS: i64 = 8;
    const CHANGES: i64 = 100;
    let desk = Desk::new(LONG);
    let n_kept = AtomicU64::new(0);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (desk, n_kept) = (&desk, &n_kept);
            scope.spawn(move || {
                for n in (0..CHANGES).map(|n| writer * CHANGES + n) {
                    let share = if n % 11 == 0 { Share::WithNobody } else { Share::WithOthers };
                    let turn = desk.writer.begin(Durability::Full, share).unwrap();
                    insert(&turn, n);
                    if n % 5 == 0 {
                        drop(turn);
                        continue;
                    }
                    turn.commit().unwrap();
                    n_kept.fetch_add(1, Ordering::Relaxed);
                    assert!(desk.kept().contains(&n));
                }
            });
        }
    });
    let expected: Vec<i64> = (0..WRITERS * CHANGES).filter(|n| n % 5 != 0).collect();
    assert_eq!(desk.kept(), expected);
    let (changes, commits) = desk.commits();
    assert_eq!(changes, n_kept.load(Ordering::Relaxed));
    assert!(commits < changes, "{commits} commits of {changes} changes");
}
