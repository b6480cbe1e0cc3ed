//! Short ways to the rows that facts are about.

use jiff::Timestamp;
use keysrv::model::account::{
    Account, AccountFilter, AccountId, AccountName, ExternalId, Metadata, NewAccount,
};
use keysrv::model::audit::{AuditEvent, AuditTarget};
use keysrv::model::key::{Key, KeyId, KeyName, NewKey};
use keysrv::model::page::{Limit, PageAfter, PageRequest};
use keysrv::model::principal::{Actor, ActorKind};
use keysrv::model::project::{Prefix, ProjectName};
use keysrv::model::scope::ScopeSet;
use keysrv::store::accounts::{ACCOUNT_ORDER, AccountSeq};
use keysrv::store::keys::{KeyRow, KeySeq, Switch};
use keysrv::store::projects::ProjectSeq;
use keysrv::store::secrets::NewSecret;
use keysrv::store::{ReadTx, Result, Store, StoreError, WriteTx};

/// So many seconds after a day begins.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_478_400 + second).unwrap()
}

/// The number of the project `default`.
pub(crate) fn seq(store: &dyn Store) -> ProjectSeq {
    default_project(&*store.read().unwrap())
}

pub(crate) fn default_project(tx: &dyn ReadTx) -> ProjectSeq {
    tx.find_project_seq(&ProjectName::default()).unwrap().unwrap()
}

/// A key id that ends in this letter.
pub(crate) fn key_id(letter: char) -> KeyId {
    KeyId::parse(&format!("8Qm2LxT0aZr{letter}")).unwrap()
}

/// A number that no key has.
pub(crate) const NO_KEY: KeySeq = KeySeq(i64::MAX);

/// The number of the key whose id ends in this letter.
pub(crate) fn key_seq(store: &dyn Store, letter: char) -> KeySeq {
    KeySeq(find_key(store, key_id(letter)).unwrap().seq)
}

/// The hash of a secret, of this byte alone.
pub(crate) fn hash(byte: u8) -> ([u8; 32], &'static str) {
    ([byte; 32], "sha256")
}

pub(crate) fn operator() -> Actor {
    Actor { kind: ActorKind::Operator, id: "test".to_owned(), name: "test".to_owned() }
}

/// Adds a key with two scopes to the project `default`.
pub(crate) fn add_key(
    tx: &mut dyn WriteTx,
    id: KeyId,
    name: &str,
    account: Option<AccountSeq>,
) -> Result<()> {
    let (project, new) = (default_project(&*tx), NewKey::named(KeyName::parse(name).unwrap()));
    let scopes = ScopeSet::parse(["platform:read", "actions:execute"]).unwrap();
    let (prefix, created_by) = (Prefix::default(), operator());
    let row = KeyRow {
        limits: keysrv::model::limit::Limits::default(),
        id,
        prefix: &prefix,
        new: &new,
        scopes: &scopes,
        account,
        expires_at: None,
        created_by: &created_by,
        created_at: at(0),
        secret: hash(1),
    };
    tx.insert_key(project, &row)
}

pub(crate) fn find_key(store: &dyn Store, id: KeyId) -> Option<Key> {
    let tx = store.read().unwrap();
    tx.find_key(default_project(&*tx), &id).unwrap()
}

/// Adds an account; it can be found by its external id.
pub(crate) fn add_account(tx: &mut dyn WriteTx, id: &str, external_id: &str) -> Result<()> {
    let project = default_project(&*tx);
    tx.insert_account(project, &AccountId::parse(id).unwrap(), &new_account(external_id), at(0))
}

pub(crate) fn new_account(external_id: &str) -> NewAccount {
    NewAccount {
        name: AccountName::parse("Acme").unwrap(),
        external_id: Some(ExternalId::parse(external_id).unwrap()),
        metadata: Metadata::default(),
        enabled: true,
        limits: keysrv::model::limit::LimitsChange::default(),
    }
}

pub(crate) fn list_accounts(store: &dyn Store) -> Vec<Account> {
    let page = PageAfter::new(&PageRequest { limit: Limit::max(), cursor: None }, ACCOUNT_ORDER).unwrap();
    store.read().unwrap().list_accounts(seq(store), &AccountFilter::default(), &page).unwrap().items
}

/// A secret that is made at a second, and ends the one before it at another.
pub(crate) fn new_secret(byte: u8, made: i64, ends: i64) -> NewSecret {
    NewSecret {
        prefix: Prefix::default(),
        secret: hash(byte),
        at: at(made),
        ends_at: at(ends),
        quiet: None,
        forget_before: at(made - 100),
    }
}

/// An event with this number.
pub(crate) fn event(n: i64) -> AuditEvent {
    AuditEvent {
        n,
        at: at(n),
        project: Some("default".to_owned()),
        actor: operator(),
        action: "key.disabled".to_owned(),
        target: AuditTarget { kind: "key".to_owned(), id: "8Qm2LxT0aZr4".to_owned(), name: "ci".to_owned() },
        detail: serde_json::json!({ "n": n }),
        account: None,
        hash: [u8::try_from(n).unwrap(); 32],
    }
}

/// Requires that a value is refused for this field.
#[track_caller]
pub(crate) fn taken<T: std::fmt::Debug>(result: Result<T>, field: &str) {
    match result {
        Err(StoreError::Taken(found)) => assert_eq!(found, field),
        other => panic!("{field} should be taken: {other:?}"),
    }
}

/// A key's switch, on or off.
pub(crate) fn switch(enabled: bool) -> Switch<'static> {
    if enabled { Switch::On { at: at(0) } } else { Switch::Off { reason: None } }
}
