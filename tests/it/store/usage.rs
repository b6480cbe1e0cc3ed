//! Facts about counts of use: adding, reading, and folding hours into days.

use jiff::Timestamp;
use keysrv::model::code::Code;
use keysrv::model::page::{Limit, PageAfter, PageRequest};
use keysrv::model::usage::{Hour, KeyUsage, LastUse, UsageCount, UsageRange, UsageStep};
use keysrv::store::Store;
use keysrv::store::accounts::AccountSeq;
use keysrv::store::keys::KeySeq;
use keysrv::store::usage::{Fold, FoldPlace, Folded, Settle, UsageOwner};

use super::Engine;
use super::rows::{NO_KEY, add_account, add_key, at, find_key, key_id, key_seq, list_accounts};

const DAY: i64 = 86_400;

/// So many accepted requests at a second.
pub(crate) fn used(second: i64, n: u64) -> KeyUsage {
    let now = at(second);
    KeyUsage {
        counts: vec![(Hour::of(now), Code::Valid, n)],
        last_used: Some(LastUse { at: now, ip: None }),
        ..KeyUsage::default()
    }
}

fn refused(second: i64, n: u64) -> KeyUsage {
    KeyUsage { counts: vec![(Hour::of(at(second)), Code::Disabled, n)], ..KeyUsage::default() }
}

/// All counts between two seconds, read two at a time.
pub(crate) fn list_counts(
    store: &dyn Store,
    owner: UsageOwner,
    step: UsageStep,
    (from, to): (i64, i64),
) -> Vec<UsageCount> {
    let range = UsageRange::new(step, Some(at(from)), Some(at(to)), at(0)).unwrap();
    let (mut counts, mut cursor) = (Vec::new(), None);
    loop {
        let request = PageRequest { limit: Limit::parse("2").unwrap(), cursor };
        let page = PageAfter::new(&request, step.letter()).unwrap();
        let page = store.read().unwrap().list_usage(owner, &range, &page).unwrap();
        counts.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return counts;
        }
    }
}

fn told(counts: &[UsageCount]) -> Vec<(Timestamp, Code, u64)> {
    counts.iter().map(|count| (count.at, count.code, count.count)).collect()
}

fn key(store: &dyn Store, letter: char) -> UsageOwner {
    UsageOwner::Key(key_seq(store, letter))
}

fn add_key_of_account(engine: &Engine) -> AccountSeq {
    engine.change(|tx| add_account(tx, "acc_8Qm2LxT0aZr4", "cus_1")).unwrap();
    let account = AccountSeq(list_accounts(&*engine.open())[0].seq);
    engine.change(|tx| add_key(tx, key_id('a'), "a", Some(account))).unwrap();
    account
}

/// Folds hours before a day, in steps of this size; every other one is lost before it is kept.
pub(crate) fn fold(store: &dyn Store, day: i64, days_before: Hour, rows_max: usize) -> usize {
    let (mut place, mut n_steps) = (Some(FoldPlace::START), 0);
    while let Some(at_place) = place {
        let hours_before = Hour::of(at(day * DAY));
        let fold = Fold { place: at_place, hours_before, days_before, rows_max };
        let mut tx = store.write().unwrap();
        let Folded { next, .. } = tx.fold_usage(&fold).unwrap();
        if n_steps % 2 == 1 {
            tx.commit().unwrap();
            place = next;
        }
        n_steps += 1;
        assert!(n_steps < 1_000, "it never ends");
    }
    n_steps
}

pub(crate) fn counts_add_up_and_keys_that_are_gone_are_passed_over(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    engine.change(|tx| add_key(tx, id, "ci", None)).unwrap();
    for (second, n) in [(10, 2), (20, 3), (3600, 4)] {
        store
            .write_usage(&vec![(NO_KEY, used(second, 1)), (key_seq(&*store, 'a'), used(second, n))])
            .unwrap();
    }
    let counts = |from, to| told(&list_counts(&*store, key(&*store, 'a'), UsageStep::Hour, (from, to)));
    assert_eq!(counts(0, 7200), [(at(0), Code::Valid, 5), (at(3600), Code::Valid, 4)]);
    assert_eq!(counts(3600, 7200), [(at(3600), Code::Valid, 4)]);
    assert_eq!(counts(0, 3600), [(at(0), Code::Valid, 5)]);
    assert_eq!(find_key(&*store, id).unwrap().last_used_at, Some(at(3600)));
}

pub(crate) fn counts_of_an_account_are_those_of_its_keys_at_the_time(engine: &Engine) {
    let (account, store) = (add_key_of_account(engine), engine.open());
    engine.change(|tx| add_key(tx, key_id('b'), "b", Some(account))).unwrap();
    engine.change(|tx| add_key(tx, key_id('c'), "c", None)).unwrap();
    let all = ['a', 'b', 'c'].map(|letter| (key_seq(&*store, letter), used(0, 1)));
    store.write_usage(&all.into()).unwrap();
    let counts = || told(&list_counts(&*store, UsageOwner::Account(account), UsageStep::Hour, (0, DAY)));
    assert_eq!(counts(), [(at(0), Code::Valid, 2)]);
    let gone = key_seq(&*store, 'b');
    engine.change(|tx| tx.delete_key(gone)).unwrap();
    assert_eq!(counts(), [(at(0), Code::Valid, 2)], "what was counted stays");
}

pub(crate) fn pages_of_counts_go_on_where_they_stopped(engine: &Engine) {
    let store = engine.open();
    engine.change(|tx| add_key(tx, key_id('a'), "a", None)).unwrap();
    let seq = key_seq(&*store, 'a');
    for hour in 0..50 {
        store.write_usage(&vec![(seq, used(hour * 3600, 1)), (seq, refused(hour * 3600, 2))]).unwrap();
    }
    let counts = |step| told(&list_counts(&*store, key(&*store, 'a'), step, (0, 3 * DAY)));
    assert_eq!(counts(UsageStep::Hour).len(), 100);
    let days = [(0, 24), (1, 24), (2, 2)];
    let wanted = days.map(|(day, n)| {
        let at = at(day * DAY);
        [(at, Code::Disabled, 2 * n), (at, Code::Valid, n)]
    });
    assert_eq!(counts(UsageStep::Day), wanted.concat());
    fold(&*store, 2, Hour(0), 1_000);
    assert_eq!(counts(UsageStep::Day), wanted.concat());
}

pub(crate) fn folding_in_small_steps_some_of_which_are_lost_changes_no_sum(engine: &Engine) {
    let (account, store) = (add_key_of_account(engine), engine.open());
    engine.change(|tx| add_key(tx, key_id('b'), "b", None)).unwrap();
    for hour in (0..240).step_by(5) {
        let uses = ['a', 'b'].map(|letter| (key_seq(&*store, letter), used(hour * 3600, 3)));
        store.write_usage(&uses.into()).unwrap();
        store.write_usage(&vec![(key_seq(&*store, 'a'), refused(hour * 3600, 1))]).unwrap();
    }
    let owners = [key(&*store, 'a'), key(&*store, 'b'), UsageOwner::Account(account)];
    let counts = |step| owners.map(|owner| told(&list_counts(&*store, owner, step, (0, 10 * DAY))));
    let (days, hours) = (counts(UsageStep::Day), counts(UsageStep::Hour));
    assert!(fold(&*store, 7, Hour(0), 1) > 20, "that was one step");
    assert_eq!(counts(UsageStep::Day), days);
    let young = |counts: &Vec<(Timestamp, Code, u64)>| {
        counts.iter().filter(|(when, _, _)| *when >= at(7 * DAY)).copied().collect::<Vec<_>>()
    };
    assert_eq!(counts(UsageStep::Hour), hours.each_ref().map(young));

    store.write_usage(&vec![(key_seq(&*store, 'a'), used(0, 1))]).unwrap();
    fold(&*store, 7, Hour(0), 1_000);
    let [late, ..] = counts(UsageStep::Day);
    assert_eq!(late[1], (at(0), Code::Valid, days[0][1].2 + 1), "what is written late is added");
    assert_eq!(store.read().unwrap().find_damage().unwrap(), Vec::<String>::new());
}

pub(crate) fn old_days_are_forgotten(engine: &Engine) {
    let (account, store) = (add_key_of_account(engine), engine.open());
    for day in 0..4 {
        store.write_usage(&vec![(key_seq(&*store, 'a'), used(day * DAY, 1))]).unwrap();
    }
    fold(&*store, 3, Hour(0), 1_000);
    fold(&*store, 3, Hour::of(at(2 * DAY)), 1_000);
    for owner in [key(&*store, 'a'), UsageOwner::Account(account)] {
        let counts = list_counts(&*store, owner, UsageStep::Day, (0, 9 * DAY));
        assert_eq!(told(&counts), [(at(2 * DAY), Code::Valid, 1), (at(3 * DAY), Code::Valid, 1)]);
    }
}

pub(crate) fn what_is_noted_counts_once_it_is_settled_and_once_only(engine: &Engine) {
    let (account, store) = (add_key_of_account(engine), engine.open());
    engine.change(|tx| add_key(tx, key_id('b'), "b", None)).unwrap();
    let [a, b] = ['a', 'b'].map(|letter| key_seq(&*store, letter));
    let ip = Some("203.0.113.7".parse().unwrap());
    let accepted = KeyUsage { last_used: Some(LastUse { at: at(30), ip }), ..used(30, 3) };
    let denied = KeyUsage { last_refused: Some((at(31), Code::Disabled)), ..refused(31, 2) };
    for usage in [used(10, 2), accepted, denied, used(3600, 1)] {
        store.note_usage(&vec![(a, usage.clone()), (b, usage), (NO_KEY, used(0, 1))]).unwrap();
    }
    let owners = [key(&*store, 'a'), key(&*store, 'b'), UsageOwner::Account(account)];
    let counts = || owners.map(|owner| told(&list_counts(&*store, owner, UsageStep::Hour, (0, DAY))));
    assert_eq!(counts(), [[], [], []], "that is what settling is for");
    while store.settle_usage(Settle::All, 2).unwrap() > 0 {}
    let all = [(at(0), Code::Disabled, 2), (at(0), Code::Valid, 5), (at(3600), Code::Valid, 1)];
    assert_eq!(counts(), [all, all, all]);
    assert_eq!(store.settle_usage(Settle::All, 9).unwrap(), 0);
    let found = find_key(&*store, key_id('a')).unwrap();
    assert_eq!((found.last_used_at, found.last_used_ip), (Some(at(3600)), None));
    assert_eq!((found.last_refused_at, found.last_refused_code), (Some(at(31)), Some(Code::Disabled)));
}

pub(crate) fn every_key_has_its_share_of_what_is_settled(engine: &Engine) {
    const KEYS: i64 = 31 * 2;
    let store = engine.open();
    // Keys of all shares, none of which needs to be there: what is noted is taken away all the same.
    let uses = |step: i64| (1..=KEYS).map(move |n| (KeySeq(n * step), used(0, 1))).collect();
    for (step, shares) in [(64, 31), (1, 1)] {
        store.note_usage(&uses(step)).unwrap();
        let moved: Vec<_> = (5..5 + 31).map(|n| store.settle_usage(Settle::Share(n), 99).unwrap()).collect();
        assert_eq!(moved.iter().filter(|n| **n > 0).count(), shares, "{moved:?}");
        assert_eq!(moved.iter().sum::<usize>(), usize::try_from(KEYS).unwrap(), "some key has no share");
        assert_eq!(store.settle_usage(Settle::All, 9).unwrap(), 0);
    }
}

pub(crate) fn what_is_noted_stays_with_the_account_that_the_key_was_of(engine: &Engine) {
    let (account, store) = (add_key_of_account(engine), engine.open());
    store.note_usage(&vec![(key_seq(&*store, 'a'), used(0, 4))]).unwrap();
    let gone = key_seq(&*store, 'a');
    engine.change(|tx| tx.delete_key(gone)).unwrap();
    let counts = told(&list_counts(&*store, UsageOwner::Account(account), UsageStep::Hour, (0, DAY)));
    assert_eq!(counts, [(at(0), Code::Valid, 4)]);
}
