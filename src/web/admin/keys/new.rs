//! The form for a new key, as a page and as the content of a dialog.

use askama::Template;

use super::form::ScopeForm;
use crate::model::account::Account;
use crate::model::scope::{Catalogue, ScopeSet};
use crate::web::admin::fields::Fields;
use crate::web::admin::page::{Choice, FieldErrors, Frame};

/// The page, in words.
#[derive(Template)]
#[template(path = "keys/new.html")]
pub(crate) struct NewKeyPage {
    frame: Frame,
    /// Makes sure that a form that is sent twice makes one key.
    nonce: String,
    name: String,
    expires: Vec<Choice>,
    expires_on: String,
    accounts: Vec<Choice>,
    /// Whether all accounts are in the select; else the account is typed.
    accounts_fit: bool,
    account: String,
    scopes: ScopeForm,
    errors: FieldErrors,
}

/// The choices of *Expires*.
const EXPIRIES: [(&str, &str); 6] = [
    ("never", "Never"),
    ("7d", "In 7 days"),
    ("30d", "In 30 days"),
    ("90d", "In 90 days"),
    ("365d", "In a year"),
    ("date", "On a date…"),
];

/// What the form is made of.
pub(crate) struct NewKeyForm<'a> {
    /// What was typed so far; empty for a new form.
    pub(crate) fields: &'a Fields,
    /// What the rows show.
    pub(crate) scopes: &'a ScopeSet,
    /// What may be granted.
    pub(crate) catalogue: &'a Catalogue,
    /// Whom the key may be issued to.
    pub(crate) accounts: &'a [Account],
    /// Whether these are all the accounts.
    pub(crate) accounts_fit: bool,
    /// What is wrong.
    pub(crate) errors: FieldErrors,
    /// Names this form.
    pub(crate) nonce: String,
}

impl NewKeyPage {
    /// The page with what was typed kept.
    pub(crate) fn new(frame: Frame, form: NewKeyForm<'_>) -> Self {
        let fields = form.fields;
        let mut scopes = ScopeForm::new(form.catalogue, form.scopes);
        scopes.is_open = !form.errors.of("scopes").is_empty() || fields.get("step") == "preset";
        Self {
            frame,
            nonce: form.nonce,
            name: fields.typed("name").to_owned(),
            expires: expiries(fields.filled("expires").unwrap_or("never")),
            expires_on: fields.typed("expires_on").to_owned(),
            accounts: accounts(form.accounts, fields.typed("account")),
            accounts_fit: form.accounts_fit,
            account: fields.typed("account").to_owned(),
            scopes,
            errors: form.errors,
        }
    }
}

fn expiries(current: &str) -> Vec<Choice> {
    EXPIRIES.iter().map(|(value, label)| Choice::new(value, label, *value == current)).collect()
}

fn accounts(accounts: &[Account], current: &str) -> Vec<Choice> {
    let none = Choice::new("", "None", current.is_empty());
    let choice = |account: &Account| {
        let id = account.id.as_str();
        let off = if account.enabled { "" } else { " (disabled)" };
        Choice::new(id, &format!("{}{off}", account.name.as_str()), id == current)
    };
    std::iter::once(none).chain(accounts.iter().map(choice)).collect()
}
