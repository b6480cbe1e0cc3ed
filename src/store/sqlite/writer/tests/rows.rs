//! The same of rows, whose changes one thread makes: what becomes of those beside one that is given up.

use super::*;

/// One change of a row.
fn run(desk: &Desk, row: &mut Row, n: i64) {
    row.run(&mut || desk.make(n));
}

#[test]
fn changes_of_a_row_share_a_commit_which_its_end_waits_for() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    for n in 1..=3 {
        run(&desk, &mut row, n);
    }
    assert!(desk.kept().is_empty());
    assert!(matches!(row.end()[..], [Ok(()), Ok(()), Ok(())]));
    assert_eq!((desk.kept(), desk.commits()), (vec![1, 2, 3], (3, 1)));
    desk.make(4);
    assert_eq!(desk.kept(), [1, 2, 3, 4]);
}

#[test]
fn a_change_of_a_row_that_is_given_up_before_it_wrote_keeps_those_before_it() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    run(&desk, &mut row, 1);
    row.run(&mut || {
        let turn = desk.begin();
        assert!(turn.connection().execute("INSERT INTO done VALUES (1)", []).is_err());
    });
    assert_eq!(desk.kept(), [1], "what it saw is kept before it answers");
    run(&desk, &mut row, 3);
    assert!(matches!(row.end()[..], [Ok(()), Ok(()), Ok(())]));
    assert_eq!(desk.kept(), [1, 3]);
}

#[test]
fn a_change_of_a_row_that_is_given_up_after_it_wrote_undoes_those_before_it_and_they_are_told() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    for n in 1..=2 {
        run(&desk, &mut row, n);
    }
    row.run(&mut || insert(&desk.begin(), 3));
    run(&desk, &mut row, 4);
    assert!(matches!(row.end()[..], [Err(StoreError::Busy), Err(StoreError::Busy), Ok(()), Ok(())]));
    assert_eq!((desk.kept(), desk.commits()), (vec![4], (1, 1)));
}

#[test]
fn a_change_of_a_row_that_is_given_up_takes_no_change_along_that_is_not_of_the_row() {
    let desk = Desk::new(LONG);
    let (first, other) = desk.first_beside(|| {
        let mut row = Row::new(&desk.writer);
        row.run(&mut || insert(&desk.begin(), 2));
        run(&desk, &mut row, 3);
        assert!(matches!(row.end()[..], [Ok(()), Ok(())]));
    });
    assert!(first.is_ok() && other.is_ok());
    assert_eq!(desk.kept(), [1, 3]);
}

#[test]
fn a_row_whose_transaction_went_on_is_not_undone_by_who_has_it_then() {
    let desk = Desk::new(LONG);
    thread::scope(|scope| {
        let mut row = Row::new(&desk.writer);
        run(&desk, &mut row, 1);
        let other = scope.spawn(|| insert(&desk.begin(), 2));
        desk.wait_for_waiting(1);
        assert!(matches!(row.end()[..], [Ok(())]));
        other.join().unwrap();
    });
    assert_eq!(desk.kept(), [1]);
}

#[test]
fn when_the_engine_undoes_a_transaction_of_a_row_those_in_it_are_told_and_no_others() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    run(&desk, &mut row, 1);
    row.run(&mut || {
        let turn = desk.begin();
        turn.connection().execute_batch("ROLLBACK").unwrap();
        assert!(matches!(turn.commit(), Err(StoreError::Busy)));
    });
    run(&desk, &mut row, 3);
    assert!(matches!(row.end()[..], [Err(StoreError::Busy), Ok(()), Ok(())]));
    assert_eq!(desk.kept(), [3]);
}

#[test]
fn when_the_commit_of_a_row_fails_all_in_it_are_told_and_nobody_begins() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    run(&desk, &mut row, 1);
    row.run(&mut || {
        let turn = desk.begin();
        turn.connection().execute("INSERT INTO wrong VALUES (99)", []).unwrap();
        turn.commit().unwrap();
    });
    assert!(matches!(row.end()[..], [Err(StoreError::Engine(_)), Err(StoreError::Engine(_))]));
    assert!(desk.kept().is_empty());
    let next = desk.writer.begin(Durability::Full, Share::WithOthers);
    assert!(matches!(next, Err(StoreError::Failed)));
}

#[test]
fn a_row_leaves_its_transaction_to_those_who_wait() {
    let desk = Desk::new(LONG);
    thread::scope(|scope| {
        let mut row = Row::new(&desk.writer);
        run(&desk, &mut row, 1);
        let other = scope.spawn(|| {
            desk.make(2);
        });
        desk.wait_for_waiting(1);
        assert!(matches!(row.end()[..], [Ok(())]));
        assert!(desk.kept().contains(&1));
        other.join().unwrap();
    });
    assert_eq!((desk.kept(), desk.commits()), (vec![1, 2], (2, 1)));
}

#[test]
fn what_shares_with_nobody_in_a_row_commits_for_those_before_it_and_keeps_itself() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    run(&desk, &mut row, 1);
    row.run(&mut || {
        let turn = desk.writer.begin(Durability::Normal, Share::WithNobody).unwrap();
        assert_eq!(desk.kept(), [1]);
        insert(&turn, 2);
        turn.commit().unwrap();
        assert_eq!(desk.kept(), [1, 2]);
    });
    assert!(matches!(row.end()[..], [Ok(()), Ok(())]));
    assert_eq!(desk.commits(), (1, 1));
}

#[test]
fn after_a_panic_in_a_row_the_thread_is_in_no_row_any_more() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    run(&desk, &mut row, 1);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        row.run(&mut || {
            insert(&desk.begin(), 2);
            panic!("on purpose");
        });
    }));
    assert!(panicked.is_err());
    desk.make(3);
    assert_eq!(desk.kept(), [3]);
}

#[test]
fn a_row_that_is_dropped_commits() {
    let desk = Desk::new(LONG);
    let mut row = Row::new(&desk.writer);
    run(&desk, &mut row, 1);
    drop(row);
    assert_eq!(desk.kept(), [1]);
}
