//! What can happen to keys and accounts, and to the clock.

use keysrv::model::limit::Mode;
use proptest::prelude::*;

use super::model::Addresses;

/// One thing that happens. A key is the nth of those that there are, an account too.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create { expires_in_hours: Option<i64>, account: Option<usize> },
    Switch { key: usize, enabled: bool },
    Delete(usize),
    Rotate { key: usize, overlap_hours: i64, quiet_hours: Option<i64> },
    EndOld(usize),
    Extend { key: usize, expires_in_hours: Option<i64> },
    Scope { key: usize, is_held: bool },
    Addresses { key: usize, addresses: Addresses, mode: Mode },
    Limits { of: Owner, limits: Limiting },
    Move { key: usize, account: Option<usize> },
    CreateAccount,
    SwitchAccount { account: usize, enabled: bool },
    DeleteAccount(usize),
    MaxLifetime { days: Option<i64> },
    DisableUnused { days: Option<i64> },
    Use { key: usize, token: usize },
    Chores,
    Wait { minutes: i64 },
    Jump { minutes: i64 },
    Restart,
}

/// Whose limits change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    Key(usize),
    Account(usize),
}

/// How they change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limiting {
    Rate(i64),
    RateMode(Mode),
    Quota(Option<i64>),
    QuotaMode(Mode),
    QuotaReset,
}

const DAY_MINUTES: i64 = 24 * 60;

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Enforce), Just(Mode::Watch)]
}

fn owner() -> impl Strategy<Value = Owner> {
    prop_oneof![(0..6_usize).prop_map(Owner::Key), (0..3_usize).prop_map(Owner::Account)]
}

fn limiting() -> impl Strategy<Value = Limiting> {
    prop_oneof![
        3 => (1..4_i64).prop_map(Limiting::Rate),
        1 => mode().prop_map(Limiting::RateMode),
        3 => prop::option::weighted(0.8, 1..4_i64).prop_map(Limiting::Quota),
        1 => mode().prop_map(Limiting::QuotaMode),
        1 => Just(Limiting::QuotaReset),
    ]
}

fn of_keys() -> impl Strategy<Value = Step> {
    let key = || 0..6_usize;
    let account = || prop::option::of(0..3_usize);
    let ends = || prop::option::of(1..48_i64);
    let addresses = prop_oneof![Just(Addresses::Any), Just(Addresses::Ours), Just(Addresses::Elsewhere)];
    let overlap = prop_oneof![Just(0_i64), 1..48_i64];
    prop_oneof![
        4 => (ends(), account()).prop_map(|(expires_in_hours, account)| Step::Create { expires_in_hours, account }),
        3 => (key(), any::<bool>()).prop_map(|(key, enabled)| Step::Switch { key, enabled }),
        1 => key().prop_map(Step::Delete),
        3 => (key(), overlap, prop::option::of(1..12_i64)).prop_map(|(key, overlap_hours, quiet_hours)|
            Step::Rotate { key, overlap_hours, quiet_hours: quiet_hours.filter(|_| overlap_hours > 0) }),
        1 => key().prop_map(Step::EndOld),
        2 => (key(), ends()).prop_map(|(key, expires_in_hours)| Step::Extend { key, expires_in_hours }),
        1 => (key(), any::<bool>()).prop_map(|(key, is_held)| Step::Scope { key, is_held }),
        2 => (key(), addresses, mode()).prop_map(|(key, addresses, mode)| Step::Addresses { key, addresses, mode }),
        2 => (key(), account()).prop_map(|(key, account)| Step::Move { key, account }),
        8 => (key(), 0..2_usize).prop_map(|(key, token)| Step::Use { key, token }),
    ]
}

fn of_the_rest() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (owner(), limiting()).prop_map(|(of, limits)| Step::Limits { of, limits }),
        2 => Just(Step::CreateAccount),
        2 => (0..3_usize, any::<bool>()).prop_map(|(account, enabled)| Step::SwitchAccount { account, enabled }),
        1 => (0..3_usize).prop_map(Step::DeleteAccount),
        1 => prop::option::of(1..30_i64).prop_map(|days| Step::MaxLifetime { days }),
        1 => prop::option::of(15..30_i64).prop_map(|days| Step::DisableUnused { days }),
    ]
}

fn of_time() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..2_000_i64).prop_map(|minutes| Step::Wait { minutes }),
        1 => (DAY_MINUTES..4 * DAY_MINUTES).prop_map(|minutes| Step::Wait { minutes }),
        2 => (-30 * DAY_MINUTES..-1).prop_map(|minutes| Step::Jump { minutes }),
        1 => (1..30 * DAY_MINUTES).prop_map(|minutes| Step::Jump { minutes }),
        2 => Just(Step::Chores),
        1 => Just(Step::Restart),
    ]
}

/// Any of them.
pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![5 => of_keys(), 2 => of_the_rest(), 2 => of_time()]
}
