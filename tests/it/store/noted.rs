//! Facts about what the pages watch: it is found again, and stays bounded whatever is sent.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;
use keysrv::model::code::Code;
use keysrv::model::noted::{Day, NotedBatch, Refusal, RefusedRequest, StrangerCount};
use keysrv::model::scope::Scope;
use keysrv::model::usage::{Hour, UsageRange, UsageStep};

use super::Engine;
use super::rows::{add_key, at, key_id, key_seq};

pub(crate) fn the_newest_refusals_of_a_key_are_kept(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    engine.change(|tx| add_key(tx, id, "a", None)).unwrap();
    let refusal = |second: i64| Refusal {
        at: at(second),
        code: Code::Disabled,
        ip: Some(IpAddr::from([203, 0, 113, 7])),
        request: (second % 2 == 0)
            .then(|| RefusedRequest { method: "GET".to_owned(), path: "/a".to_owned() }),
    };
    for seconds in [0..8, 8..25] {
        let of = |id| seconds.clone().map(move |second| (id, refusal(second)));
        let refusals = of(id).chain(of(key_id('z'))).collect();
        store.write_noted(&NotedBatch { refusals, ..NotedBatch::default() }).unwrap();
    }
    let key = key_seq(&*store, 'a');
    let told = store.read().unwrap().list_refusals(key).unwrap();
    assert_eq!(told, (15..25).rev().map(refusal).collect::<Vec<_>>());
    engine.change(|tx| tx.delete_key(key)).unwrap();
    assert!(store.read().unwrap().list_refusals(key).unwrap().is_empty());
}

pub(crate) fn scopes_that_were_asked_for_keep_their_first_and_last_day(engine: &Engine) {
    let (store, id) = (engine.open(), key_id('a'));
    engine.change(|tx| add_key(tx, id, "a", None)).unwrap();
    let scope = Scope::parse("keys:read").unwrap();
    for day in [5, 3, 9, 7] {
        let asked = vec![(id, scope.clone(), Day(day)), (key_id('z'), scope.clone(), Day(day))];
        store.write_noted(&NotedBatch { asked, ..NotedBatch::default() }).unwrap();
    }
    let key = key_seq(&*store, 'a');
    let told = store.read().unwrap().list_asked(key).unwrap();
    let days: Vec<_> = told.iter().map(|one| (one.scope.as_str(), one.first, one.last)).collect();
    assert_eq!(days, [("keys:read", Day(3), Day(9))]);
}

pub(crate) fn strangers_of_ever_so_many_networks_take_a_bounded_place(engine: &Engine) {
    let store = engine.open();
    let one = |hour: i64, n: u32, count: u64| StrangerCount {
        hour: Hour(hour),
        network: Some(IpNet::new(Ipv4Addr::from_bits(n << 8).into(), 24).unwrap()),
        code: Code::NotFound,
        count,
    };
    let strangers = (0..300).map(|n| one(1_000, n, 1)).chain([one(1_000, 7, 50), one(1_001, 7, 1)]).collect();
    store.write_noted(&NotedBatch { strangers, ..NotedBatch::default() }).unwrap();
    let range = UsageRange { step: UsageStep::Hour, from: Hour(0), to: Hour(2_000) };
    let tx = store.read().unwrap();
    let sums = tx.sum_strangers(&range).unwrap();
    assert_eq!(
        sums.iter().map(|sum| (sum.step, sum.refused)).collect::<Vec<_>>(),
        [(1_000, 350), (1_001, 1)]
    );
    let told = tx.list_strangers(&range, 2).unwrap();
    let networks: Vec<_> =
        told.iter().map(|one| (one.network.map(|net| net.to_string()), one.count)).collect();
    assert_eq!(networks, [(None, 100), (Some("0.0.7.0/24".to_owned()), 52)]);
    drop(tx);
    let strangers = vec![one(1_000 + 31 * 24, 1, 1)];
    store.write_noted(&NotedBatch { strangers, ..NotedBatch::default() }).unwrap();
    assert_eq!(store.read().unwrap().sum_strangers(&range).unwrap().len(), 1, "a month later they are gone");
}
