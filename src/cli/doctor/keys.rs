//! Throw-away keys: made for one run, removed when it ends however it ends, and useless after five
//! minutes if even that fails.

use std::cell::{Cell, RefCell};

use ipnet::IpNet;
use jiff::SignedDuration;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::output::note;
use crate::model::key::{Key, KeyId, KeyName, KeyRef, NewKey};
use crate::model::limit::{LimitsChange, RateLimit};
use crate::model::scope::ScopeSet;

const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// The keys of one run.
pub(super) struct Keys<'a> {
    context: &'a Context,
    app: App,
    scopes: ScopeSet,
    made: RefCell<Vec<KeyId>>,
    n_made: Cell<u32>,
}

/// A throw-away key.
pub(super) struct Made {
    pub(super) id: KeyId,
    pub(super) token: String,
}

impl<'a> Keys<'a> {
    /// Keys that hold these scopes.
    pub(super) fn new(context: &'a Context, app: App, scopes: ScopeSet) -> Self {
        Self { context, app, scopes, made: RefCell::default(), n_made: Cell::new(0) }
    }

    /// A key that may do what is tried.
    pub(super) fn good(&self) -> Result<Made, Failure> {
        self.make(|new| new)
    }

    /// A key that may do it once an hour.
    pub(super) fn rare(&self) -> Result<Made, Failure> {
        let rate = RateLimit::parse("1/3600")?;
        self.make(|new| NewKey { limits: LimitsChange { rate: Some(Some(rate)), ..new.limits }, ..new })
    }

    /// A key that may be used from this network alone.
    pub(super) fn bound(&self, network: IpNet) -> Result<Made, Failure> {
        self.make(|new| NewKey { allowed_ips: vec![network], ..new })
    }

    fn make(&self, change: impl FnOnce(NewKey) -> NewKey) -> Result<Made, Failure> {
        self.n_made.set(self.n_made.get() + 1);
        let name = KeyName::parse(&format!("proxy-doctor-{}-{}", std::process::id(), self.n_made.get()))?;
        let expires_at = Some(self.app.now() + LIFETIME);
        let new = NewKey { scopes: Some(self.scopes.clone()), expires_at, ..NewKey::named(name) };
        let made = self.app.create_key(&self.context.who, self.context.project(), &change(new))?;
        self.made.borrow_mut().push(made.key.facts.id);
        Ok(Made { id: made.key.facts.id, token: made.token.expose().to_owned() })
    }

    /// The key as it is now.
    pub(super) fn get(&self, id: &KeyId) -> Result<Key, Failure> {
        Ok(self.app.get_key(&self.context.who, self.context.project(), &KeyRef::from(*id))?)
    }

    /// Switches a key off.
    pub(super) fn disable(&self, id: &KeyId) -> Result<(), Failure> {
        self.app.disable_key(&self.context.who, self.context.project(), &KeyRef::from(*id), None)?;
        Ok(())
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        for id in self.made.borrow().iter() {
            let key = KeyRef::from(*id);
            if let Err(error) = self.app.delete_key(&self.context.who, self.context.project(), &key, None) {
                note(&format!(
                    "the throw-away key `{id}` could not be removed ({error}); it expires in minutes"
                ));
            }
        }
    }
}
