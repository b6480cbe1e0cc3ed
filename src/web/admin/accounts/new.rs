//! The form for a new account, and the question before one is switched off.

use askama::Template;

use crate::model::account::{Account, AccountId};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{FieldErrors, Frame, with_query};
use crate::web::admin::when::counted;
use crate::web::routes;

/// The form, in words.
#[derive(Template)]
#[template(path = "accounts/new.html")]
pub(crate) struct NewAccountPage {
    frame: Frame,
    name: String,
    external_id: String,
    errors: FieldErrors,
}

/// Asks whether to switch off an account that has keys.
#[derive(Template)]
#[template(path = "accounts/disable.html")]
pub(crate) struct AskDisableAccount {
    frame: Frame,
    id: AccountId,
    name: String,
    /// "its 3 keys".
    keys: String,
    cancel: String,
    back: String,
}

impl NewAccountPage {
    /// The form with what was typed kept.
    pub(crate) fn new(frame: Frame, fields: &Fields, errors: FieldErrors) -> Self {
        let name = fields.typed("name").to_owned();
        Self {
            frame,
            name,
            external_id: fields.typed("external_id").to_owned(),
            errors: errors.beside(&["name", "external_id"]),
        }
    }
}

impl AskDisableAccount {
    /// The question about this account, which comes back to the table's view `back`.
    pub(crate) fn new(frame: Frame, account: &Account, back: String) -> Self {
        Self {
            id: account.id.clone(),
            name: account.name.as_str().to_owned(),
            keys: format!("its {}", counted(account.n_keys, "key")),
            cancel: with_query(&routes::accounts(&frame.project), &back),
            back,
            frame,
        }
    }
}
