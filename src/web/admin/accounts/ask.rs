//! The questions before an account is switched off or deleted: its keys stop with it.

use super::BACK_TO_ACCOUNT;
use crate::model::account::Account;
use crate::model::key::Key;
use crate::web::admin::ask::{AskPage, Yes};
use crate::web::admin::page::{Frame, with_query};
use crate::web::admin::when::{counted, grouped};
use crate::web::routes;

/// How many of the keys that are deleted the question names.
pub(super) const NAMED: &str = "5";

/// Asks whether to switch off an account that has keys; comes back to its page or to the table's
/// view `back`.
pub(super) fn ask_disable(frame: Frame, account: &Account, back: String) -> AskPage {
    let project = frame.project.clone();
    let then = "They are refused until you enable the account again; each key’s own switch stays as it is.";
    AskPage {
        question: format!("Disable {}?", account.name.as_str()),
        stake: format!("This stops its {} at once.", counted(account.n_keys, "key")),
        then: vec![then.to_owned()],
        cancel: if back == BACK_TO_ACCOUNT {
            routes::account(&project, &account.id)
        } else {
            with_query(&routes::accounts(&project), &back)
        },
        reason: None,
        instead: None,
        yes: Yes::new("Disable account", routes::account_disable(&project, &account.id))
            .sure()
            .with("back", back),
        frame,
    }
}

/// Asks whether to delete an account, some of whose keys are named.
pub(super) fn ask_delete(frame: Frame, account: &Account, some: &[Key]) -> AskPage {
    let project = frame.project.clone();
    let instead = Yes::new("Disable instead", routes::account_disable(&project, &account.id)).sure();
    AskPage {
        question: format!("Delete {}?", account.name.as_str()),
        stake: stake(account.n_keys, some),
        then: then(account.n_keys).into_iter().map(str::to_owned).collect(),
        cancel: routes::accounts(&project),
        reason: None,
        instead: Some(instead).filter(|_| account.enabled && account.n_keys > 0),
        yes: Yes::new("Delete account", routes::account_delete(&project, &account.id))
            .with("keys", account.n_keys.to_string()),
        frame,
    }
}

fn stake(n_keys: u64, some: &[Key]) -> String {
    if n_keys == 0 {
        return "It has no keys.".to_owned();
    }
    let keys = counted(n_keys, "key");
    if some.is_empty() {
        return format!("This deletes its {keys}.");
    }
    let mut names: Vec<String> = some.iter().map(|key| key.facts.name.to_string()).collect();
    let n_others = n_keys.saturating_sub(names.len() as u64);
    if n_others > 0 {
        names.push(format!("{} more", grouped(n_others)));
    }
    let names = match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    };
    format!("This deletes its {keys}: {names}.")
}

fn then(n_keys: u64) -> Vec<&'static str> {
    let gone = "This can’t be undone: what it was and did stays in the audit log, nothing else does.";
    let stops = "Whoever uses them is refused for good, from the next request on.";
    if n_keys == 0 { vec![gone] } else { vec![stops, gone] }
}
