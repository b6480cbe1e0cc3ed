//! Facts about sums of counts: what charts show, before and after hours are folded into days.

use keysrv::model::code::Code;
use keysrv::model::outcome::Outcome;
use keysrv::model::usage::{Hour, KeyUsage, UsageRange, UsageStep};
use keysrv::store::projects::ProjectSeq;
use keysrv::store::usage::UsageOwner;

use super::Engine;
use super::rows::{add_key, at, key_id, key_seq};
use super::usage::fold;

const DAY: i64 = 86_400;

fn both(second: i64, accepted: u64, refused: u64) -> KeyUsage {
    let hour = Hour::of(at(second));
    let counts =
        vec![(hour, Code::Valid, accepted), (hour, Code::Disabled, refused), (hour, Code::Expired, refused)];
    KeyUsage { counts, ..KeyUsage::default() }
}

pub(crate) fn sums_of_a_key_and_of_its_project_survive_folding(engine: &Engine) {
    for (letter, name) in [('a', "a"), ('b', "b")] {
        engine.change(|tx| add_key(tx, key_id(letter), name, None)).unwrap();
    }
    let store = engine.open();
    for second in [0, 3600, DAY, 9 * DAY] {
        let uses = [('a', 2, 1), ('b', 10, 0)];
        let uses = uses
            .map(|(letter, accepted, refused)| (key_seq(&*store, letter), both(second, accepted, refused)));
        store.write_usage(&uses.into()).unwrap();
    }
    let (key, project) = (UsageOwner::Key(key_seq(&*store, 'a')), ProjectSeq(1));
    let first = Hour::of(at(0)).0;
    let range = |step| UsageRange { step, from: Hour(first), to: Hour(first + 24 * 8) };
    let sums = |step| {
        let tx = store.read().unwrap();
        (tx.sum_outcomes(key, &range(step)).unwrap(), tx.sum_project(project, &range(step)).unwrap())
    };
    let told_from = |first: i64, sums: &[Outcome]| -> Vec<_> {
        sums.iter().map(|sum| (sum.step - first, sum.accepted, sum.refused)).collect()
    };
    let hours = |sums: &[Outcome]| told_from(first, sums);
    let told = |sums: &[Outcome]| told_from(first / 24, sums);
    let (of_key, of_project) = sums(UsageStep::Hour);
    assert_eq!(hours(&of_key), [(0, 2, 2), (1, 2, 2), (24, 2, 2)]);
    assert_eq!(hours(&of_project), [(0, 12, 2), (1, 12, 2), (24, 12, 2)]);
    let days = sums(UsageStep::Day);
    assert_eq!(told(&days.0), [(0, 4, 4), (1, 2, 2)]);
    assert_eq!(told(&days.1), [(0, 24, 4), (1, 12, 2)]);
    fold(&*store, 1, Hour(0), 1_000);
    assert_eq!(sums(UsageStep::Day), days);
    assert_eq!(hours(&sums(UsageStep::Hour).1), [(24, 12, 2)], "folded hours are no hours any more");
    // What is written late to a day that is folded is added to it.
    store.write_usage(&vec![(key_seq(&*store, 'a'), both(0, 1, 0))]).unwrap();
    assert_eq!(told(&sums(UsageStep::Day).0), [(0, 5, 4), (1, 2, 2)]);
}
