//! The form for a new key, as a page and as the content of a dialog.

use askama::Template;

use super::ends::{self, AS_LIKE};
use super::form::ScopeForm;
use crate::model::account::Account;
use crate::model::expiry::Span;
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
    /// The key that the new one is to be like.
    like: Option<Like>,
    /// "365d": how long a key of this project lives at most; empty for as long as anybody likes.
    longest: String,
}

/// The key that a new one is to be like.
#[derive(Debug, Clone)]
pub(crate) struct Like {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether it ends.
    pub(crate) ends: bool,
}

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
    /// The key that the new one is to be like.
    pub(crate) like: Option<Like>,
    /// How long a key of this project may live.
    pub(crate) longest: Option<Span>,
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
            expires: expiries(fields.filled("expires"), form.longest, form.like.as_ref()),
            longest: form.longest.map(|longest| longest.to_string()).unwrap_or_default(),
            like: form.like,
            expires_on: fields.typed("expires_on").to_owned(),
            accounts: account_choices(form.accounts, fields.typed("account")),
            accounts_fit: form.accounts_fit,
            account: fields.typed("account").to_owned(),
            scopes,
            errors: form.errors.beside(&["name", "account", "expires_at", "scopes"]),
        }
    }
}

fn expiries(current: Option<&str>, longest: Option<Span>, like: Option<&Like>) -> Vec<Choice> {
    let like = like.filter(|like| like.ends).map(|like| (AS_LIKE, format!("As long as {}", like.name)));
    ends::choices(current, longest, like)
}

/// The choices of *Account*.
pub(super) fn account_choices(accounts: &[Account], current: &str) -> Vec<Choice> {
    let none = Choice::new("", "None", current.is_empty());
    let choice = |account: &Account| {
        let id = account.id.as_str();
        let off = if account.enabled { "" } else { " (disabled)" };
        Choice::new(id, &format!("{}{off}", account.name.as_str()), id == current)
    };
    std::iter::once(none).chain(accounts.iter().map(choice)).collect()
}
