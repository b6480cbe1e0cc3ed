//! What every engine behind the boundary must do, said once and asked of each.
//!
//! A fact knows only the traits. Another engine is one more `conformance!` with its own way to
//! open a database.

mod counts;
mod facts;
mod facts_of_routes;
mod limits;
mod noted;
mod outcomes;
mod rows;
mod usage;

use std::path::Path;
use std::sync::Arc;

use keysrv::model::project::{Prefix, ProjectName};
use keysrv::store::{self, Store, WriteTx};

use rows::{at, seq};

/// A database of its own and the ways to open it.
pub(crate) struct Engine {
    dir: tempfile::TempDir,
    open: fn(&Path) -> Arc<dyn Store>,
}

impl Engine {
    /// The database as another process would open it.
    pub(crate) fn open(&self) -> Arc<dyn Store> {
        (self.open)(self.dir.path())
    }

    /// Makes a change that is kept.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut dyn WriteTx) -> T) -> T {
        let mut tx = self.open().write().unwrap();
        let changed = change(&mut *tx);
        tx.commit().unwrap();
        changed
    }
}

fn sqlite() -> Engine {
    let dir = tempfile::tempdir().unwrap();
    let mut seed = |tx: &mut dyn WriteTx| {
        tx.insert_project(&ProjectName::default(), &Prefix::default(), at(0)).map(|_| ())
    };
    let store = store::create(dir.path(), &mut seed).unwrap();
    assert!(store.engine().starts_with("SQLite"), "{}", store.engine());
    assert_eq!(store.read().unwrap().find_project_seq(&ProjectName::default()).unwrap(), Some(seq(&*store)));
    Engine { dir, open: |dir| store::open(dir).unwrap() }
}

macro_rules! conformance {
    ($engine:ident: $($room:ident::$fact:ident)*) => {
        mod $engine {
            $(
                #[test]
                fn $fact() {
                    super::$room::$fact(&super::$engine());
                }
            )*
        }
    };
}

conformance! {
    sqlite:
        counts::counts_of_keys_and_accounts_follow_every_change
        facts::a_change_that_is_dropped_keeps_nothing
        facts::a_reader_sees_one_state_and_the_next_reader_the_newest
        facts::a_change_by_another_process_is_in_the_next_verification
        facts::a_writer_waits_for_the_one_before_and_sees_what_it_did
        facts::what_must_be_unique_is_taken_and_says_which_field
        facts_of_routes::the_rules_of_a_keys_project_are_as_they_are_now
        facts_of_routes::rules_that_nobody_changed_are_not_compiled_again
        facts_of_routes::a_rule_is_there_once_in_whatever_spelling_and_goes_with_its_project
        facts::a_record_for_verifying_says_what_the_key_says
        facts::a_deleted_key_leaves_nothing_behind
        facts::a_rotation_keeps_one_older_secret_and_forgets_the_old_ones
        facts::what_still_has_keys_is_not_deleted
        facts::a_catalogue_reads_back_as_it_was_written
        facts::events_come_in_the_order_of_their_numbers
        facts::a_number_of_an_event_is_used_once
        facts::a_user_takes_the_sessions_along
        facts::of_a_users_sessions_the_newest_are_kept
        facts::a_new_database_has_no_damage
        usage::counts_add_up_and_keys_that_are_gone_are_passed_over
        usage::counts_of_an_account_are_those_of_its_keys_at_the_time
        usage::pages_of_counts_go_on_where_they_stopped
        usage::folding_in_small_steps_some_of_which_are_lost_changes_no_sum
        usage::old_days_are_forgotten
        usage::what_is_noted_counts_once_it_is_settled_and_once_only
        usage::every_key_has_its_share_of_what_is_settled
        usage::what_is_noted_stays_with_the_account_that_the_key_was_of
        noted::the_newest_refusals_of_a_key_are_kept
        noted::scopes_that_were_asked_for_keep_their_first_and_last_day
        noted::strangers_of_ever_so_many_networks_take_a_bounded_place
        outcomes::sums_of_a_key_and_of_its_project_survive_folding
        limits::limits_are_in_the_next_verification
        limits::what_is_used_of_a_quota_adds_up_and_an_older_count_is_over
        limits::what_watched_limits_would_have_refused_is_counted_by_hour
}
