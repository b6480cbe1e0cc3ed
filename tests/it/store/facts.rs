//! The facts. Each gets an engine with the project `default` and nothing else.

use keysrv::model::account::NewAccount;
use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::scope::{Catalogue, Holders, Scope};
use keysrv::model::usage::UsageStep;
use keysrv::model::user::{Role, UserName};
use keysrv::store::StoreError;
use keysrv::store::accounts::AccountSeq;
use keysrv::store::audit::AuditHead;
use keysrv::store::keys::KeySeq;
use keysrv::store::usage::UsageOwner;

use super::Engine;
use super::rows::{
    add_account, add_key, at, default_project, event, find_key, hash, key_id, key_seq, list_accounts,
    new_account, new_secret, seq, switch, taken,
};

use super::usage::{list_counts, used};

pub(crate) fn a_change_that_is_dropped_keeps_nothing(engine: &Engine) {
    let store = engine.open();
    let mut tx = store.write().unwrap();
    add_key(&mut *tx, key_id('a'), "ci", None).unwrap();
    assert!(tx.has_key_id(&key_id('a')).unwrap(), "a writer sees its own change");
    drop(tx);
    assert_eq!(find_key(&*store, key_id('a')), None);
    assert!(!store.has_failed());
}

pub(crate) fn a_reader_sees_one_state_and_the_next_reader_the_newest(engine: &Engine) {
    let store = engine.open();
    let reader = store.read().unwrap();
    let project = default_project(&*reader);
    engine.change(|tx| add_key(tx, key_id('a'), "ci", None)).unwrap();
    assert_eq!(reader.find_key(project, &key_id('a')).unwrap(), None);
    drop(reader);
    assert!(find_key(&*store, key_id('a')).is_some());
}

pub(crate) fn a_change_by_another_process_is_in_the_next_verification(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    assert_eq!(store.verify_record(&id).unwrap(), None);
    engine.change(|tx| add_key(tx, id, "ci", None)).unwrap();
    let key = key_seq(&*store, 'a');
    for enabled in [false, true, false, true] {
        engine.change(|tx| tx.switch_key(key, &switch(enabled))).unwrap();
        assert_eq!(store.verify_record(&id).unwrap().unwrap().facts.enabled, enabled);
    }
    engine.change(|tx| tx.delete_key(key)).unwrap();
    assert_eq!(store.verify_record(&id).unwrap(), None);
}

pub(crate) fn a_writer_waits_for_the_one_before_and_sees_what_it_did(engine: &Engine) {
    let (first, second) = (engine.open(), engine.open());
    let mut tx = first.write().unwrap();
    add_key(&mut *tx, key_id('a'), "ci", None).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || second.write().unwrap().has_key_id(&key_id('a')).unwrap());
        tx.commit().unwrap();
        assert!(waiting.join().unwrap());
    });
}

pub(crate) fn what_must_be_unique_is_taken_and_says_which_field(engine: &Engine) {
    let anna = UserName::parse("anna").unwrap();
    engine.change(|tx| {
        add_key(tx, key_id('a'), "ci", None).unwrap();
        add_account(tx, "acc_8Qm2LxT0aZr4", "cus_1").unwrap();
        tx.insert_user(&anna, Role::Admin, "hash", at(0)).unwrap();
    });
    let store = engine.open();
    let mut tx = store.write().unwrap();
    taken(add_key(&mut *tx, key_id('b'), "ci", None), "name");
    taken(add_account(&mut *tx, "acc_8Qm2LxT0aZr5", "cus_1"), "external_id");
    taken(tx.insert_user(&anna, Role::Viewer, "hash", at(0)), "user");
    taken(tx.insert_project(&ProjectName::default(), &Prefix::default(), at(0)), "name");
    let same_id = add_key(&mut *tx, key_id('a'), "other", None).unwrap_err();
    assert!(!matches!(same_id, StoreError::Taken(_)), "nobody chose the id: {same_id}");
}

pub(crate) fn a_record_for_verifying_says_what_the_key_says(engine: &Engine) {
    let id = key_id('a');
    engine.change(|tx| add_account(tx, "acc_8Qm2LxT0aZr4", "cus_1")).unwrap();
    let store = engine.open();
    let account = AccountSeq(list_accounts(&*store)[0].seq);
    engine.change(|tx| add_key(tx, id, "ci", Some(account))).unwrap();
    let off = NewAccount { enabled: false, ..new_account("cus_1") };
    engine.change(|tx| tx.update_account(account, &off)).unwrap();
    let (record, key) = (store.verify_record(&id).unwrap().unwrap(), find_key(&*store, id).unwrap());
    assert_eq!(record.facts, key.facts);
    assert_eq!(record.facts.account.as_ref().map(|account| account.enabled), Some(false));
    assert_eq!(record.secrets.len(), 1);
    assert_eq!(
        (record.secrets[0].n, record.secrets[0].hash, record.secrets[0].ends_at),
        (1, hash(1).0, None)
    );
    let tx = store.read().unwrap();
    assert_eq!(tx.find_verify_record(&id).unwrap(), Some((*record).clone()));
    assert_eq!(tx.scan_keys(KeySeq(0), 10).unwrap(), [(KeySeq(key.seq), (*record).clone())]);
    assert_eq!(tx.list_account_key_ids(account).unwrap(), [id]);
}

pub(crate) fn a_deleted_key_leaves_nothing_behind(engine: &Engine) {
    let (store, scope) = (engine.open(), Scope::parse("actions:execute").unwrap());
    let project = seq(&*store);
    let holders = || store.read().unwrap().count_keys_with_scope(project, &scope).unwrap();
    engine.change(|tx| add_key(tx, key_id('a'), "ci", None)).unwrap();
    assert_eq!(holders(), Holders::counted(1));
    let key = key_seq(&*store, 'a');
    store.write_usage(&vec![(key, used(0, 1))]).unwrap();
    engine.change(|tx| tx.delete_key(key)).unwrap();
    assert!(holders().is_none());
    engine.change(|tx| add_key(tx, key_id('a'), "ci", None)).unwrap();
    let again = find_key(&*store, key_id('a')).unwrap();
    let counts = list_counts(&*store, UsageOwner::Key(KeySeq(again.seq)), UsageStep::Hour, (0, 9999));
    assert_eq!((counts, again.last_used_at, again.secrets.len()), (vec![], None, 1));
}

pub(crate) fn a_rotation_keeps_one_older_secret_and_forgets_the_old_ones(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    engine.change(|tx| add_key(tx, id, "ci", None)).unwrap();
    let key = key_seq(&*store, 'a');
    let secrets = || {
        let mut secrets = store.verify_record(&id).unwrap().unwrap().secrets.clone();
        secrets.sort_by_key(|secret| secret.n);
        secrets.into_iter().map(|secret| (secret.hash[0], secret.ends_at)).collect::<Vec<_>>()
    };
    engine.change(|tx| tx.replace_secret(key, &new_secret(2, 10, 50))).unwrap();
    assert_eq!(secrets(), [(1, Some(at(50))), (2, None)]);
    engine.change(|tx| tx.replace_secret(key, &new_secret(3, 20, 90))).unwrap();
    assert_eq!(secrets(), [(1, Some(at(20))), (2, Some(at(90))), (3, None)]);
    engine.change(|tx| tx.replace_secret(key, &new_secret(4, 150, 150))).unwrap();
    assert_eq!(secrets(), [(2, Some(at(90))), (3, Some(at(150))), (4, None)]);
}

pub(crate) fn what_still_has_keys_is_not_deleted(engine: &Engine) {
    engine.change(|tx| add_account(tx, "acc_8Qm2LxT0aZr4", "cus_1")).unwrap();
    let store = engine.open();
    let account = AccountSeq(list_accounts(&*store)[0].seq);
    engine.change(|tx| add_key(tx, key_id('a'), "ci", Some(account))).unwrap();
    let mut tx = store.write().unwrap();
    assert!(tx.delete_account(account).is_err());
    assert!(tx.delete_project(seq(&*store)).is_err());
    drop(tx);
    assert_eq!(list_accounts(&*store)[0].n_keys, 1);
    let key = key_seq(&*store, 'a');
    engine.change(|tx| {
        tx.delete_key(key).unwrap();
        tx.delete_account(account).unwrap();
        tx.delete_project(default_project(&*tx)).unwrap();
    });
    assert_eq!(store.read().unwrap().list_project_names().unwrap(), []);
}

pub(crate) fn a_catalogue_reads_back_as_it_was_written(engine: &Engine) {
    let store = engine.open();
    for catalogue in [Catalogue::example(), Catalogue::empty(), Catalogue::example()] {
        engine.change(|tx| tx.replace_catalogue(default_project(&*tx), &catalogue)).unwrap();
        let (tx, project) = (store.read().unwrap(), seq(&*store));
        assert_eq!(tx.get_catalogue(project).unwrap(), catalogue);
        assert_eq!(tx.default_scopes(project).unwrap(), catalogue.defaults());
        for scope in Catalogue::example().scopes().map(|detail| &detail.scope) {
            let is_there = catalogue.scopes().any(|detail| detail.scope == *scope);
            assert_eq!(tx.has_scope(project, scope).unwrap(), is_there);
        }
    }
}

pub(crate) fn events_come_in_the_order_of_their_numbers(engine: &Engine) {
    let store = engine.open();
    assert_eq!(store.read().unwrap().audit_head().unwrap(), None);
    for n in 1..=5 {
        engine.change(|tx| tx.append_audit(&event(n))).unwrap();
    }
    let tx = store.read().unwrap();
    let head = AuditHead { n: 5, at: event(5).at, hash: [5; 32] };
    assert_eq!(tx.audit_head().unwrap(), Some(head));
    assert_eq!(tx.scan_audit(0, 2).unwrap(), [event(1), event(2)]);
    assert_eq!(tx.scan_audit(3, 9).unwrap(), [event(4), event(5)]);
}

pub(crate) fn a_number_of_an_event_is_used_once(engine: &Engine) {
    engine.change(|tx| tx.append_audit(&event(1))).unwrap();
    let store = engine.open();
    assert!(store.write().unwrap().append_audit(&event(1)).is_err());
    assert_eq!(store.read().unwrap().scan_audit(0, 9).unwrap(), [event(1)]);
}

pub(crate) fn a_user_takes_the_sessions_along(engine: &Engine) {
    let store = engine.open();
    let anna = UserName::parse("anna").unwrap();
    let id = engine.change(|tx| tx.insert_user(&anna, Role::Admin, "hash", at(0))).unwrap();
    engine.change(|tx| tx.insert_session(&[1; 32], id, at(1))).unwrap();
    let session = store.read().unwrap().find_session(&[1; 32]).unwrap().unwrap();
    assert_eq!((session.user_name, session.role, session.last_seen_at), (anna.clone(), Role::Admin, at(1)));
    engine.change(|tx| tx.set_user_role(id, Role::Viewer)).unwrap();
    assert_eq!(store.read().unwrap().find_session(&[1; 32]).unwrap().unwrap().role, Role::Viewer);
    engine.change(|tx| tx.delete_user(id)).unwrap();
    assert_eq!(store.read().unwrap().find_session(&[1; 32]).unwrap(), None);
    assert_eq!(store.read().unwrap().find_user(&anna).unwrap(), None);
}

pub(crate) fn of_a_users_sessions_the_newest_are_kept(engine: &Engine) {
    let (store, names) = (engine.open(), ["anna", "ben"].map(|name| UserName::parse(name).unwrap()));
    let [anna, ben] =
        names.map(|name| engine.change(|tx| tx.insert_user(&name, Role::Admin, "hash", at(0))).unwrap());
    engine.change(|tx| {
        for n in 1..=4 {
            tx.insert_session(&[n; 32], anna, at(i64::from(n))).unwrap();
        }
        tx.insert_session(&[9; 32], ben, at(0)).unwrap();
    });
    let left = || {
        let tx = store.read().unwrap();
        [1, 2, 3, 4, 9]
            .into_iter()
            .filter(|n| tx.find_session(&[*n; 32]).unwrap().is_some())
            .collect::<Vec<u8>>()
    };
    engine.change(|tx| tx.delete_user_sessions(anna, 2)).unwrap();
    assert_eq!(left(), [3, 4, 9]);
    engine.change(|tx| tx.set_session_seen(&[3; 32], at(10))).unwrap();
    engine.change(|tx| tx.delete_sessions(Some(at(5)))).unwrap();
    assert_eq!(left(), [3]);
    engine.change(|tx| tx.delete_sessions(None)).unwrap();
    assert_eq!(left(), Vec::<u8>::new());
}

pub(crate) fn a_new_database_has_no_damage(engine: &Engine) {
    engine.change(|tx| add_key(tx, key_id('a'), "ci", None)).unwrap();
    let store = engine.open();
    let tx = store.read().unwrap();
    assert_eq!(tx.find_damage().unwrap(), Vec::<String>::new());
    assert!(tx.schema_version().unwrap() >= 1);
}
