//! Lines and tallies by themselves; what readers see of them is in `tests/it/app/usage`.

use super::*;
use crate::app::key_cache::record;
use crate::store::StoreError;

fn used(at_ms: i64, code: Code) -> Use {
    Use { at: Timestamp::from_millisecond(at_ms).unwrap(), code, ip: None, secret: None, watched: [None; 5] }
}

fn with_secret(at_ms: i64, code: Code) -> Use {
    Use { secret: Some(1), ..used(at_ms, code) }
}

/// What a flush would write.
fn flush(usage: &Usage) -> UsageBatch {
    let written = Mutex::new(UsageBatch::new());
    let write = |batch: &UsageBatch| {
        lock(&written).extend(batch.iter().cloned());
        Ok(())
    };
    usage.write(write).unwrap();
    written.into_inner().unwrap()
}

fn fail(usage: &Usage) {
    usage.write(|_| Err(StoreError::Busy)).unwrap_err();
}

/// The counts of the one key that was used.
fn counts(batch: UsageBatch) -> Vec<(Hour, Code, u64)> {
    let [(_, usage)] = <[_; 1]>::try_from(batch).unwrap();
    usage.counts
}

#[test]
fn what_a_failed_flush_gives_back_is_not_lost() {
    let (usage, record) = (Usage::default(), record(1));
    usage.note(&record, &with_secret(1, Code::Valid));
    usage
        .write(|_| {
            usage.note(&record, &with_secret(2, Code::Valid));
            usage.note(&record, &with_secret(3, Code::Disabled));
            Err(StoreError::Busy)
        })
        .unwrap_err();
    let (_, all) = flush(&usage).pop().unwrap();
    assert_eq!(all.counts, [(Hour(0), Code::Valid, 2), (Hour(0), Code::Disabled, 1)]);
    assert_eq!(all.last_used.unwrap().at.as_millisecond(), 2);
    assert_eq!(all.secrets.iter().map(|secret| (secret.n, secret.count)).collect::<Vec<_>>(), [(1, 3)]);
    assert_eq!(all.secrets[0].seen.at.as_millisecond(), 3);
    assert_eq!(all.secrets[0].used_at.unwrap().as_millisecond(), 2);
}

#[test]
fn usual_uses_and_others_of_several_hours_are_counted_together() {
    let (usage, record) = (Usage::default(), record(1));
    let hour_ms = 3_600_000;
    for one in [
        used(1, Code::Valid),
        with_secret(2, Code::Valid),
        used(3, Code::Valid),
        used(hour_ms, Code::Valid),
        used(hour_ms + 1, Code::Expired),
        used(hour_ms + 2, Code::Valid),
    ] {
        usage.note(&record, &one);
    }
    let (_, all) = flush(&usage).pop().unwrap();
    let (first, second) = ((Hour(0), Code::Valid, 3), (Hour(1), Code::Valid, 2));
    assert_eq!(all.counts, [first, (Hour(1), Code::Expired, 1), second]);
    assert_eq!(all.last_used.unwrap().at.as_millisecond(), hour_ms + 2);
    assert_eq!(all.last_refused.unwrap().0.as_millisecond(), hour_ms + 1);
    assert!(flush(&usage).is_empty());
}

#[test]
fn a_record_that_leaves_memory_takes_no_use_with_it_and_a_key_waits_once() {
    let usage = Usage::default();
    for at_ms in 0..3 {
        usage.note(&record(7), &used(at_ms, Code::Valid));
        fail(&usage);
        assert_eq!(usage.n_waiting(), 1);
    }
    usage.note(&record(7), &used(3, Code::Valid));
    let batch = flush(&usage);
    assert_eq!(batch[0].1.last_used.unwrap().at.as_millisecond(), 3);
    assert_eq!(counts(batch), [(Hour(0), Code::Valid, 4)]);
}

#[test]
fn what_follows_a_part_that_cannot_be_written_waits_on() {
    let usage = Usage::default();
    let n_keys = 2 * NOTED_AT_ONCE + 7;
    (0..n_keys).for_each(|n| usage.note(&record(n), &used(1, Code::Valid)));
    let n_parts = AtomicU64::new(0);
    let second_fails = |_: &UsageBatch| match n_parts.fetch_add(1, Ordering::Relaxed) {
        0 => Ok(()),
        _ => Err(StoreError::Busy),
    };
    usage.write(second_fails).unwrap_err();
    assert_eq!(usage.n_waiting(), n_keys - NOTED_AT_ONCE);
    let rest = flush(&usage);
    assert_eq!(rest.len(), n_keys - NOTED_AT_ONCE);
    assert!(rest.is_sorted_by_key(|(key, _)| *key));
    assert_eq!(usage.n_dropped(), 0);
}

#[test]
fn what_a_flush_that_panics_has_not_come_to_is_written_by_the_next() {
    let usage = Usage::default();
    let n_keys = NOTED_AT_ONCE + 7;
    (0..n_keys).for_each(|n| usage.note(&record(n), &used(1, Code::Valid)));
    let flush_panics = || usage.write(|_| panic!("in the first part"));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(flush_panics)).unwrap_err();
    assert_eq!(flush(&usage).len(), 7);
}

#[test]
fn uses_of_keys_for_which_there_is_no_room_are_told_and_those_of_others_go_on() {
    let (usage, known, further) = (Usage::default(), record(1), record(1));
    usage.note(&known, &used(1, Code::Valid));
    // The same key, so that both stand in one line.
    let one = Arc::new(Tally::default());
    usage.line(known.seq).resize(KEYS_MAX / LINES, (known.seq, one));
    usage.note(&further, &used(2, Code::Valid));
    usage.note(&known, &used(3, Code::Valid));
    assert_eq!(usage.n_dropped(), 1);
    assert_eq!(counts(flush(&usage)), [(Hour(0), Code::Valid, 2)]);
}

#[test]
fn no_use_is_lost_or_doubled_while_many_note_and_flushes_fail_and_succeed() {
    const USES: u64 = 20_000;
    let (usage, records, n_written) = (Usage::default(), [1, 2, 3].map(record), AtomicU64::new(0));
    let sum = |batch: &UsageBatch| batch.iter().flat_map(|(_, one)| &one.counts).map(|(_, _, n)| n).sum();
    let write = |batch: &UsageBatch| {
        n_written.fetch_add(sum(batch), Ordering::Relaxed);
        Ok(())
    };
    std::thread::scope(|scope| {
        let notes = [0, 1].map(|thread: u64| {
            let (usage, records) = (&usage, &records);
            scope.spawn(move || {
                for n in 0..USES {
                    let code = if n % 5 == 0 { Code::Expired } else { Code::Valid };
                    let at = usize::try_from(n + thread).unwrap() % records.len();
                    usage.note(&records[at], &used(1, code));
                }
            })
        });
        while !notes.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            usage.write(write).unwrap();
            let _given_back = usage.write(|_| Err(StoreError::Busy));
        }
    });
    usage.write(write).unwrap();
    assert_eq!(n_written.into_inner(), 2 * USES);
}
