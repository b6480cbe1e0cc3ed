//! The page that shows a token, once: right after a key was made or rotated.
//!
//! What it shows is taken out of `shown_once` by the request that shows it; a reload finds
//! nothing there and says so.

use askama::Template;

use super::scopes::{self, ScopeWords};
use crate::model::key::{Key, KeyId};
use crate::model::scope::{Catalogue, Scope, ScopeSet};
use crate::web::admin::page::Frame;
use crate::web::routes;

/// The page, in words.
#[derive(Template)]
#[template(path = "keys/token.html")]
pub(crate) struct TokenPage {
    frame: Frame,
    id: KeyId,
    name: String,
    heading: &'static str,
    shown: Option<Shown>,
    /// What happens to the secret before, after a rotation.
    then: String,
    scopes: Vec<ScopeWords>,
}

/// A token and how to try it.
pub(crate) struct Shown {
    token: String,
    /// The address that the command asks.
    address: String,
    /// What a good answer looks like.
    expect: &'static str,
}

impl Shown {
    /// A token of a key with these scopes, tried against the server at `base_url`.
    pub(crate) fn new(token: String, scopes: &ScopeSet, base_url: &str) -> Self {
        let lists_accounts = scopes.iter().map(Scope::as_str).any(|scope| scope == "platform:read");
        let (path, expect) = if lists_accounts {
            (routes::API_ACCOUNTS, "200 with an empty list means that the key works.")
        } else {
            (routes::API_WHOAMI, "200 with this key’s own record means that it works.")
        };
        Self { token, address: format!("{}{path}", base_url.trim_end_matches('/')), expect }
    }
}

impl TokenPage {
    /// The page after `heading`, without a token where it was shown before.
    pub(crate) fn new(frame: Frame, key: &Key, catalogue: &Catalogue, shown: Option<Shown>) -> Self {
        let heading = if shown.is_some() { "Your new key: " } else { "Already shown: " };
        Self {
            id: key.facts.id,
            name: key.facts.name.to_string(),
            scopes: scopes::in_words(&key.facts.scopes, catalogue),
            then: String::new(),
            frame,
            heading,
            shown,
        }
    }

    /// The same page after a rotation, and what becomes of the secret before.
    pub(crate) fn after_rotation(self, then: String) -> Self {
        let heading = if self.shown.is_some() { "New secret of " } else { self.heading };
        Self { heading, then, ..self }
    }
}
