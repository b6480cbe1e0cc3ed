//! Facts about what is counted while it changes instead of when it is asked for.

use keysrv::model::key::KeyCounts;
use keysrv::model::usage::{KeyUsage, LastUse};
use keysrv::store::accounts::AccountSeq;

use super::Engine;
use super::rows::{add_account, add_key, at, default_project, key_id, key_seq, list_accounts, seq};

pub(crate) fn counts_of_keys_and_accounts_follow_every_change(engine: &Engine) {
    let store = engine.open();
    let counts = || {
        let tx = store.read().unwrap();
        assert_eq!(tx.find_damage().unwrap(), Vec::<String>::new());
        let project = tx.get_project(default_project(&*tx)).unwrap();
        let KeyCounts { total, never_used } = tx.count_keys(seq(&*store)).unwrap();
        assert_eq!(project.n_keys, total);
        (total, never_used, project.n_accounts)
    };
    assert_eq!(counts(), (0, 0, 0));
    engine.change(|tx| add_account(tx, "acc_8Qm2LxT0aZr4", "cus_1")).unwrap();
    let account = AccountSeq(list_accounts(&*store)[0].seq);
    engine.change(|tx| {
        add_key(tx, key_id('a'), "a", None).unwrap();
        add_key(tx, key_id('b'), "b", Some(account)).unwrap();
    });
    assert_eq!((counts(), list_accounts(&*store)[0].n_keys), ((2, 2, 1), 1));
    for second in [1, 2] {
        let last_used = Some(LastUse { at: at(second), ip: None });
        let usage = KeyUsage { last_used, ..KeyUsage::default() };
        store.write_usage(&vec![(key_seq(&*store, 'b'), usage)]).unwrap();
        assert_eq!(counts(), (2, 1, 1));
    }
    for letter in ['b', 'a'] {
        let key = key_seq(&*store, letter);
        engine.change(|tx| tx.delete_key(key)).unwrap();
    }
    assert_eq!((counts(), list_accounts(&*store)[0].n_keys), ((0, 0, 1), 0));
    engine.change(|tx| tx.delete_account(account)).unwrap();
    assert_eq!(counts(), (0, 0, 0));
}
