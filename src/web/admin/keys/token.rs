//! The page that shows a token, once: right after a key was made or rotated.
//!
//! What it shows is taken out of `shown_once` by the request that shows it; a reload finds
//! nothing there and says so.

use askama::Template;
use jiff::Timestamp;

use super::scopes::{self, ScopeWords};
use crate::app::keys_create::CreatedKey;
use crate::model::key::{Key, KeyId, KeyRef};
use crate::model::scope::{Catalogue, Scope, ScopeSet};
use crate::web::admin::answer::{Answer, PageResult};
use crate::web::admin::page::{Frame, Place};
use crate::web::admin::visit::Visit;
use crate::web::admin::when::When;
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
            (routes::API_ACCOUNTS, "A list, even an empty one, means that the key works.")
        } else {
            (routes::API_WHOAMI, "The key’s own record means that it works.")
        };
        Self { token, address: format!("{}{path}", base_url.trim_end_matches('/')), expect }
    }
}

/// The page of a token that was just made; a sentence instead when it was shown before.
pub(crate) fn token(visit: &Visit) -> PageResult {
    let (project, id) = (visit.project()?, visit.key_id()?);
    let frame = visit.frame(Place::Keys, &project)?;
    let key = visit.app.get_key(&visit.who(), &project, &KeyRef::from(id))?;
    let catalogue = visit.app.get_catalogue(&visit.who(), &project)?;
    // Taken last: an error before this line leaves the token for the next try. So does an answer
    // without a body, which shows it to nobody.
    let made = if visit.is_head { None } else { visit.shown_once.take(&visit.session, &id, visit.now()) };
    Answer::page(&TokenPage::new(frame, &key, &catalogue, made.as_ref(), visit))
}

impl TokenPage {
    fn new(frame: Frame, key: &Key, catalogue: &Catalogue, made: Option<&CreatedKey>, visit: &Visit) -> Self {
        let scopes = &key.facts.scopes;
        let then = made.map(|made| old_secret(&made.key, visit.now())).unwrap_or_default();
        Self {
            id: key.facts.id,
            name: key.facts.name.to_string(),
            heading: heading(key, made),
            shown: made.map(|made| Shown::new(made.token.expose().to_owned(), scopes, &visit.base_url)),
            then,
            scopes: scopes::in_words(scopes, catalogue),
            frame,
        }
    }
}

/// A key whose newest secret is younger than itself was rotated.
fn heading(key: &Key, made: Option<&CreatedKey>) -> &'static str {
    let is_rotated = |made: &CreatedKey| {
        made.key.secrets.first().is_some_and(|secret| secret.created_at > key.facts.created_at)
    };
    match made {
        None => "Already shown: ",
        Some(made) if is_rotated(made) => "New secret of ",
        Some(_) => "Your new key: ",
    }
}

/// What becomes of the secret before; empty where there was none.
fn old_secret(key: &Key, now: Timestamp) -> String {
    let ends_at = key.secrets.iter().find_map(|secret| secret.ends_at).filter(|at| *at > now);
    ends_at
        .map(|at| format!("The old secret works too, and ends {}.", When::new(at, now).relative))
        .unwrap_or_default()
}
