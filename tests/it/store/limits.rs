//! Facts about limits and what has been used of them.

use jiff::Timestamp;
use keysrv::model::account::AccountId;
use keysrv::model::limit::{Limits, LimitsChange, Quota, RateLimit, Watched};
use keysrv::model::usage::{Hour, KeyUsage};
use keysrv::store::accounts::AccountSeq;
use keysrv::store::keys::KeySeq;
use keysrv::store::limits::{LimitOwner, QuotaCount};
use keysrv::store::usage::{Fold, FoldPlace, UsageOwner};

use super::Engine;
use super::rows::{add_account, add_key, at, default_project, find_key, key_id, key_seq, list_accounts};

const ACCOUNT: &str = "acc_8Qm2LxT0aZr4";

fn limits() -> Limits {
    let change = LimitsChange {
        rate: Some(Some(RateLimit::parse("10/60").unwrap())),
        quota: Some(Some(Quota::parse("1000/day").unwrap())),
        ..LimitsChange::default()
    };
    change.apply(&Limits::default(), at(5))
}

fn count(owner: LimitOwner, since: Timestamp, period: &str) -> QuotaCount {
    QuotaCount { owner, since, period: period.to_owned() }
}

pub(crate) fn limits_are_in_the_next_verification(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    engine.change(|tx| {
        add_account(tx, ACCOUNT, "cus_1").unwrap();
        let account = tx.find_account(default_project(&*tx), ACCOUNT).unwrap().unwrap();
        add_key(tx, id, "ci", Some(AccountSeq(account.seq))).unwrap();
    });
    assert_eq!(store.verify_record(&id).unwrap().unwrap().facts.limits, Limits::default());
    let (key, account) = (find_key(&*store, id).unwrap(), list_accounts(&*store).remove(0));
    engine.change(|tx| tx.set_key_limits(KeySeq(key.seq), &limits())).unwrap();
    engine.change(|tx| tx.set_account_limits(AccountSeq(account.seq), &limits())).unwrap();
    let facts = store.verify_record(&id).unwrap().unwrap().facts.clone();
    assert_eq!((facts.limits, facts.account.unwrap().limits), (limits(), limits()));
    assert_eq!(list_accounts(&*store).remove(0).limits, limits());
}

pub(crate) fn what_is_used_of_a_quota_adds_up_and_an_older_count_is_over(engine: &Engine) {
    let store = engine.open();
    engine.change(|tx| {
        add_account(tx, ACCOUNT, "cus_1").unwrap();
        add_key(tx, key_id('a'), "ci", None).unwrap();
    });
    for owner in [LimitOwner::Key(key_id('a')), LimitOwner::Account(AccountId::parse(ACCOUNT).unwrap())] {
        let day = count(owner.clone(), at(5), "2026-11-24");
        let add =
            |count: &QuotaCount, delta| store.write_quotas(&[(count.clone(), delta)]).unwrap().remove(0);
        assert_eq!(store.quota_used(&day).unwrap(), 0);
        assert_eq!((add(&day, 7), add(&day, 2), add(&day, -1)), (Some(7), Some(9), Some(8)));
        assert_eq!(store.quota_used(&day).unwrap(), 8);
        let next_day = count(owner.clone(), at(5), "2026-11-25");
        assert_eq!(add(&next_day, 1), Some(1), "another day starts at nothing");
        let reset = count(owner.clone(), at(6), "2026-11-25");
        assert_eq!((add(&reset, 3), add(&next_day, 1)), (Some(3), None), "what came before a reset is over");
        assert_eq!((store.quota_used(&reset).unwrap(), store.quota_used(&next_day).unwrap()), (3, 0));
    }
    let nobody = count(LimitOwner::Key(key_id('z')), at(5), "2026-11-24");
    assert_eq!(store.write_quotas(&[(nobody, 1)]).unwrap(), [None]);
}

pub(crate) fn what_watched_limits_would_have_refused_is_counted_by_hour(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    engine.change(|tx| {
        add_account(tx, ACCOUNT, "cus_1").unwrap();
        let account = tx.find_account(default_project(&*tx), ACCOUNT).unwrap().unwrap();
        add_key(tx, id, "ci", Some(AccountSeq(account.seq))).unwrap();
    });
    let usage = |second: i64, watched: Watched, n: u64| KeyUsage {
        watched: vec![(Hour::of(at(second)), watched, n)],
        ..KeyUsage::default()
    };
    for (second, watched, n) in
        [(10, Watched::RateLimited, 2), (20, Watched::RateLimited, 3), (3600, Watched::IpDenied, 1)]
    {
        store.write_usage(&vec![(key_seq(&*store, 'a'), usage(second, watched, n))]).unwrap();
    }
    let (key, account) = (find_key(&*store, id).unwrap(), list_accounts(&*store).remove(0));
    let (from, to) = (Hour::of(at(0)), Hour::of(at(7200)));
    let tx = store.read().unwrap();
    let counts = tx.list_watched(KeySeq(key.seq), from, to).unwrap();
    let told: Vec<_> = counts.iter().map(|count| (count.at, count.code, count.count)).collect();
    assert_eq!(told, [(at(0), Watched::RateLimited, 5), (at(3600), Watched::IpDenied, 1)]);
    let owners = [UsageOwner::Key(KeySeq(key.seq)), UsageOwner::Account(AccountSeq(account.seq))];
    let totals = |owner, from, to| {
        let totals = store.read().unwrap().sum_watched(owner, from, to).unwrap();
        totals.iter().map(|total| (total.code, total.count)).collect::<Vec<_>>()
    };
    for owner in owners {
        assert_eq!(totals(owner, from, to), [(Watched::IpDenied, 1), (Watched::RateLimited, 5)]);
        assert_eq!(totals(owner, from, Hour(from.0 + 1)), [(Watched::RateLimited, 5)]);
    }
    drop(tx);
    let (place, hours_before) = (FoldPlace::START, Hour(from.0 + 1));
    let fold = Fold { place, hours_before, days_before: Hour(0), rows_max: 100 };
    let of_accounts = Fold { place: FoldPlace::Accounts(0), ..fold };
    engine.change(|tx| [fold, of_accounts].map(|fold| tx.fold_usage(&fold).unwrap()));
    assert_eq!(store.read().unwrap().list_watched(KeySeq(key.seq), from, to).unwrap().len(), 1);
    for owner in owners {
        assert_eq!(totals(owner, from, to), [(Watched::IpDenied, 1)]);
    }
}
